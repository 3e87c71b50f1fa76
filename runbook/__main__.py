"""`python -m runbook`."""

from runbook.cli import main

main(prog_name="python -m runbook")
