"""The records of data/, typed: one module for each subject. `files.py` names the type of each file.

What a single record must be is said here; what holds between records is said in runbook/data/checks.
A docstring below a field is what an editor shows to the person who writes the value (data/schemas).
"""
