"""After legal edits of data/, the whole of `make check` is green: in a copy of the repository, with a real build.

Everything is changed at once. SWEEP=each changes every threshold alone as well, which takes hours.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.data.quantity import plain
from tests.bench.durations import FAST
from tests.conftest import ROOT, tracked
from tests.edits import Edit
from tests.legal_edits import next_edition, with_another_value

pytestmark = pytest.mark.sweep
FAST_TESTS = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "tests"]
THRESHOLDS = list(yaml.safe_load((ROOT / "data" / "thresholds.yml").read_text(encoding="utf-8")))


def alone(catalog: Catalog) -> list[str]:
    """The thresholds that an editor can change without another file, but for the checklist's edition."""
    bound = {wave.size for wave in catalog.rollout.waves}
    bound |= {signoff.quorum for signoff in catalog.contacts.signoffs.values()}
    return [key for key in catalog.thresholds if key not in bound]


def other_numbers(catalog: Catalog, keys: list[str]) -> list[Edit]:
    """Edits that give each of these thresholds another value, all of them legal together."""
    edits, now = [], catalog
    for key in keys:
        after, _ = with_another_value(now, key)
        if after is not None:
            value = after.thresholds[key].value
            edits.append(Edit("thresholds", f"{key}.value", f"{plain(value.number)} {value.unit}"))
            now = after
    return edits


def other_words(catalog: Catalog) -> list[Edit]:
    """Another name of a contact, of an account and of a message; two accounts in each other's wave."""
    contact, (account, *_) = next(iter(catalog.contacts.contacts)), catalog.rollout.accounts
    message, waves = next(iter(catalog.messages)), catalog.rollout.waves
    first, last = list(waves[-2].accounts), list(waves[-1].accounts)
    first[0], last[0] = last[0], first[0]
    return [
        Edit("contacts", f"contacts.{contact}.title", "Night watch"),
        Edit("rollout", f"accounts.{account}.title", "Copper desk"),
        Edit("messages", f"{message}.reply", "A thumb up."),
        Edit("rollout", f"waves.{len(waves) - 2}.accounts", f"[{', '.join(first)}]"),
        Edit("rollout", f"waves.{len(waves) - 1}.accounts", f"[{', '.join(last)}]"),
    ]


def add_edition(root: Path) -> None:
    """What the check of the checklist asks an editor for."""
    catalog = load(root, "public")
    if new := next_edition(catalog):
        last = len(catalog.checklists.editions) - 1
        line = f'{{version: {new["version"]}, digest: "{new["digest"]}", from: "{new["from"]}"}}'
        day = catalog.checklists.editions[last].from_
        Edit("checklists", f"editions.{last}.from", f'"{day}"}}\n  - {line.removesuffix("}")}').apply(root)


@pytest.fixture
def repository(tmp_path) -> Path:
    """A copy of the repository, with a history of one commit and the same tools."""
    root = tmp_path / "repository"
    for path in tracked():
        there = root / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, there, follow_symlinks=False)
    (root / ".venv").symlink_to((ROOT / ".venv").resolve())
    somebody = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    for words in (["init", "--quiet"], ["add", "--all"], [*somebody, "commit", "--quiet", "--message", "All"]):
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
    return root


EACH = THRESHOLDS if os.environ.get("SWEEP") == "each" else []


@pytest.mark.parametrize("what", ["everything at once", *EACH])
def test_the_fast_tests_are_green_after_legal_edits(repository, catalog, what):
    if what == "everything at once":
        keys = alone(catalog)
        edits = other_numbers(catalog, keys)
        assert len(edits) > len(keys) / 2, "most numbers can be changed together"
        edits += other_words(catalog)
    else:
        edits = other_numbers(catalog, [what] if what in alone(catalog) else [])
    for edit in edits:
        edit.apply(repository)
    add_edition(repository)
    # With every number changed, none has room for yet another value: that is asked of the data as it is.
    done = subprocess.run(
        [*FAST_TESTS, "-m", FAST, "-k", "not test_every_threshold_may_have_another_value"],
        cwd=repository,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
