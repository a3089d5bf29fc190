"""Models that need no weights. Importing this package registers them with the harness."""

from lm_eval_generalbench.models.naive import Naive
from lm_eval_generalbench.models.oracle import Oracle
from lm_eval_generalbench.models.replay import Replay

__all__ = ["Naive", "Oracle", "Replay"]
