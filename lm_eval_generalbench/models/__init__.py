"""Models that need no weights. Importing this package registers them with the harness."""

import lm_eval.models  # noqa: F401  first: the harness fills its registry only while that is empty

from lm_eval_generalbench.models.naive import Naive
from lm_eval_generalbench.models.oracle import Oracle
from lm_eval_generalbench.models.replay import Replay

__all__ = ["Naive", "Oracle", "Replay"]
