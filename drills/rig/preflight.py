"""Whether a rig can run on this machine."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from drills.rig.booted_host import LIBFAKETIME

SSHD = "/usr/sbin/sshd"
TOOLS = ("unshare", "nsenter", "setpriv", "ip", "tar", "bash", "curl", "jq", "systemctl")


def preflight() -> str | None:
    """What is missing for a rig, in one line; None when nothing is."""
    if platform.system() != "Linux":
        return f"a rig needs Linux, this is {platform.system()}"
    if os.geteuid() != 0:
        return "a rig needs root: namespaces, mounts, network"
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        return f"a rig needs {', '.join(missing)}"
    if not Path(SSHD).exists():
        return "a rig needs an ssh server, installed but not running"
    if not Path("/lib/systemd/systemd").exists():
        return "a rig needs systemd, not as the machine's own init but installed"
    library = LIBFAKETIME.partition("$LIB/")[2]
    if not any(list(Path("/usr").glob(f"{folder}/{library}")) for folder in ("lib*", "lib*/*")):
        return "a rig needs libfaketime"
    namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--uts", "--ipc", "--cgroup"]
    tried = subprocess.run(
        [*namespaces, "ip", "link", "add", "br0", "type", "bridge"], capture_output=True, text=True, check=False
    )
    return None if tried.returncode == 0 else f"this machine refuses namespaces: {tried.stderr.strip()}"


def cgroup_version() -> int:
    """Which control groups this machine's systemd would use: 1 or 2."""
    return 1 if Path("/sys/fs/cgroup/systemd").is_dir() else 2
