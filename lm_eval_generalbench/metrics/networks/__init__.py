"""Networks that features come from, a module each; `metrics/backbones.py` says what one has to hold."""
