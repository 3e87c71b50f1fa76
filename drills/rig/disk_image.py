"""What lies on every host's disk at its first boot: releases, the command line, units, the way from host to host."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from drills.rig import release_builder
from drills.rig.bad_releases import BUGS, Bug
from drills.rig.contract_facts import contract_facts, open_calendar, quantities
from drills.rig.preflight import SSHD
from drills.rig.unit_file import unit_file

TARGET = """[Unit]
Description=A host of a rig
Wants=systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service rig-ssh.service
"""
# The way from host to host. Every host of a rig has the same keys, made for this rig alone.
SSH = f"""[Unit]
Description=The way in from the other hosts of a rig

[Service]
ExecStart={SSHD} -D -f /etc/ssh/rig.conf
RuntimeDirectory=sshd
"""
SSH_SETTINGS = """HostKey /etc/ssh/rig_key
AuthorizedKeysFile /etc/ssh/rig_key.pub
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PrintMotd no
PrintLastLog no
"""
BROKER_HOST = "192.0.2.1"


class DiskImage:
    """The image of one rig, the same for each of its hosts."""

    def __init__(self, thresholds: dict[str, str] | None = None, mutant: Bug | None = None) -> None:
        """thresholds: those that the rig shortens, as data/thresholds.yml writes them; mutant: see Rig."""
        self.mutant = mutant
        self.root = self.common = Path()
        self.facts: dict[str, Any] = contract_facts(thresholds)
        self.facts["calendar"] = open_calendar(self.facts["calendar"])
        self.limits = quantities(thresholds)

    def lay_out(
        self, root: Path, versions: dict[str, str | None], unpacked: tuple[str, ...], addresses: dict[str, str]
    ) -> None:
        """Writes everything into a rig's folder.

        versions: the releases to build, each with the name of its bug or None; unpacked: those unpacked on every host;
        addresses: by host.
        """
        self.root, self.common = root, root / "common"
        self.lay_releases(versions, unpacked)
        self.put("etc/systemd/system/traderd@.service", unit_file(self.facts["system"], self.limits))
        self.put("etc/systemd/system/rig.target", TARGET)
        self.lay_ssh()
        lines = ["127.0.0.1 localhost", f"{BROKER_HOST} broker"]
        lines += [f"{address} {name} {name}.example.com" for name, address in addresses.items()]
        self.put("etc/hosts", "\n".join(lines) + "\n")
        (self.root / "image").mkdir()
        for name in addresses:
            (self.root / "image" / name).symlink_to(self.common)

    def lay_releases(self, versions: dict[str, str | None], unpacked: tuple[str, ...]) -> None:
        """The archives of all releases, some of them unpacked, and the command line of the newest good one."""
        for version, bug in versions.items():
            built = self.root / "built"
            folder = release_builder.build(version, built, self.facts, self.limits, BUGS[bug] if bug else self.mutant)
            release_builder.archive(folder, self.common / "srv/artefacts")
            if version in unpacked:
                shutil.copytree(folder, self.common / "opt/traderd/releases" / version)
        newest = self.root / "built" / max(version for version, bug in versions.items() if bug is None)
        self.put("usr/local/lib/release.json", (newest / "release.json").read_text())
        command_line = self.common / "usr/local/lib/traderctl"
        shutil.copytree(newest / "lib", command_line, ignore=shutil.ignore_patterns("traderd.py"))
        launcher = release_builder.launcher(release_builder.CLI, "/usr/local/lib/traderctl")
        self.put("usr/local/bin/traderctl", launcher, 0o755)

    def lay_ssh(self) -> None:
        """Lets every host of the rig log on to every other one."""
        key = self.root / "rig_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rig", "-f", key], check=True)
        public = key.with_name("rig_key.pub").read_text()
        self.put("etc/ssh/rig_key", key.read_text(), 0o600)
        self.put("etc/ssh/rig_key.pub", public)
        self.put("etc/ssh/rig.conf", SSH_SETTINGS)
        self.put("etc/systemd/system/rig-ssh.service", SSH)
        self.put("root/.ssh/id_ed25519", key.read_text(), 0o600)
        self.put("root/.ssh/known_hosts", f"* {public}", 0o600)

    def put(self, name: str, text: str, mode: int = 0o644) -> None:
        """Writes a file into the image."""
        file = self.common / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
