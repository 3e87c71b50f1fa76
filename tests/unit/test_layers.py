"""The rooms of the package: data -> evidence -> site -> export. Nothing imports against that direction."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_no_module_imports_against_the_direction():
    """The contract stands in pyproject.toml."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
