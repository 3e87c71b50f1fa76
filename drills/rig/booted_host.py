"""One host of a rig: switching it on and off, running commands on it, and what an operator's terminal on it needs."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drills.rig.shell import CUT_OFF, Result, Shell, text_of

if TYPE_CHECKING:
    from drills.rig.rig import Rig  # a rig makes its hosts; a host asks its rig where things are

HERE = Path(__file__).resolve().parent

# The dynamic linker finds the right one of several architectures.
LIBFAKETIME = "/usr/$LIB/faketime/libfaketime.so.1"
# Only the clock of the day is stepped: neither the clocks that count since the start, nor the times of files.
WAITS = "/usr/local/lib/rig_clock"
FAKE_CLOCK = {
    "FAKETIME_NO_CACHE": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "NO_FAKE_STAT": "1",
    "PYTHONPATH": WAITS,
}
# The library refuses Python's time.sleep, which waits for a moment of the clock that it does not fake.
WAIT_BY_SELECT = "import select, time; time.sleep = lambda seconds: select.select([], [], [], seconds) and None"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "USER": "root",
    **FAKE_CLOCK,
}


class Host:
    """One host. Its disk outlives its boots."""

    def __init__(self, rig: "Rig", name: str, address: str) -> None:
        self.rig, self.name, self.address = rig, name, address
        self.process: subprocess.Popen[bytes] | None = None
        self.pid = 0  # systemd, as seen from outside
        self.switched_on = self.boot_seconds = 0.0
        self.boot_log = rig.root / f"boot.{name}.log"

    # ------------------------------------------------------------------ power

    def boot(self) -> None:
        """Switches the host on and waits until systemd answers. Raises RuntimeError with the boot's log."""
        self.switch_on()
        self.wait_until_up()

    def switch_on(self) -> None:
        """Starts the boot; several hosts boot at once."""
        self.switched_on, root = time.monotonic(), self.rig.root
        with open(self.boot_log, "a") as log:
            self.process = subprocess.Popen(
                [
                    *self.rig.enter_wire(),
                    *("nsenter", f"--net=/run/netns/{self.name}"),
                    *(str(HERE / "boot.sh"), str(root), self.name, str(self.rig.cgroups), *self.rig.keep),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_until_up(self, timeout: float = 20.0) -> None:
        """Waits until systemd answers; timeout in seconds. Raises RuntimeError with the boot's log."""
        while time.monotonic() - self.switched_on < timeout:
            self.pid = self._find_systemd()
            if self.pid and self._answers():
                self._leave_group_to_systemd()
                self.boot_seconds = time.monotonic() - self.switched_on
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self.name} did not boot:\n{self.boot_log.read_text()[-2000:]}")

    def power_off(self) -> None:
        """Pulls the plug: every process of the host is gone at once, its disk stays."""
        os.kill(self.pid, signal.SIGKILL)
        if self.process:
            self.process.wait(10)
        self.pid = 0

    def cut_network(self, cut: bool = True) -> None:
        """Pulls the network cable, or puts it back."""
        self.rig.in_wire("ip", "link", "set", f"to-{self.name}", "down" if cut else "up")

    def loosen_clock(self) -> None:
        """Lets the host's wall clock be stepped, for every process that starts from now on.

        The machine's own clock is not touched.
        """
        self.step_clock(0)
        settings = " ".join(f"{key}={value}" for key, value in FAKE_CLOCK.items())
        self.must(f"mkdir -p {WAITS} && echo '{WAIT_BY_SELECT}' > {WAITS}/sitecustomize.py")
        self.must(f"systemctl set-environment {settings} && echo '{LIBFAKETIME}' > /etc/ld.so.preload")

    def step_clock(self, seconds: float) -> None:
        """Steps it to so many seconds before or after the true time."""
        self.must(f"echo {seconds:+} > /etc/faketimerc.new && mv /etc/faketimerc.new /etc/faketimerc")

    def right_clock(self) -> None:
        """Sets it right, and takes the library away from what starts from now on."""
        self.step_clock(0)
        self.must(f"rm -r /etc/ld.so.preload {WAITS}")

    def _find_systemd(self) -> int:
        """Follows the chain of the boot's processes down to the one that is number 1 in namespaces of its own."""
        pid = self.process.pid if self.process else 0
        while pid:
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                names = [
                    line
                    for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                    if line.startswith(("NSpid", "Name"))
                ]
            except OSError:
                return 0
            if names[0].split()[1] == "systemd" and names[1].split()[-1] == "1":
                return pid
            pid = int(children[0]) if children else 0
        return 0

    def _answers(self) -> bool:
        asked = subprocess.run(
            [*self.enter(), "systemctl", "is-active", "rig.target"], capture_output=True, check=False
        )
        return asked.returncode == 0

    def _leave_group_to_systemd(self) -> None:
        """Moves the process that waits for systemd out of its control group.

        Under version 2 a group with processes cannot be divided.
        """
        parent = int(
            next(
                line.split()[1]
                for line in Path(f"/proc/{self.pid}/status").read_text().splitlines()
                if line.startswith("PPid")
            )
        )
        for group in self.groups():
            (group / "operators").mkdir(exist_ok=True)
            (group / "operators/cgroup.procs").write_text(str(parent))

    def groups(self) -> list[Path]:
        """The host's own control groups, one for each hierarchy."""
        return [link.resolve() for link in sorted((self.rig.root / f"cgroups.{self.name}").iterdir())]

    # ------------------------------------------------------------------ commands

    def enter(self) -> list[str]:
        """The start of a command that runs inside."""
        joins = "; ".join(f"echo $$ > {group}/operators/cgroup.procs" for group in self.groups())
        return ["sh", "-c", f'{{ {joins}; }} 2>/dev/null; exec nsenter -t {self.pid} -m -p -u -i -n -C "$@"', "sh"]

    def run(self, code: str, timeout: float = 60.0) -> Result:
        """Runs bash code in a shell of its own, as a fault or a preparation; timeout in seconds."""
        began = time.monotonic()
        try:
            done = subprocess.run(
                [*self.enter(), "timeout", "-k", "1", str(timeout), "bash", "-c", code],
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout + 10,
                check=False,
            )
            return Result(done.returncode, done.stdout, time.monotonic() - began)
        except subprocess.TimeoutExpired as expired:
            return Result(CUT_OFF, text_of(expired.stdout), time.monotonic() - began)

    def must(self, code: str, timeout: float = 60.0) -> str:
        """The output of bash code that must end with 0. Raises RuntimeError."""
        result = self.run(code, timeout)
        if result.code:
            raise RuntimeError(f"{self.name}: {code}\nexit {result.code}: {result.output}\n{self.journal(30)}")
        return result.output

    def shell(self) -> Shell:
        """An operator's terminal."""
        return Shell(self)

    def terminal(self) -> tuple[list[str], dict[str, str]]:
        """How a terminal is opened: the command and its environment."""
        return [*self.enter(), "setsid", "bash", "--norc", "--noediting", "-i"], ENVIRONMENT | {"PS1": "", "PS2": ""}

    def pasted(self, block: str) -> str:
        """The line to type that runs a block."""
        self.path("/tmp/block").write_text(block + "\n")
        return "source /tmp/block </dev/null\n"

    def path(self, inside: str) -> Path:
        """A path of the host as seen from outside: to put files there or to look at them."""
        return Path(f"/proc/{self.pid}/root") / inside.lstrip("/")

    def journal(self, lines: int = 100) -> str:
        """The end of the host's log."""
        return self.run(f"journalctl --no-pager -o short-precise -n {lines}").output

    # ------------------------------------------------------------------ the trading daemon

    def install(self, account: str, release: str, **settings: Any) -> None:
        """Gives the host an account: configuration, key, both slots linked to the release.

        settings: see account_files.configuration.
        """
        self.rig.write_config(self, account, **settings)
        links = " && ".join(
            f"ln -sfnT /opt/traderd/releases/{release} /opt/traderd/slots/{account}:{slot}"
            for slot in ("blue", "green")
        )
        self.must(f"mkdir -p /opt/traderd/slots && {links}")

    def start(self, account: str, slots: tuple[str, ...] = ("blue", "green")) -> None:
        """Starts slots one after the other and waits: the first one becomes active, the next one standby."""
        for slot, state in zip(slots, ("active|halted", "standby"), strict=False):
            self.must(f"systemctl start traderd@{account}:{slot} && traderctl wait {account}:{slot} '{state}'", 70)

    def kill(self, account: str, slot: str, sent: str = "KILL") -> None:
        """Sends a signal to a slot's process; by its name."""
        self.must(f"systemctl kill --signal={sent} traderd@{account}:{slot}")
