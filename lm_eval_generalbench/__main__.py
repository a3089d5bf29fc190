"""`python -m lm_eval_generalbench` is the command `generalbench`."""

import sys

from lm_eval_generalbench.cli import main

if __name__ == "__main__":
    sys.exit(main())
