"""The programs under drills/ on which a verdict rests. Evidence is bound to them: a rig that changed proves anew."""

import hashlib
from pathlib import Path

PROGRAMS = ("*.py", "*.sh", "*.sql")
# What chooses the drills, speaks to a person, or writes the result down.
NOT_THE_RIG = {
    *("command.py", "real_system.py", "ssh_host.py", "verdict_records.py", "evidence_writer.py"),
    *("negative_controls.py", "left_out.py", "mutants.py"),
}


def rig_files(root: Path) -> list[Path]:
    """Every program on which a verdict rests. root: of the repository; one without drills has none."""
    found = (path for pattern in PROGRAMS for path in (root / "drills").rglob(pattern))
    return sorted(path for path in found if path.name not in NOT_THE_RIG)


def rig_digest(root: Path) -> str | None:
    """Twelve digits over the programs of the rig; None in a repository without drills."""
    files, sums = rig_files(root), hashlib.sha256()
    for path in files:
        sums.update(path.relative_to(root / "drills").as_posix().encode() + b"\0" + path.read_bytes())
    return sums.hexdigest()[:12] if files else None
