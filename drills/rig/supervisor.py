"""Holds one rig, and removes every trace of it when it is told to, or when whoever started it is gone.

What a keeper leaves that was killed itself is removed by the next one.

Called as `supervisor.py ROOT PYTHON DISK_MB [NAME=ADDRESS ...]`. Standard input is a pipe from the one who started it;
its end means: clean up.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent


def own_groups(root: Path, name: str, version: int) -> None:
    """Makes a control group of the host's own in each hierarchy that its systemd will see; boot.sh enters them.

    Under version 1 that is every hierarchy: systemd mounts them all, and one that is shared would mix the services of
    all rigs.
    """
    links = root / f"cgroups.{name}"
    links.mkdir()
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            base = Path("/sys/fs/cgroup/unified") if Path("/sys/fs/cgroup/unified").is_dir() else Path("/sys/fs/cgroup")
        elif version == 1:
            base = Path("/sys/fs/cgroup") / controllers.removeprefix("name=")
        else:
            continue
        if not (base / "cgroup.procs").exists():
            continue
        group = base / path.lstrip("/") / root.name / name
        group.parent.mkdir(exist_ok=True)
        if (clone := group.parent / "cgroup.clone_children").exists():
            # Processors and memory nodes are not inherited, and without them nobody can enter.
            for setting in ("cpuset.cpus", "cpuset.mems") if controllers == "cpuset" else ():
                (group.parent / setting).write_text((group.parent.parent / setting).read_text())
            clone.write_text("1")
        group.mkdir()
        (links / str(len(list(links.iterdir())))).symlink_to(group)


def remove_group(group: Path) -> None:
    """Removes a control group with those below it, as soon as the kernel lets go of it."""
    for _ in range(100):
        for folder, _, _ in os.walk(group, topdown=False):
            with suppress(OSError):
                os.rmdir(folder)
        if not group.exists():
            return
        time.sleep(0.05)


def hold(root: Path) -> int:
    """Locks the rig's folder for the life of this process; under its final name the lock is held from the beginning."""
    lock = os.open(root / "lock.new", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX)
    (root / "lock.new").rename(root / "lock")
    return lock


def sweep(folder: Path) -> None:
    """Removes rigs whose keeper is gone."""
    for lock in folder.glob("drill-*/lock"):
        try:
            with open(lock) as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(lock.parent)
        except OSError:
            continue  # in use, or removed by another one


def remove(root: Path) -> None:
    """Removes a rig's control groups and folder; its processes are dead."""
    for group in {link.readlink().parent for link in root.glob("cgroups.*/*")}:
        remove_group(group)
    shutil.rmtree(root, ignore_errors=True)


def main(root: Path, python: str, disk_mb: str, hosts: list[str]) -> None:
    """Starts the wire, waits for the end, cleans up."""
    version = int((root / "cgroup.version").read_text())
    lock = hold(root)
    sweep(root.parent)
    # An orderly end by a signal cleans up as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    for host in hosts:
        own_groups(root, host.split("=")[0], version)
    # setpriv: if this process is killed itself, the rig dies with it.
    command = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--uts",
    ]
    with open(root / "wire.log", "w") as log:
        wire = subprocess.Popen(
            [*command, HERE / "wire.sh", root, python, disk_mb, *hosts],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    (root / "keeper.wire").write_text(str(wire.pid))
    try:
        sys.stdin.read()
    finally:
        wire.kill()
        wire.wait()
        remove(root)
        os.close(lock)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:])
