"""The rig's own tests: that it boots and vanishes, that its daemon keeps the contract, that its bad releases and faults are as bad as they say."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drills.rig import judge as judging
from drills.rig.rig import Rig

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]

GAP_CI = 0.5  # seconds: what a shared machine may add to a planned handover


def traces(root: str) -> list[str]:
    """What the rig in that folder could leave behind on the machine; other rigs may run beside it."""
    folders = [path for path in (Path(root), *Path("/sys/fs/cgroup").glob(f"**/{Path(root).name}")) if path.exists()]
    processes = subprocess.run(["pgrep", "-f", root], capture_output=True, text=True, check=False).stdout.split()
    return (
        [str(path) for path in folders]
        + [line for line in Path("/proc/mounts").read_text().splitlines() if root in line]
        + processes
    )


@pytest.fixture
def one():
    """One host with account A1, both slots running, 50 events a second."""
    with Rig(accounts={"trade-1": ["A1"]}) as rig:
        yield flowing(rig, "A1")


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


# ---------------------------------------------------------------------- the rig itself


def test_the_judge_fails_what_it_must():
    judging.self_test()


def test_boots_and_leaves_nothing_behind():
    with Rig(hosts=["trade-1", "trade-2"]) as rig:
        assert traces(str(rig.root))
        assert rig.hosts["trade-1"].must("hostname").strip() == "trade-1"
        assert rig.hosts["trade-2"].must("cat /proc/1/comm").strip() == "systemd"
        rig.hosts["trade-1"].must("exec 3<>/dev/tcp/broker/9000")
        rig.hosts["trade-1"].must("touch /srv/proof-of-the-rig /root/proof-of-the-rig && rm -f /etc/passwd")
        print(f"boot {max(host.boot_seconds for host in rig.hosts.values()):.2f} s")
    assert traces(str(rig.root)) == []
    assert (
        Path("/etc/passwd").exists()
        and not Path("/srv/proof-of-the-rig").exists()
        and not Path("/root/proof-of-the-rig").exists()
    )


def test_leaves_nothing_behind_when_its_owner_is_killed():
    code = "from drills.rig.rig import Rig; r = Rig(); r.begin(); print(r.root, flush=True); input()"
    owner = subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    root = owner.stdout.readline().decode().strip()
    assert traces(root)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdin.close()
    owner.stdout.close()
    assert until(lambda: not traces(root), 10), traces(root)


def test_what_a_killed_keeper_leaves_is_swept_by_the_next_rig():
    first = Rig()
    first.begin()
    os.kill(first.keeper.pid, signal.SIGKILL)
    first.end()
    assert traces(str(first.root))
    with Rig():
        assert until(lambda: not traces(str(first.root)), 10), traces(str(first.root))


def test_control_groups_version_2():
    if not Path("/sys/fs/cgroup/unified").is_dir() and not Path("/sys/fs/cgroup/cgroup.controllers").exists():
        pytest.skip("no version 2 hierarchy on this machine")
    with Rig(accounts={"trade-1": ["A1"]}, cgroups=2) as rig:
        rig.start_accounts()
        assert "traderd" in rig.hosts["trade-1"].must("systemd-cgls --no-pager")


def test_a_terminal_keeps_its_variables_and_fails_closed():
    with Rig() as rig:
        terminal = rig.hosts["trade-1"].shell()
        assert terminal.run("ACCOUNT=A1; cd /var").code == 0
        unset = terminal.run('echo "${SLOT:?set SLOT}" && echo went on')
        assert unset.code != 0 and "set SLOT" in unset.output and "went on" not in unset.output
        assert terminal.run('echo "$ACCOUNT in $PWD"').output == "A1 in /var\n"
        slow = terminal.run("sleep 30", timeout=0.5)
        assert slow.code == 124 and slow.seconds < 5
        terminal.close()


def test_rigs_run_side_by_side_and_their_hosts_reach_each_other_by_ssh():
    with Rig(hosts=["trade-1", "trade-2"]) as one, Rig(hosts=["trade-1"]) as other:
        assert one.hosts["trade-1"].must("ssh trade-2 hostname").strip() == "trade-2"
        one.hosts["trade-1"].must("touch /srv/only-here")
        assert other.hosts["trade-1"].run("test -e /srv/only-here || ssh -o ConnectTimeout=1 trade-2 true").code != 0


# ---------------------------------------------------------------------- a healthy account


def test_every_verb_that_looks_says_what_the_contract_says(one):
    says = {name: verb["says"] for name, verb in one.facts["system"]["verbs"].items()}
    host = one.hosts["trade-1"]
    one.write_recording(host, "A1", 600)
    calls = {
        "status A1": "status", "slot A1 active": "slot", "wait A1:blue active": "wait", "broker A1": "broker", "clock A1": "clock",
        "credentials A1": "credentials", "reconcile A1": "reconcile", "smoke A1": "smoke", "release-check 1.5.0": "release-check",
        "compat A1 --release 1.5.0": "compat", "config-check A1": "config-check", "backup-verify A1": "backup-verify",
        "state-check A1 --against latest": "state-check", "replay /srv/recordings/A1.jsonl --release 1.5.0": "replay",
    }  # fmt: skip
    must(one, "backup A1")
    for call, verb in calls.items():
        lines = must(one, call)
        assert len(lines) == len(says[verb]), (call, lines)
        for line, pattern in zip(lines, says[verb]):
            assert matches(line, pattern), (call, line, pattern)
    assert must(one, "stress /srv/recordings/A1.jsonl --release 1.5.0 --times 8")[-1] == "WITHIN LIMITS"
    assert must(one, "accounts") == ["A1"]


def matches(line: str, pattern: str) -> bool:
    """Whether a line is what a reader would compare with the pattern; … stands for text that varies."""
    at = 0
    for part in pattern.split("…"):
        at = line.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def test_health_and_metrics_have_the_contracts_names(one):
    host = one.hosts["trade-1"]
    socket = "/run/traderd/A1:blue/admin.sock"
    health = json.loads(host.must(f"curl -sf --unix-socket {socket} http://localhost/health"))
    assert {field["field"] for field in one.facts["system"]["health"]} <= health.keys()
    assert (
        health["state"] == "active"
        and health["link"] == "up"
        and health["rules_loaded"] == health["rules_expected"] == 4
    )
    by_monitor = {"enforce_missed", "enforce_unexpected", "scrape", "writers"}
    host.must("systemd-run --quiet --collect --unit=traderd-guard-A1 traderctl guard A1 --control A2 --back-to green")
    asked = f"curl -sf --unix-socket {socket} http://localhost/metrics"
    assert until(lambda: "traderd_guard_watching" in host.must(asked), 10), "the guard does not say that it watches"
    text = host.must(asked)
    wanted = {fact["name"] for key, fact in one.facts["system"]["metrics"].items() if key not in by_monitor}
    assert {name for name in wanted if f"\n{name}" not in f"\n{text}"} == set()


# ---------------------------------------------------------------------- who writes


def test_handovers_lose_nothing_and_stay_under_the_gap(one):
    control = one.control_window("A1", 2)
    since, slot = time.time(), "blue"
    for _ in range(10):
        slot = {"blue": "green", "green": "blue"}[slot]
        assert matches(must(one, f"handover A1 --to {slot}")[0], f"A1: {slot} active, release 1.4.2, gap … ms")
        time.sleep(0.1)
    worst = report(one, since)["gap"]["seconds"]
    print(f"10 handovers: worst gap {worst * 1000:.0f} ms, control window {control * 1000:.0f} ms")
    assert_judged(one, since, control + GAP_CI)


def test_a_handover_that_nobody_takes_comes_back(one):
    one.hosts["trade-1"].kill("A1", "green", "STOP")
    since = time.time()
    code, lines = ctl(one, "handover A1 --to green")
    assert code == 1, lines
    assert until(lambda: state_of(one, "blue") == "active", 5)
    assert report(one, since)["gap"]["seconds"] < 5


def test_a_killed_daemon_is_replaced_at_once(one):
    since = time.time()
    one.hosts["trade-1"].kill("A1", "blue")
    assert until(lambda: state_of(one, "green") == "active", 5)
    print(f"kill -9: gap {report(one, since)['gap']['seconds'] * 1000:.0f} ms")
    assert until(lambda: state_of(one, "blue") == "standby", 10), "the service manager brings the dead one back"
    assert_judged(one, since, 1.0)


def test_a_hung_daemon_is_replaced_after_the_lease_and_writes_nothing_more(one):
    since = time.time()
    one.hosts["trade-1"].kill("A1", "blue", "STOP")
    assert until(lambda: state_of(one, "green") == "active", 8)
    print(f"SIGSTOP: gap {report(one, since)['gap']['seconds']:.2f} s")
    one.hosts["trade-1"].kill("A1", "blue", "CONT")
    assert until(lambda: state_of(one, "blue") == "failed", 5)
    assert ended_with(one, "blue") == 75
    assert "fenced: another writer has epoch" in one.hosts["trade-1"].journal()
    assert_judged(one, since, 5.0)


def test_fence_stops_every_writer_and_the_next_daemon_is_above_it(one):
    epoch = report(one)["epoch"]
    assert matches(must(one, "fence A1")[0], "A1: fenced at epoch …, 0 writers")
    assert report(one)["epoch"] > epoch and report(one)["writers_now"] == 0
    one.hosts["trade-1"].must(
        "systemctl reset-failed 'traderd@A1:*'; systemctl start traderd@A1:blue && traderctl wait A1:blue active"
    )
    assert_judged(one, 0, 30.0)


# ---------------------------------------------------------------------- halt and override


def test_halt_sends_nothing_survives_restarts_and_resume_wants_a_reconcile(one):
    assert must(one, "halt A1") == ["A1: halted, sends no orders, positions stay open"]
    since = time.time()
    one.broker("breach", account="A1", rule="position")
    one.hosts["trade-1"].must("systemctl restart traderd@A1:blue && traderctl wait A1:blue 'halted|standby'")
    assert {state_of(one, "blue"), state_of(one, "green")} == {"halted", "standby"}
    assert ctl(one, "resume A1")[0] == 1
    time.sleep(1)
    assert report(one, since)["orders"] == 0 and report(one, since)["gap"]["seconds"] > 1, (
        "a halted account is not guarded"
    )
    must(one, "reconcile A1")
    must(one, "smoke A1")
    assert must(one, "resume A1") == ["A1: active, enforcing"]
    assert until(lambda: report(one, since)["orders"] > 0, 2), "what is broken is mended after the resume"
    assert_judged(one, time.time() - 0.5, None)


@pytest.mark.parametrize("daemon", ["running", "gone"])
def test_flatten_works_with_and_without_a_daemon(one, daemon):
    if daemon == "gone":
        one.hosts["trade-1"].must("systemctl stop 'traderd@A1:*'")
    one.broker("flow", accounts=["A1"], rate=50, trading=False)
    assert matches(must(one, "flatten A1 --confirm A1 --dry-run")[0], "A1: would cancel … orders, close … positions")
    assert ctl(one, "flatten A1 --confirm A2")[0] == 2
    assert matches(
        must(one, "flatten A1 --confirm A1")[0],
        "A1: … orders cancelled, … positions closed, flat at the broker, locked out",
    )
    figures = report(one)
    assert figures["positions"] == {} and figures["working"] == 0
    one.hosts["trade-1"].must(
        "systemctl start traderd@A1:blue traderd@A1:green && traderctl wait A1:blue 'halted|standby'"
    )
    must(one, "reconcile A1")
    assert "override" in one.examine(one.hosts["trade-1"], "A1")["strict"]["lockouts"]
    must(one, "resume A1")
    assert "override" not in one.examine(one.hosts["trade-1"], "A1")["strict"]["lockouts"]


def test_flatten_says_when_traders_go_on(one):
    code, lines = ctl(one, "flatten A1 --confirm A1")
    assert (code, "NOT FLAT" in lines[-1]) in ((1, True), (0, False))


def test_a_lockout_closes_what_is_opened_and_survives_everything(one):
    one.broker("breach", account="A1", rule="loss")
    assert until(lambda: "daily-loss" in one.examine(one.hosts["trade-1"], "A1")["strict"]["lockouts"], 3)
    before = one.examine(one.hosts["trade-1"], "A1")["strict"]
    since = time.time()
    must(one, "handover A1 --to green")
    one.hosts["trade-1"].kill("A1", "green")
    time.sleep(1)
    assert report(one, since)["orders"] > 0
    assert_judged(one, since, 2.0, before)


# ---------------------------------------------------------------------- damaged files

DAMAGE = {
    "overwritten": "systemctl stop 'traderd@A1:*'; dd if=/dev/urandom of={db} bs=4096 seek=1 count=20 conv=notrunc status=none",
    "truncated": "systemctl stop 'traderd@A1:*'; truncate -s 9000 {db}",
    "emptied": "systemctl stop 'traderd@A1:*'; : > {db}",
    "missing": "systemctl stop 'traderd@A1:*'; rm {db}",
    "log lost": "systemctl kill --signal=KILL 'traderd@A1:*'; systemctl stop 'traderd@A1:*'; test -s {db}-wal && rm {db}-wal {db}-shm",
}


def test_a_damaged_state_is_refused_and_restored(one):
    one.broker("breach", account="A1", rule="loss")
    time.sleep(0.5)
    for damage in DAMAGE:
        restore_after(one, damage)


def restore_after(one: Rig, damage: str):
    host = one.hosts["trade-1"]
    one.broker("flow", accounts=["A1"], rate=50)
    must(one, "backup A1")
    before = one.examine(host, "A1")["strict"]
    assert before["lockouts"], "there is something to lose"
    host.must("journalctl --rotate --vacuum-time=1ms --quiet")
    host.must(DAMAGE[damage].format(db="/var/lib/traderd/A1/state.db"))
    assert host.run("systemctl start traderd@A1:blue").code != 0
    assert ended_with(one, "blue") == 65
    words = "state refused: database missing" if damage == "missing" else "state refused: database damaged"
    assert words in host.journal()
    assert ctl(one, "state-check A1")[0] == 65

    since = time.time()
    host.must(
        "traderctl halt A1 && systemctl stop 'traderd@A1:*' && systemctl reset-failed 'traderd@A1:*' && traderctl fence A1 && traderctl restore A1 --backup latest"
        " && systemctl start traderd@A1:blue && traderctl wait A1:blue halted && traderctl adopt A1 && traderctl reconcile A1"
        " && traderctl state-check A1 --against latest && traderctl smoke A1 && traderctl resume A1"
    )
    print(f"restore after {damage}: {time.time() - since:.1f} s")
    time.sleep(0.3)
    assert_judged(one, since, 30.0, before)


def test_a_refused_configuration_is_restored(one):
    host = one.hosts["trade-1"]
    for broken in ("position_limit: [", "", "position_limit: 99999", "surprise: 1"):
        path = "/etc/traderd/A1.yaml"
        host.must(
            f"echo '{broken}' > {path}"
            if ":" not in broken or "[" in broken
            else f"sed -i 's/^  position_limit.*/  {broken}/' {path}"
        )
        code, lines = ctl(one, "config-check A1")
        assert code == 78 and lines[0].startswith("configuration refused: "), (broken, lines)
        host.run("systemctl restart traderd@A1:green")
        assert ended_with(one, "green") == 78 and "configuration refused:" in host.journal(5)
        must(one, "config-restore A1")
        must(one, "config-check A1")
        host.must(
            "systemctl reset-failed 'traderd@A1:*'; systemctl start traderd@A1:green && traderctl wait A1:green standby"
        )
    assert_judged(one, 0, 3.0)


def test_adopt_mends_each_kind_of_mismatch(one):
    host, db = one.hosts["trade-1"], "/var/lib/traderd/A1/state.db"
    for change in (
        "DELETE FROM fills WHERE seq = (SELECT max(seq) FROM fills)",
        "UPDATE positions SET qty = qty + 1",
        "INSERT INTO orders VALUES ('T0', 'ES', 1, 1, NULL)",
    ):
        must(one, "halt A1")
        host.must(f'sqlite3 -cmd ".timeout 3000" {db} "{change}"')
        if (
            "positions" in change
        ):  # a running daemon writes the positions it knows; only a stopped one keeps a wrong one
            host.must(f"systemctl stop 'traderd@A1:*'; sqlite3 {db} \"{change}\"")
        code, lines = ctl(one, "reconcile A1")
        assert code == 1 and lines[-1] == "MISMATCH", lines
        host.must(
            "systemctl start traderd@A1:blue traderd@A1:green; traderctl adopt A1 && traderctl reconcile A1 && traderctl smoke A1 && traderctl resume A1"
        )
    assert_judged(one, time.time() - 0.2, None)


def test_a_full_disk_ends_the_daemon_and_frees_again():
    with Rig(accounts={"trade-1": ["A1"]}, disk_mb=64) as rig:
        flowing(rig, "A1")
        host = rig.hosts["trade-1"]
        must(rig, "backup A1")
        host.must(
            "touch /var/lib/traderd/filler && fallocate -l $(df --output=avail -B1 /var/lib | tail -n 1) /var/lib/traderd/filler || dd if=/dev/zero of=/var/lib/traderd/filler bs=4k status=none || true"
        )
        assert until(lambda: "cannot save state: disk full" in host.journal(), 10), host.journal()
        assert until(lambda: report(rig)["writers_now"] == 0, 30)
        host.must(
            "rm /var/lib/traderd/filler; systemctl reset-failed 'traderd@A1:*'; systemctl start traderd@A1:blue && traderctl wait A1:blue 'active|standby'"
        )
        must(rig, "state-check A1 --against latest")
        assert_judged(rig, 0, 120.0)


# ---------------------------------------------------------------------- releases


def test_a_release_with_another_schema_goes_in_and_back_out(one):
    host = one.hosts["trade-1"]
    host.must(
        "traderctl backup A1 && traderctl migrate A1 --to 2 && systemctl stop traderd@A1:green && ln -sfnT /opt/traderd/releases/1.5.0 /opt/traderd/slots/A1:green"
        " && systemctl start traderd@A1:green && traderctl wait A1:green standby && traderctl handover A1 --to green"
    )
    assert must(one, "status A1")[1].startswith("green active 1.5.0")
    time.sleep(0.5)
    must(one, "handover A1 --to blue")
    assert ctl(one, "compat A1 --release 1.4.1")[0] == 1
    host.must(
        "systemctl stop traderd@A1:green && traderctl migrate A1 --to 1 && traderctl state-check A1 --against latest"
    )
    time.sleep(0.5)
    assert one.examine(host, "A1")["schema"] == 1
    assert_judged(one, 0, 3.0)


def bad_release(bug: str, **more) -> Rig:
    return Rig(accounts={"trade-1": ["A1", "A2"]}, versions={"1.4.2": None, "1.5.0": bug}, **more)


def bring_in(rig: Rig, account: str = "A1"):
    """Starts the bad release as the standby of an account and hands over to it."""
    script = (
        f"systemctl stop traderd@{account}:green; ln -sfnT /opt/traderd/releases/1.5.0 /opt/traderd/slots/{account}:green;"
        f" systemctl start traderd@{account}:green && traderctl wait {account}:green standby && traderctl handover {account} --to green"
    )
    return rig.hosts["trade-1"].run(script, 90)


def test_a_release_that_cannot_start_does_not_get_the_account():
    with bad_release("crash-at-start") as rig:
        flowing(rig, "A1", "A2")
        assert bring_in(rig).code != 0 and "internal error" in rig.hosts["trade-1"].journal()
        assert state_of(rig, "blue") == "active"
        assert_judged(rig, 0, 3.0)


def test_a_release_that_breaks_the_schema_ends_the_old_one_beside_it():
    with bad_release("breaks-schema") as rig:
        flowing(rig, "A1", "A2")
        rig.hosts["trade-1"].must(
            "systemctl stop traderd@A1:green; ln -sfnT /opt/traderd/releases/1.5.0 /opt/traderd/slots/A1:green; systemctl start traderd@A1:green"
        )
        assert until(lambda: ended_with(rig, "blue") == 65, 5)
        assert "state refused: schema 9" in rig.hosts["trade-1"].journal()
        assert ctl(rig, "compat A1 --release 1.4.2")[0] == 1


def test_a_release_that_crashes_under_load_falls_back_to_the_standby():
    with bad_release("crash-under-load") as rig:
        flowing(rig, "A1", "A2")
        assert bring_in(rig).code == 0
        rig.broker("flow", accounts=["A1"], rate=200)
        assert until(lambda: state_of(rig, "blue") == "active", 10)
        assert "event buffer overrun" in rig.hosts["trade-1"].journal(200)
        assert_judged(rig, 0, 3.0)


@pytest.mark.parametrize(
    ("bug", "figure", "smoke"), [("deaf", "lost", 1), ("mute", "lost", 0), ("runaway", "unexpected", 1)]
)
def test_a_bad_release_is_caught_by_the_judge_the_gate_and_the_guard(bug, figure, smoke):
    with bad_release(bug, thresholds={"breach.interval": "1 s", "canary.samples": "5 samples"}) as rig:
        flowing(rig, "A1", "A2")
        host, since = rig.hosts["trade-1"], time.time()
        assert bring_in(rig).code == 0
        host.must(
            "systemd-run --quiet --collect --unit=traderd-guard-A1 traderctl guard A1 --control A2 --back-to blue"
        )
        rig.broker("breach", account="A1", rule="position")
        assert ctl(rig, "smoke A1")[0] == smoke
        assert until(lambda: report(rig, since)[figure] > 0, 5)
        assert ctl(rig, "gate A1 --control A2")[1][-1].startswith("FAIL")
        assert until(lambda: state_of(rig, "blue") == "active", 15), host.journal(30)
        assert "handed back to blue" in host.journal(50)
        print(f"{bug}: canary exposed for {time.time() - since:.1f} s")
        assert not rig.judge(host, "A1", since, 1.0).good


def test_missing_samples_page_and_hand_nothing_back():
    with Rig(accounts={"trade-1": ["A1", "A2"]}, thresholds={"breach.interval": "1 s"}) as rig:
        flowing(rig, "A1", "A2")
        host = rig.hosts["trade-1"]
        assert bring_in(rig).code == 0
        host.must(
            "systemd-run --quiet --collect --unit=traderd-guard-A1 traderctl guard A1 --control A2 --back-to blue"
        )
        socket = "/run/traderd/A1:green/admin.sock"
        host.must(f"mv {socket} {socket}.away")
        assert until(lambda: "guard blind" in host.journal(50), 15), host.journal(30)
        time.sleep(3)
        host.must(f"mv {socket}.away {socket}")
        assert state_of(rig, "green") == "active"
        assert host.must("systemctl is-active traderd-guard-A1").strip() == "active"
        assert "handed back to" not in host.journal(100)


def test_a_release_that_turns_positions_around_halts_itself():
    with bad_release("inverted") as rig:
        flowing(rig, "A1", "A2")
        assert bring_in(rig).code == 0
        rig.broker("breach", account="A1", rule="position")
        assert until(lambda: state_of(rig, "green") == "halted", 5)
        assert "halted: too many actions for one violation" in rig.hosts["trade-1"].journal()
        assert report(rig)["duplicated"] > 0


def test_a_good_release_passes_the_gate():
    with Rig(accounts={"trade-1": ["A1", "A2"]}, thresholds={"canary.samples": "3 samples"}) as rig:
        flowing(rig, "A1", "A2")
        assert ctl(rig, "gate A1 --control A2")[0] == 3
        for _ in range(4):
            rig.broker("breach", account="A1", rule="position")
            time.sleep(0.1)
        code, lines = ctl(rig, "gate A1 --control A2")
        assert (code, lines[-1]) == (0, "PASS"), lines


# ---------------------------------------------------------------------- the broker's faults

QUICK = {"heartbeat.interval": "300 ms", "heartbeat.silence": "1 s", "reconnect.first": "200 ms"}


def test_each_fault_of_the_line_bites_and_is_survived():
    with Rig(accounts={"trade-1": ["A1"]}, thresholds=QUICK) as rig:
        flowing(rig, "A1")
        host = rig.hosts["trade-1"]
        for fault, arguments, words in (
            ("drop", {}, "broker link lost:"),
            ("silence", {}, "broker silent: closing a half-open link"),
            ("outage", {"seconds": 1.0}, "broker link lost:"),
            ("skip", {"every": 7}, "event gap: asking for a resend"),
            ("reject", {"orders": 1}, "broker rejected an order:"),
            ("rate_limit", {"seconds": 0.5}, "broker rate limit: waiting"),
        ):
            host.must("journalctl --rotate --vacuum-time=1ms --quiet")
            since = time.time()
            rig.broker(fault, account="A1", **arguments)
            if fault in ("reject", "rate_limit"):
                rig.broker("breach", account="A1", rule="position")
            assert until(lambda: words in host.journal(200), 5), (fault, host.journal(50))
            if fault == "skip":
                rig.broker("skip", account="A1", every=0)
            assert until(lambda: ctl(rig, "status A1")[0] == 0, 15), (fault, host.journal(50))
            assert_judged(rig, since, 6.0)
            rig.broker("flow", accounts=["A1"], rate=50)
        rig.broker("delay", account="A1", seconds=0.3)
        since = time.time()
        time.sleep(1)
        assert report(rig, since)["gap"]["seconds"] > 0.3


def test_broker_unreachable_and_key_refused_have_their_exit_codes(one):
    host = one.hosts["trade-1"]
    one.broker("outage", account="A1", seconds=1.5)
    assert ctl(one, "broker A1")[0] == 69
    assert until(lambda: state_of(one, "blue") == "active", 10)
    one.broker("key", account="A1", state="expired")
    assert ctl(one, "credentials A1")[0] == 77
    one.broker("drop", account="A1")
    assert until(lambda: ended_with(one, "blue") == 77 and ended_with(one, "green") == 77, 8)
    assert "broker refused the key:" in host.journal()
    one.broker("key", account="A1", state="valid", key="a-new-key")
    one.write_key(host, "A1", "a-new-key")
    host.must("systemctl reset-failed 'traderd@A1:*'; systemctl start traderd@A1:blue && traderctl wait A1:blue active")
    assert_judged(one, 0, 20.0)


def test_a_broker_with_one_session_admits_no_standby_and_the_swap_works():
    with Rig(accounts={"trade-1": ["A1"]}, thresholds={"start.fail": "3 s"}) as rig:
        host = rig.hosts["trade-1"]
        rig.broker("set", one_session=True)
        host.start("A1", ("blue",))
        assert host.run("systemctl start traderd@A1:green", 20).code != 0
        host.must(
            "systemctl stop traderd@A1:green traderd@A1:blue; systemctl reset-failed 'traderd@A1:*'; systemctl start traderd@A1:green && traderctl wait A1:green active"
        )


def test_a_broker_without_fencing_has_two_writers_and_the_judge_sees_them():
    with Rig(hosts=["trade-1", "trade-2"], accounts={"trade-1": ["A1"]}) as rig:
        rig.broker("set", fencing=False)
        flowing(rig, "A1")
        rig.hosts["trade-2"].install("A1", "1.4.2")
        rig.hosts["trade-2"].start("A1", ("blue",))
        assert must(rig, "broker A1")[0] == "sessions 2"
        rig.broker("breach", account="A1", rule="position")
        time.sleep(0.5)
        verdict = rig.judge(rig.hosts["trade-1"], "A1", 0, None)
        assert verdict.broken["I1"], verdict


# ---------------------------------------------------------------------- two hosts


def test_a_lost_host_is_replaced_by_its_spare_and_cannot_come_back():
    with Rig(hosts=["trade-1", "trade-2"], accounts={"trade-1": ["A1"]}) as rig:
        flowing(rig, "A1")
        assert must(rig, "backup A1")[0].endswith("2 copies")
        before = rig.examine(rig.hosts["trade-1"], "A1")["strict"]
        since = time.time()
        rig.hosts["trade-1"].power_off()
        rig.hosts["trade-2"].must(
            "traderctl halt A1 && traderctl fence A1 && traderctl release-check 1.4.2 && traderctl restore A1 --backup latest && traderctl config-check A1 --release 1.4.2"
            " && mkdir -p /opt/traderd/slots && ln -sfnT /opt/traderd/releases/1.4.2 /opt/traderd/slots/A1:blue && systemctl start traderd@A1:blue && traderctl wait A1:blue halted"
            " && traderctl adopt A1 && traderctl reconcile A1 && traderctl smoke A1 && traderctl resume A1"
        )
        print(f"host lost: {time.time() - since:.1f} s")
        rig.hosts["trade-1"].boot()
        rig.hosts["trade-1"].run("systemctl start traderd@A1:blue", 20)
        assert until(lambda: ended_with(rig, "blue") == 75, 5)
        assert_judged(rig, since, 30.0, before, host="trade-2")


def test_a_host_without_network_is_degraded_and_recovers():
    with Rig(accounts={"trade-1": ["A1"]}, thresholds=QUICK) as rig:
        flowing(rig, "A1")
        since = time.time()
        rig.hosts["trade-1"].cut_network()
        assert until(lambda: state_of(rig, "blue") == "degraded", 5)
        assert ctl(rig, "broker A1")[0] == 69
        rig.hosts["trade-1"].cut_network(False)
        assert until(lambda: state_of(rig, "blue") == "active", 10)
        assert_judged(rig, since, 20.0)


# ---------------------------------------------------------------------- sabotage that the judge must see


@pytest.mark.parametrize(("bug", "fault"), [("no-gap-check", "skip"), ("random-ids", "restore")])
def test_without_its_safeguards_the_daemon_loses_or_doubles(bug, fault):
    with Rig(accounts={"trade-1": ["A1"]}, release="1.5.0", versions={"1.4.2": None, "1.5.0": bug}) as rig:
        flowing(rig, "A1")
        if fault == "skip":
            rig.broker("skip", account="A1", every=5)
            time.sleep(1.5)
        else:
            rig.broker("reject", account="A1", orders=0)
            stranger = {
                "coid": "x",
                "cause": 1,
                "rule": "max-position",
                "target": "ES",
                "kind": "close",
                "symbol": "ES",
                "qty": 1,
            }
            rig.broker("order", account="A1", order=stranger, instance="stranger", epoch=99)
        assert not rig.judge(rig.hosts["trade-1"], "A1", 0, None).good
