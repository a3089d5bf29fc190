"""Everything that knows lm_eval, models aside."""
