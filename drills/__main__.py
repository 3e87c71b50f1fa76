"""`python -m drills`: see runner/command.py."""

from drills.runner.command import command

if __name__ == "__main__":
    command(prog_name="python -m drills")
