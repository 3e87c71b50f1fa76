"""A rig: a broker and some hosts on a private network, each host with real systemd. Nothing of the machine is touched.

with Rig(hosts=["trade-1"], accounts={"trade-1": ["A1"]}) as rig:
    rig.start_accounts()
    rig.broker("flow", accounts=["A1"], rate=50)
    terminal = rig.hosts["trade-1"].shell()
    result = terminal.run("traderctl status A1")
    figures = rig.report("A1")
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from drills.product import state as states
from drills.rig import account_files, broker_line
from drills.rig.bad_releases import Bug
from drills.rig.booted_host import Host
from drills.rig.broker_line import BrokerLine
from drills.rig.contract_facts import ROOT
from drills.rig.disk_image import BROKER_HOST, DiskImage
from drills.rig.judge import Case, Verdict, judge
from drills.rig.preflight import cgroup_version

HERE = Path(__file__).resolve().parent
BROKER_PORT = 9000
GOOD = {"1.4.1": None, "1.4.2": None, "1.5.0": None}
# What a private folder of a host hides.
HIDDEN = ("/tmp/", "/run/")
QUIET = 0.15  # seconds
# How long a breach that stands open may keep the judge waiting for the order that answers it, in seconds.
ANSWER = 5.0


class Rig:
    """One rig. Several may run side by side; each is gone without a trace when it ends, or when its owner does."""

    broker: BrokerLine
    keeper: subprocess.Popen[bytes]

    def __init__(
        self,
        hosts: list[str] | None = None,
        accounts: dict[str, list[str]] | None = None,
        release: str = "1.4.2",
        versions: dict[str, str | None] | None = None,
        unpacked: Iterable[str] | None = None,
        thresholds: dict[str, str] | None = None,
        config: dict[str, Any] | None = None,
        mutant: Bug | None = None,
        disk_mb: int = 512,
        cgroups: int | None = None,
    ) -> None:
        """Notes what is wanted; nothing runs before begin().

        hosts: names; accounts: those that each host is given at the start, linked to `release` in both slots;
        versions: the releases to build, each with a bug of bad_releases.BUGS or None;
        unpacked: those unpacked on every host (default: all); thresholds: values shortened for the rig;
        config: settings of every account's configuration, see account_files.configuration;
        mutant: a fault that every good release has, and the command line;
        disk_mb: size of a host's disk; cgroups: 1 or 2 (default: as the machine).
        """
        self.names = hosts or ["trade-1"]
        self.accounts = accounts or {}
        self.release, self.versions = release, dict(versions or GOOD)
        self.unpacked = tuple(self.versions if unpacked is None else unpacked)
        self.config = config or {}
        self.disk_mb, self.cgroups = disk_mb, cgroups or cgroup_version()
        self.image = DiskImage(thresholds, mutant)
        self.facts = self.image.facts
        self.hosts: dict[str, Host] = {}
        self.broker_process: subprocess.Popen[bytes] | None = None
        self.root = Path()
        self.wire = 0
        # The interpreter and its packages must be visible inside, where they are not on the root file system itself,
        # nor where a host has a private folder in its place.
        self.keep = [
            path
            for path in sorted({sys.prefix, sys.base_prefix})
            if os.stat(path).st_dev != os.stat("/").st_dev or path.startswith(HIDDEN)
        ]

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    # ------------------------------------------------------------------ from nothing to booted hosts

    def begin(self) -> None:
        """Builds, wires and boots everything. Raises RuntimeError; leaves nothing behind then."""
        self.root = Path(tempfile.mkdtemp(prefix="drill-"))
        addresses = {name: f"192.0.2.{11 + number}" for number, name in enumerate(self.names)}
        (self.root / "cgroup.version").write_text(str(self.cgroups))
        self.start_keeper(addresses)
        try:
            self.image.lay_out(self.root, self.versions, self.unpacked, addresses)
            self.wait_for_wire()
            self.start_broker()
            self.hosts = {name: Host(self, name, address) for name, address in addresses.items()}
            for host in self.hosts.values():
                host.switch_on()
            for host in self.hosts.values():
                host.wait_until_up()
            self.install_accounts()
        except BaseException:
            self.end()
            raise

    def start_keeper(self, addresses: dict[str, str]) -> None:
        """Starts the supervisor, which makes the network and the disks, and removes all of it at the end."""
        spares = {
            spare for spare, facts in self.facts["rollout"]["hosts"].items() if set(facts["spare_of"]) & set(self.names)
        }
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

    def end(self) -> None:
        """Ends everything and waits until it is gone."""
        if hasattr(self, "broker"):
            self.broker.close()
        if self.keeper.stdin:
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
        control, log = self.root / "broker.sock", self.root / "broker.log"
        with open(log, "w") as output:
            self.broker_process = subprocess.Popen(
                [
                    *(*self.enter_wire(), sys.executable, "-m", "drills.rig.broker"),
                    *(BROKER_HOST, str(BROKER_PORT), control, str(float(self.image.limits["heartbeat.interval"].base))),
                ],
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.broker = broker_line.connect(control, log)

    # ------------------------------------------------------------------ accounts

    def install_accounts(self) -> None:
        """Gives every host its accounts."""
        for name, accounts in self.accounts.items():
            for account in accounts:
                self.hosts[name].install(account, self.release, **self.config)
                for other in self.hosts.values():
                    # A spare host has the key already; it must not have to be typed in an emergency.
                    self.write_key(other, account)

    def write_config(self, host: Host, account: str, **settings: Any) -> None:
        """Writes an account's configuration and key on a host. settings: see account_files.configuration."""
        path = host.path(f"/etc/traderd/{account}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(account_files.configuration(account, "broker", **settings))
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
        path.write_text(account_files.recording(account, events))

    def start_accounts(self, slots: tuple[str, ...] = ("blue", "green")) -> None:
        """Starts slots of every account, and waits until they work: see Host.start."""
        for name, accounts in self.accounts.items():
            for account in accounts:
                self.hosts[name].start(account, slots)

    # ------------------------------------------------------------------ judging

    def report(self, account: str, since: float = 0.0) -> dict[str, Any]:
        """The broker's figures of one account since a time (epoch seconds): see broker/figures.py."""
        figures: dict[str, Any] = self.broker("report", since=since)[account]
        return figures

    def settle(self, account: str, since: float = 0.0, timeout: float = 20.0, guarded: bool = False) -> dict[str, Any]:
        """Stops the account's flow and waits until nothing is on its way any more; timeout in seconds.

        Nothing is on its way when every event is acknowledged and, for a while, no order has added another one: an
        acknowledged breach is answered by an order, and its fill is an event of its own. After the timeout the judge
        speaks. guarded: break a limit first, which must be answered.
        Returns `report` (since that time) and `snapshot` of the broker, both of that same moment.
        """
        self.broker("flow", accounts=[account], rate=0)
        if guarded:
            self.broker("breach", account=account, rule="size")
        until, still, last = time.monotonic() + timeout, time.monotonic(), -1
        while True:
            moment: dict[str, Any] = self.broker("moment", account=account, since=since)
            figures, now = moment["report"], time.monotonic()
            if figures["acknowledged"] != figures["last"] or figures["last"] != last:
                still, last = now, figures["last"]
            elif now - still > (ANSWER if guarded and figures["open"] else QUIET):
                return moment
            if now > until:
                return moment
            time.sleep(0.02)

    def examine(self, host: Host, account: str, snapshot: dict[str, Any] | None = None) -> dict[str, Any]:
        """Reads the state on a host's disk, on a copy.

        snapshot: the broker's, which the state must have reached; by default the present one.
        Returns `differences` from the snapshot, `strict` (lockouts and losses), `schema`.
        """
        # First the broker, then the disk: an event that comes between the two is later than the snapshot, not missing.
        snapshot = snapshot or self.broker("snapshot", account=account)
        with tempfile.TemporaryDirectory() as scratch:
            for end in ("", "-wal"):
                file = host.path(f"/var/lib/traderd/{account}/state.db{end}")
                if file.exists():
                    shutil.copy(file, scratch)
            db = states.connect(Path(scratch) / "state.db")
            found = states.differences(db, snapshot)
            result = {
                "differences": [line for _, lines in found.values() for line in lines],
                "strict": states.stricter(db),
                "schema": states.schema(db),
            }
            db.close()
        return result

    def judge(
        self,
        host: Host,
        account: str,
        since: float,
        gap: float | None,
        before: dict[str, Any] | None = None,
        flat: bool = False,
        guarded: bool = False,
    ) -> Verdict:
        """Stops the flow and judges the account since a time (epoch seconds).

        gap: the longest protection gap allowed, in seconds; before: an earlier `examine(...)["strict"]`;
        flat, guarded: what the account must be now.
        """
        moment = self.settle(account, since, guarded=guarded)
        after = self.examine(host, account, moment["snapshot"])
        weaker = None
        if before is not None:
            lockouts, days = states.weaker(after["strict"], before)
            weaker = [f"lockout {kind}" for kind in lockouts] + [f"loss of {day}" for day in days]
        return judge(Case(moment["report"], after["differences"], weaker, flat, guarded), gap)

    def control_window(self, account: str, seconds: float) -> float:
        """The worst gap of a window in which nothing is done, in seconds: what this machine stalls by itself."""
        since = time.time()
        time.sleep(seconds)
        return float(self.report(account, since)["gap"]["seconds"])
