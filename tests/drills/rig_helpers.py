"""What the tests of a rig do again and again: a flow, the command line, a state, a verdict."""

import subprocess
import time
from pathlib import Path

from drills.rig.rig import Rig

GAP_CI = 0.5  # seconds: what a shared machine may add to a planned handover
# The two who may end a halt that a recovery did not set.
SIGNED = "--signed trading_approver=smith,risk_approver=jones"
# Thresholds of the line, shortened.
QUICK = {"heartbeat.interval": "300 ms", "heartbeat.silence": "1 s", "reconnect.first": "200 ms"}


def traces(root: str) -> list[str]:
    """What the rig in that folder could leave behind on the machine; other rigs may run beside it."""
    folders = [path for path in (Path(root), *Path("/sys/fs/cgroup").glob(f"**/{Path(root).name}")) if path.exists()]
    processes = subprocess.run(["pgrep", "-f", root], capture_output=True, text=True, check=False).stdout.split()
    return (
        [str(path) for path in folders]
        + [line for line in Path("/proc/mounts").read_text().splitlines() if root in line]
        + processes
    )


def flowing(rig: Rig, *accounts: str) -> Rig:
    rig.hosts["trade-1"].start(accounts[0])
    for control in accounts[1:]:
        rig.hosts["trade-1"].start(control, ("blue",))
    rig.broker("flow", accounts=list(accounts), rate=50)
    time.sleep(0.5)
    return rig


def ctl(rig: Rig, words: str, host: str = "trade-1"):
    """One call of the command line: (exit code, lines)."""
    result = rig.hosts[host].run(f"traderctl {words}", 90)
    return result.code, result.output.splitlines()


def must(rig: Rig, words: str, host: str = "trade-1") -> list[str]:
    code, lines = ctl(rig, words, host)
    assert code == 0, (words, code, lines, rig.hosts[host].journal(20))
    return lines


def until(true, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def state_of(rig: Rig, slot: str, account: str = "A1") -> str:
    return next(line.split()[1] for line in ctl(rig, f"status {account}")[1] if line.startswith(slot))


def ended_with(rig: Rig, slot: str, account: str = "A1") -> int:
    return int(rig.hosts["trade-1"].must(f"systemctl show --property=ExecMainStatus --value traderd@{account}:{slot}"))


def report(rig: Rig, since: float = 0.0, account: str = "A1") -> dict:
    return rig.broker("report", since=since)[account]


def assert_judged(rig: Rig, since: float, gap: float | None, before=None, flat=False, account="A1", host="trade-1"):
    verdict = rig.judge(rig.hosts[host], account, since, gap, before, flat)
    assert verdict.good, (str(verdict), rig.hosts[host].journal(40))


def matches(line: str, pattern: str) -> bool:
    """Whether a line is what a reader would compare with the pattern; … stands for text that varies."""
    at = 0
    for part in pattern.split("…"):
        at = line.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True
