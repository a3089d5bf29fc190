"""Networks that features come from, a module each; `metrics/features.py` says what one has to hold."""
