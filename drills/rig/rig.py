"""A rig: a broker and some hosts on a private network, each host with real systemd. Nothing of the machine is touched.

with Rig(hosts=["trade-1"], accounts={"trade-1": ["A1"]}) as rig:
    rig.start_accounts()
    rig.broker("flow", accounts=["A1"], rate=50)
    terminal = rig.hosts["trade-1"].shell()
    result = terminal.run("traderctl status A1")
    figures = rig.broker("report", since=0)["A1"]
"""

import importlib
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drills.rig import releases
from drills.rig.host import LIBFAKETIME, Host
from drills.rig.judge import Case, judge

HERE = Path(__file__).resolve().parent
BROKER = ("192.0.2.1", 9000)
GOOD = {"1.4.1": None, "1.4.2": None, "1.5.0": None}
TARGET = """[Unit]
Description=A host of a rig
Wants=systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service rig-ssh.service
"""
SSHD = "/usr/sbin/sshd"
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


def preflight() -> str | None:
    """What is missing for a rig, in one line; None when nothing is."""
    if platform.system() != "Linux":
        return f"a rig needs Linux, this is {platform.system()}"
    if os.geteuid() != 0:
        return "a rig needs root: namespaces, mounts, network"
    if missing := [
        tool
        for tool in ("unshare", "nsenter", "setpriv", "ip", "tar", "bash", "curl", "jq", "systemctl")
        if not shutil.which(tool)
    ]:
        return f"a rig needs {', '.join(missing)}"
    if not Path(SSHD).exists():
        return "a rig needs an ssh server, installed but not running"
    if not Path("/lib/systemd/systemd").exists():
        return "a rig needs systemd, not as the machine's own init but installed"
    if not any(list(Path("/usr").glob(f"{lib}/{LIBFAKETIME.partition('$LIB/')[2]}")) for lib in ("lib*", "lib*/*")):
        return "a rig needs libfaketime"
    tried = subprocess.run(
        [
            "unshare",
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--uts",
            "--ipc",
            "--cgroup",
            "ip",
            "link",
            "add",
            "br0",
            "type",
            "bridge",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return None if tried.returncode == 0 else f"this machine refuses namespaces: {tried.stderr.strip()}"


def cgroup_version() -> int:
    """Which control groups this machine's systemd would use."""
    return 1 if Path("/sys/fs/cgroup/systemd").is_dir() else 2


class Broker:
    """The rig's side of the broker: commands by name, see the do_… methods of broker.py."""

    def __init__(self, path: Path):
        self.line = socket.socket(socket.AF_UNIX)
        self.line.settimeout(30)
        try:
            self.line.connect(str(path))
        except OSError:
            self.line.close()
            raise
        self.answers = self.line.makefile("rb")

    def __call__(self, command: str, **arguments):
        """Gives one command. Raises RuntimeError when the broker refuses it."""
        self.line.sendall(json.dumps({"do": command, **arguments}).encode() + b"\n")
        answer = json.loads(self.answers.readline())
        if "error" in answer:
            raise RuntimeError(f"broker: {command}: {answer['error']}")
        return answer["result"]

    def close(self) -> None:
        """Hangs up."""
        self.answers.close()
        self.line.close()


class Rig:
    """One rig. Several may run side by side; each is gone without a trace when it ends, or when its owner does."""

    def __init__(
        self,
        hosts: list[str] | None = None,
        accounts: dict[str, list[str]] | None = None,
        release: str = "1.4.2",
        versions: dict[str, str | None] | None = None,
        unpacked: tuple[str, ...] | None = None,
        thresholds: dict[str, str] | None = None,
        config: dict | None = None,
        disk_mb: int = 512,
        cgroups: int | None = None,
    ):
        """
        hosts: names; accounts: those that each host is given at the start, linked to `release` in both slots;
        versions: the releases to build, each with a fault of releases.BUGS or None; unpacked: those unpacked on every host (default: all);
        thresholds: values shortened for the rig; config: settings of every account's configuration, see releases.configuration;
        disk_mb: size of a host's disk; cgroups: 1 or 2 (default: as the machine).
        """
        self.names = hosts or ["trade-1"]
        self.accounts = accounts or {}
        self.release, self.versions = release, dict(versions or GOOD)
        self.unpacked = tuple(self.versions) if unpacked is None else unpacked
        self.config = config or {}
        self.facts = releases.contract(thresholds)
        self.disk_mb, self.cgroups = disk_mb, cgroups or cgroup_version()
        self.hosts: dict[str, Host] = {}
        self.broker: Broker | None = None
        self.broker_process: subprocess.Popen | None = None
        self.root = Path()
        self.wire = 0

    def __enter__(self) -> "Rig":
        self.begin()
        return self

    def __exit__(self, *_) -> None:
        self.end()

    # ------------------------------------------------------------------ from nothing to booted hosts

    def begin(self) -> None:
        """Builds, wires and boots everything. Raises RuntimeError; leaves nothing behind then."""
        self.root = Path(tempfile.mkdtemp(prefix="drill-"))
        addresses = {name: f"192.0.2.{11 + number}" for number, name in enumerate(self.names)}
        spares = {
            spare for spare, facts in self.facts["rollout"]["hosts"].items() if set(facts["spare_of"]) & set(self.names)
        }
        # The interpreter and its packages must be visible inside, where they are not on the root file system itself.
        # Nor where a host has a private folder in its place.
        self.keep = [
            path
            for path in sorted({sys.prefix, sys.base_prefix})
            if os.stat(path).st_dev != os.stat("/").st_dev or path.startswith(("/tmp/", "/run/"))
        ]
        (self.root / "cgroup.version").write_text(str(self.cgroups))
        self.keeper = subprocess.Popen(
            [
                *(sys.executable, HERE / "supervisor.py", self.root, sys.executable, str(self.disk_mb)),
                *(f"{name}={address}" for name, address in addresses.items()),
                # A spare host that this rig does not boot still has the disk that backups are copied to.
                *(f"{name}=" for name in sorted(spares - addresses.keys())),
            ],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self.build_images(addresses)
            self.wait_for_wire()
            self.start_broker()
            self.hosts = {name: Host(self, name, address) for name, address in addresses.items()}
            for host in self.hosts.values():
                host.boot()
            self.install_accounts()
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Ends everything and waits until it is gone."""
        if self.broker:
            self.broker.close()
        self.keeper.stdin.close()
        self.keeper.wait(30)
        # They ended with the wire; only their exit codes are still to be fetched.
        for process in [self.broker_process, *(host.process for host in self.hosts.values())]:
            if process:
                process.wait(5)

    def wait_for_wire(self) -> None:
        """Waits until the private network stands."""
        until = time.monotonic() + 10
        while not (self.root / "wire.up").exists():
            if time.monotonic() > until or self.keeper.poll() is not None:
                raise RuntimeError(f"no network:\n{(self.root / 'wire.log').read_text()}")
            time.sleep(0.01)
        unshare = int((self.root / "keeper.wire").read_text())
        self.wire = int(Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()[0])

    def enter_wire(self) -> list[str]:
        """The start of a command that runs on the private network, outside of every host."""
        return ["nsenter", "-t", str(self.wire), "-m", "-n", "-p"]

    def in_wire(self, *command: str) -> None:
        """Runs a command there. Raises CalledProcessError."""
        subprocess.run([*self.enter_wire(), *command], check=True, capture_output=True)

    def start_broker(self) -> None:
        """Starts the broker and connects to its control socket."""
        control = self.root / "broker.sock"
        with open(self.root / "broker.log", "w") as log:
            self.broker_process = subprocess.Popen(
                [*self.enter_wire(), sys.executable, HERE / "broker.py", BROKER[0], str(BROKER[1]), control],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 10
        while True:
            try:
                self.broker = Broker(control)
                break
            except OSError as error:
                if time.monotonic() > until:
                    raise RuntimeError(f"no broker:\n{(self.root / 'broker.log').read_text()}") from error
                time.sleep(0.02)
        limits = self.facts["thresholds"]
        self.broker(
            "set",
            heartbeat=float(limits["heartbeat.interval"].split()[0])
            * (0.001 if limits["heartbeat.interval"].endswith("ms") else 1),
        )

    # ------------------------------------------------------------------ what is on a host's disk

    def build_images(self, addresses: dict[str, str]) -> None:
        """Lays out what each host's disk gets at its first boot."""
        built = self.root / "built"
        folders = {version: releases.build(version, built, self.facts, bug) for version, bug in self.versions.items()}
        common = self.root / "common"
        for version, folder in folders.items():
            releases.archive(folder, common / "srv/artefacts")
            if version in self.unpacked:
                shutil.copytree(folder, common / "opt/traderd/releases" / version)
        newest = folders[max(version for version, bug in self.versions.items() if bug is None)]
        shutil.copytree(newest / "lib", common / "usr/local/lib/traderctl", ignore=shutil.ignore_patterns("traderd.py"))
        self.put(common, "usr/local/lib/release.json", (newest / "release.json").read_text())
        self.put(common, "usr/local/bin/traderctl", releases.launcher("traderctl", "/usr/local/lib/traderctl"), 0o755)
        self.put(common, "etc/systemd/system/traderd@.service", releases.unit_file(self.facts))
        self.put(common, "etc/systemd/system/rig.target", TARGET)
        self.lay_ssh(common)
        lines = ["127.0.0.1 localhost", f"{BROKER[0]} broker"] + [
            f"{address} {name} {name}.example.com" for name, address in addresses.items()
        ]
        self.put(common, "etc/hosts", "\n".join(lines) + "\n")
        (self.root / "image").mkdir()
        for name in addresses:
            (self.root / "image" / name).symlink_to(common)

    def lay_ssh(self, common: Path) -> None:
        """Lets every host of the rig log on to every other one."""
        key = self.root / "rig_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rig", "-f", key], check=True)
        self.put(common, "etc/ssh/rig_key", key.read_text(), 0o600)
        public = key.with_name("rig_key.pub").read_text()
        self.put(common, "etc/ssh/rig_key.pub", public)
        self.put(common, "etc/ssh/rig.conf", SSH_SETTINGS)
        self.put(common, "etc/systemd/system/rig-ssh.service", SSH)
        self.put(common, "root/.ssh/id_ed25519", key.read_text(), 0o600)
        self.put(common, "root/.ssh/known_hosts", f"* {public}", 0o600)

    @staticmethod
    def put(root: Path, name: str, text: str, mode: int = 0o644) -> None:
        """Writes a file into an image."""
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def install_accounts(self) -> None:
        """Gives every host its accounts."""
        for name, accounts in self.accounts.items():
            for account in accounts:
                self.hosts[name].install(account, self.release, **self.config)
                for other in self.hosts.values():
                    # A spare host has the key already; it must not have to be typed in an emergency.
                    self.write_key(other, account)

    def write_config(self, host: Host, account: str, **settings) -> None:
        """Writes an account's configuration and key on a host."""
        path = host.path(f"/etc/traderd/{account}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(releases.configuration(account, "broker", **settings))
        self.write_key(host, account)

    @staticmethod
    def write_key(host: Host, account: str, key: str | None = None) -> None:
        """Writes a broker key on a host; by default the one that the broker knows from the start."""
        path = host.path(f"/etc/traderd/secrets/{account}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text((key or f"key-{account}") + "\n")

    def write_recording(self, host: Host, account: str, events: int = 1000) -> None:
        """Writes a recorded day for replays; events in number."""
        path = host.path(f"/srv/recordings/{account}.jsonl")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(releases.recording(account, events))

    def start_accounts(self) -> None:
        """Starts both slots of every account."""
        for name, accounts in self.accounts.items():
            for account in accounts:
                self.hosts[name].start(account)

    # ------------------------------------------------------------------ judging

    def settle(self, account: str, timeout: float = 20.0) -> None:
        """Stops the account's flow and waits until everything is acknowledged; timeout in seconds, after which the judge shall speak."""
        self.broker("flow", accounts=[account], rate=0)
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            figures = self.broker("report", since=time.time())[account]
            if figures["acknowledged"] == figures["last"]:
                break
            time.sleep(0.05)
        time.sleep(0.1)  # an order on its way changes the account once more

    def examine(self, host: Host, account: str) -> dict:
        """Reads the state on a host's disk, on a copy: {"differences": from the broker's snapshot, "strict": lockouts and losses, "schema"}."""
        states = product_module("state")
        with tempfile.TemporaryDirectory() as scratch:
            for end in ("", "-wal"):
                file = host.path(f"/var/lib/traderd/{account}/state.db{end}")
                if file.exists():
                    shutil.copy(file, scratch)
            db = states.connect(Path(scratch) / "state.db")
            found = states.differences(db, self.broker("snapshot", account=account))
            result = {
                "differences": [line for _, lines in found.values() for line in lines],
                "strict": states.stricter(db),
                "schema": states.schema(db),
            }
            db.close()
        return result

    def judge(
        self, host: Host, account: str, since: float, gap: float | None, before: dict | None = None, flat: bool = False
    ):
        """Stops the flow and judges the account since a time (epoch seconds). before: an earlier `examine(...)["strict"]`. Returns a Verdict."""
        self.settle(account)
        after = self.examine(host, account)
        weaker = None
        if before is not None:
            lockouts, days = product_module("state").weaker(after["strict"], before)
            weaker = [f"lockout {kind}" for kind in lockouts] + [f"loss of {day}" for day in days]
        figures = self.broker("report", since=since)[account]
        return judge(Case(figures, after["differences"], weaker, flat), gap)

    def control_window(self, account: str, seconds: float) -> float:
        """The worst gap of a window in which nothing is done, in seconds: what this machine stalls by itself."""
        since = time.time()
        time.sleep(seconds)
        return self.broker("report", since=since)[account]["gap"]["seconds"]


def product_module(name: str):
    """A module of the system under test, for reading its files."""
    folder = str(HERE / "product")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)
