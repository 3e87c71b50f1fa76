"""What the pages call: each module has the macros of one subject, registered in runbook/site/environment.py."""
