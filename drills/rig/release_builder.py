"""Builds the releases of a rig from one source: archives as a build would make them, the bad ones with one bug each."""

import hashlib
import importlib.util
import json
import py_compile
import shutil
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from drills.rig.bad_releases import Bug, put_in
from drills.rig.unit_file import unit_file
from runbook.data.quantity import Quantity

PRODUCT = Path(__file__).resolve().parents[1] / "product"
# Programs are started by a file of their own name: the service manager and `ps` show it.
DAEMON, CLI = "traderd", "traderctl"


def launcher(program: str, library: str = '"$(dirname "$(readlink -f "$0")")/.."/lib') -> str:
    """A small shell program that starts one of ours. It writes no bytecode: a release brings its own."""
    python = f"{sys.executable} -E -s -B"
    return f'#!/bin/sh\nexec {python} {library}/{program}.py "$@"\n'


def copy_program(program: str, library: Path, facts: dict[str, Any]) -> None:
    """Lays one program, the package that it imports and its contract into a library folder."""
    package = library / "product"
    if not package.exists():
        shutil.copytree(PRODUCT, package, ignore=shutil.ignore_patterns("__pycache__"))
        (package / "contract.json").write_text(json.dumps(facts), encoding="utf-8")
    (library / f"{program}.py").write_text(f"from product.{program} import main\n\nmain()\n", encoding="utf-8")


def add_bytecode(library: Path) -> None:
    """Compiles the modules of a library folder in place, as a build does: a host would do it at its first start.

    Each module's bytecode holds a hash of its source, so a file that is changed later is compiled anew in memory.
    """
    for module in sorted(library.rglob("*.py")):
        compiled = Path(importlib.util.cache_from_source(str(module)))
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(_bytecode(module.read_bytes(), module.relative_to(library).as_posix()))


@cache
def _bytecode(source: bytes, name: str) -> bytes:
    """Kept in the process: every rig builds the same releases. name: the module's file, for tracebacks."""
    with tempfile.TemporaryDirectory() as scratch:
        module, compiled = Path(scratch) / "module.py", Path(scratch) / "module.pyc"
        module.write_bytes(source)
        py_compile.compile(
            str(module),
            str(compiled),
            name,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
        )
        return compiled.read_bytes()


def build(version: str, into: Path, facts: dict[str, Any], limits: dict[str, Quantity], bug: Bug | None = None) -> Path:
    """Builds one release into the folder `into`/`version` and returns it.

    facts: what becomes contract.json; limits: the thresholds by id, for the unit file.
    Raises ValueError when the piece that the bug replaces does not stand in the source exactly once.
    """
    releases = facts["rollout"]["releases"]
    about = {"version": version, **(releases.get(version) or releases[facts["rollout"]["next"]])}
    if bug and bug.reads_schema:
        about["reads_schema"] = list(bug.reads_schema)
    folder = into / version
    for program in (DAEMON, CLI):
        copy_program(program, folder / "lib", facts)
        write_program(folder / "bin" / program, launcher(program))
    (folder / "release.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    for script in (folder / "lib/product/migrations").glob("*.sql"):
        if int(script.name.partition(".")[0]) > about["schema"]:
            script.unlink()
    if bug:
        put_in(folder / "lib/product", bug)
    add_bytecode(folder / "lib")
    (folder / "traderd@.service").write_text(unit_file(facts["system"], limits), encoding="utf-8")
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    lines = [f"{sha256(file)}  {file.relative_to(folder)}\n" for file in files]
    (folder / "MANIFEST.sha256").write_text("".join(lines), encoding="utf-8")
    return folder


def write_program(file: Path, text: str) -> None:
    """Writes a file that can be executed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def sha256(file: Path) -> str:
    """The checksum of a file, in hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def archive(folder: Path, into: Path) -> Path:
    """Packs a release folder as its build would: traderd-VERSION.tar.gz and its checksum. Returns the archive."""
    into.mkdir(parents=True, exist_ok=True)
    file = into / f"traderd-{folder.name}.tar.gz"
    with tarfile.open(file, "w:gz", compresslevel=1) as tar:
        tar.add(folder, arcname=".")
    file.with_name(file.name + ".sha256").write_text(f"{sha256(file)}  {file.name}\n", encoding="utf-8")
    return file
