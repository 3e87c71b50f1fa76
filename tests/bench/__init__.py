"""What the site costs its readers, measured: `make bench`.

Figures, no verdicts; tests/site/test_weight.py holds the budgets.
"""
