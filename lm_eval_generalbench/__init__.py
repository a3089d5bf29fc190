"""General-Bench tasks and General-Level scores for lm-evaluation-harness."""

__version__ = "0.4.0"
