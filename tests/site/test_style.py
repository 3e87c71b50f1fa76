"""Spelling, Markdown, YAML, secrets: by tools that know them better than we do."""

import json
import re
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import ROOT, say, tracked

BIN = Path(sys.executable).parent
TEXTS = ["README.md", "docs", "data", "macros", "runbook", "drills", "Makefile", ".github", "tests"]


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(BIN / words[0]), *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)


def test_spelling():
    """The project's own words stand in tests/site/words.txt, one a line."""
    done = run(
        "codespell",
        "--ignore-words=tests/site/words.txt",
        "--skip=docs/assets,*.json,*.lock,*.png,requirements.txt,tests/site/words.txt,__pycache__",
        *[name for name in TEXTS if (ROOT / name).exists()],
    )
    assert done.returncode == 0, done.stdout


def test_markdown():
    done = run("rumdl", "check", "--config", "tests/site/rumdl.toml", "--no-cache", "docs", "README.md")
    assert done.returncode == 0, done.stdout


def test_yaml():
    done = run("yamllint", "--strict", "--config-file", "tests/site/yamllint.yml", "data", "mkdocs.yml", ".github")
    assert done.returncode == 0, done.stdout


# What was found clean, by tool and content: the tool takes five seconds for the project, and most of it is as before.
CLEAN = ROOT / ".cache" / "no_secrets.txt"


def test_no_secret_is_in_the_project():
    files = {
        path.relative_to(ROOT).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in tracked()
        if path.name != "requirements.txt" and path.suffix not in (".png",) and "evidence" not in path.parts
    }
    tool = f"detect-secrets {version('detect-secrets')}"
    known = CLEAN.read_text(encoding="utf-8").split("\n") if CLEAN.exists() else [""]
    clean = set(known[1:]) if known[0] == tool else set()
    new = [name for name, digest in files.items() if digest not in clean]
    if not new:
        return
    done = run("detect-secrets", "scan", "--no-verify", *new)
    found = json.loads(done.stdout)["results"]
    say(
        [
            f"{hit['filename']}:{hit['line_number']}: looks like a secret ({hit['type']})"
            for hits in found.values()
            for hit in hits
        ]
    )
    CLEAN.parent.mkdir(exist_ok=True)
    CLEAN.write_text("\n".join([tool, *sorted(set(files.values()))]), encoding="utf-8")


def test_the_check_for_secrets_finds_one(tmp_path):
    (tmp_path / "leak.yml").write_text("aws_key: AKIA" + "IOSFODNN7EXAMPLA\n", encoding="utf-8")
    done = subprocess.run(
        [str(BIN / "detect-secrets"), "scan", "--no-verify", "--all-files", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["results"], "the check finds nothing where it must: it proves nothing"


BANNED = re.compile(
    r"\b(simply|just|please note|obviously|of course|leverage|seamless|robust|utilize|going forward)\b", re.I
)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_no_filler(path):
    """Words that patronize, sell or fill. The list is BANNED in tests/site/test_style.py."""
    lines = path.read_text(encoding="utf-8").splitlines()
    say(
        [
            f'{path.relative_to(ROOT)}:{number}: "{match[0]}" says nothing; take it out'
            for number, line in enumerate(lines, 1)
            for match in BANNED.finditer(line)
        ]
    )


def test_nothing_is_left_to_do():
    marks = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "T" + "BD", "X" + "XX"]) + r")\b")
    faults = []
    for path in tracked():
        if (
            path.suffix in (".md", ".py", ".yml", ".css", ".js", ".html", ".toml", ".ini")
            and "evidence" not in path.parts
        ):
            faults += [
                f"{path.relative_to(ROOT)}:{number}: {match[0]}"
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
                for match in marks.finditer(line)
            ]
    say(faults)
