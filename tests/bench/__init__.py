"""What the site costs its readers, measured: `make bench`. Figures, no verdicts; tests/test_weight.py holds the budgets."""
