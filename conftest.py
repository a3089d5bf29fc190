"""Which modules of the package have no doctests to collect."""

import importlib.util

if importlib.util.find_spec("torch") is None:  # the networks of metrics are torch's
    collect_ignore_glob = ["lm_eval_generalbench/metrics/networks/*"]
