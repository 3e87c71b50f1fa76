"""What an account must not lose: why it is halted, its lockouts, its loss. And who may end that."""

import json
import time

import pytest

from drills.rig.rig import Rig
from tests.drills.rig_helpers import SIGNED, assert_judged, ctl, flowing, must, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]

RECORD = "/var/lib/traderd/A1/restrictions.json"
SHIPPED = "/var/backups/traderd/A1/restrictions.json"


@pytest.fixture(scope="module")
def halted():
    """One host whose daemon follows A1; every test halts it and resumes it."""
    with Rig(accounts={"trade-1": ["A1"]}) as rig:
        yield flowing(rig, "A1")


@pytest.fixture(autouse=True)
def healthy_at_first(request):
    """Each test begins with the account active, whatever the one before it has left."""
    if "halted" in request.fixturenames:
        rig = request.getfixturevalue("halted")
        must(rig, "start A1")
        if ctl(rig, "status A1")[0]:
            must(rig, "reconcile A1")
            must(rig, f"resume A1 {SIGNED}")


def cause(rig: Rig) -> str:
    """The second line of another halt, which says what is in force."""
    return must(rig, "halt A1 --cause recovery")[1].split(",")[0]


def resumed(rig: Rig, words: str = SIGNED) -> None:
    must(rig, "reconcile A1")
    assert must(rig, f"resume A1 {words}")[-1] == "A1: active, enforcing"


def test_a_halt_of_a_recovery_needs_no_signature_and_a_second_halt_never_lowers_the_cause(halted):
    assert must(halted, "halt A1 --cause recovery")[1].endswith("by root@trade-1: resume needs no signatures")
    resumed(halted, "")
    must(halted, "halt A1 --cause harm")
    assert cause(halted) == "cause harm"
    assert must(halted, "halt A1")[1].startswith("cause harm, ")
    assert any(line.endswith(" cause harm") for line in ctl(halted, "status A1")[1])
    resumed(halted)


@pytest.mark.parametrize(
    ("signed", "why"),
    [
        ("", "trading_approver and risk_approver missing"),
        ("--signed trading_approver=smith", "risk_approver missing"),
        ("--signed trading_approver=smith,risk_approver=Smith", "smith signed twice"),
        ("--signed trading_approver=smith,risk_approver=root", "root types"),
        ("--signed trading_approver=smith,release_operator=jones", "risk_approver missing"),
        ("--signed trading_approver=smith,risk_approver=", "'' is no name"),
    ],
    ids=["nobody", "one", "one name twice", "the typist", "another role", "no name"],
)
def test_a_resume_after_harm_wants_two_signatures(halted, signed, why):
    must(halted, "halt A1 --cause harm")
    must(halted, "reconcile A1")
    code, lines = ctl(halted, f"resume A1 {signed}")
    assert (code, lines) == (1, [f"A1: not resumed: needs 2 signatures: cause harm: {why}"])
    assert any(" halted " in line for line in ctl(halted, "status A1")[1])


def test_the_names_of_a_resume_stand_in_the_log_and_in_the_record(halted):
    must(halted, "halt A1 --cause harm")
    resumed(halted)
    assert "resumed: cause harm, signed trading_approver=smith,risk_approver=jones" in halted.hosts["trade-1"].journal()
    assert until(lambda: '"halt": null' in halted.hosts["trade-1"].must(f"cat {RECORD}"), 2)
    assert json.loads(halted.hosts["trade-1"].must(f"cat {RECORD}"))["resumed"]["cause"] == "harm"


@pytest.mark.parametrize("flag", ["{}", "nonsense", '{"by": "x", "at": 1, "token": "t"}'], ids=["empty", "torn", "old"])
def test_a_halt_flag_that_names_no_cause_counts_as_unknown(halted, flag):
    halted.hosts["trade-1"].must(f"echo '{flag}' > /var/lib/traderd/A1/halted")
    assert until(lambda: any(" halted " in line for line in ctl(halted, "status A1")[1]), 2)
    assert cause(halted) == "cause unknown"
    must(halted, "reconcile A1")
    assert ctl(halted, "resume A1")[0] == 1
    resumed(halted)


def test_a_lockout_by_hand_is_ordered_by_an_approver_and_ends_by_two_signatures(halted):
    assert ctl(halted, "lock A1 --signed risk_approver=jones --confirm A2")[0] == 2
    assert ctl(halted, "lock A1 --signed risk_approver=root --confirm A1")[0] == 1
    assert ctl(halted, "lock A1 --signed communicator=jones --confirm A1")[0] == 1
    words = "lock A1 --signed risk_approver=jones --confirm A1"
    assert must(halted, words) == ["A1: locked out until a signed resume, ordered by risk_approver jones"]
    assert must(halted, words) == ["A1: locked out already, until a signed resume"]
    assert ctl(halted, "status A1")[0] == 0, "it goes on enforcing"
    assert until(lambda: halted.broker("report", since=time.time() - 1)["A1"]["positions"] == {}, 5)
    assert "LOCKED OUT: override: have the broker block the account" in must(halted, "halt A1 --cause recovery")
    must(halted, "reconcile A1")
    assert ctl(halted, "resume A1")[0] == 1, "a recovery does not end what a person has ordered"
    resumed(halted)


def test_a_lockout_deleted_from_the_state_stays_on_record_until_a_signed_resume(halted):
    lock, check = "lock A1 --signed risk_approver=jones --confirm A1", "state-check A1 --against record"
    must(halted, lock)
    assert until(lambda: '"override"' in halted.hosts["trade-1"].must(f"cat {RECORD}"), 2)
    halted.hosts["trade-1"].must(
        "systemctl stop 'traderd@A1:*'; sqlite3 /var/lib/traderd/A1/state.db 'DELETE FROM lockouts'; traderctl start A1"
    )
    time.sleep(1)  # the daemon has written its restrictions by now
    assert (ctl(halted, check)[0], ctl(halted, check)[1][2]) == (1, "lockouts override WEAKER")
    must(halted, "halt A1 --cause recovery")
    assert ctl(halted, check)[0] == 1, "nor does the command line make the record milder"
    must(halted, lock)
    must(halted, check)
    resumed(halted)
    must(halted, check)


def test_halt_fence_and_start_refuse_an_account_of_another_host(halted):
    for words in ("halt A3", "fence A3", "start A3"):
        assert ctl(halted, words) == (1, ["A3 is not on this host: trade-1 runs A1"])


def test_start_never_stops_the_holder_and_starts_what_is_missing(halted):
    host, (slot, release) = halted.hosts["trade-1"], must(halted, "start A1")[0].split()[::2]
    other = {"A1:blue": "A1:green", "A1:green": "A1:blue"}[slot]
    newer = {"1.4.2": "1.5.0", "1.5.0": "1.4.2"}[release]
    process = host.must(f"systemctl show --property=MainPID --value traderd@{slot}")
    assert must(halted, "start A1") == [f"{slot} active {release}"]
    assert ctl(halted, f"start A1 --standby --release {newer}")[0] == 1
    assert must(halted, f"start A1 --release {newer}") == [f"{other} standby {newer}"]
    assert must(halted, f"start A1 --standby --release {release}") == [f"{other} standby {release}"]
    assert ctl(halted, "start A1 --release 9.9.9") == (1, ["release 9.9.9 MISSING", "NOT SAFE: release"])
    assert host.must(f"systemctl show --property=MainPID --value traderd@{slot}") == process
    host.must("systemctl stop 'traderd@A1:*'")
    assert ctl(halted, "start A1 --standby")[0] == 1, "nothing to stand by"
    assert must(halted, f"start A1 --release {newer}")[0].endswith(f" active {newer}")
    assert must(halted, "start A1 --standby")[0].endswith(f" standby {newer}")


def test_a_fence_pasted_twice_is_safe_and_the_account_comes_back(halted):
    before = halted.examine(halted.hosts["trade-1"], "A1")["strict"]
    since = time.time()
    epochs = []
    for _ in range(2):
        lines = must(halted, "fence A1 --cause recovery")
        assert lines[0] == "A1: halted, sends no orders, positions stay open"
        assert lines[-1].endswith(", 0 writers")
        epochs.append(int(lines[-1].split()[4].rstrip(",")))
    assert epochs[1] == epochs[0] + 1
    must(halted, "start A1")
    assert must(halted, "adopt A1") == ["A1: state equals broker"]
    assert must(halted, "state-check A1 --against record")[2].endswith("not weaker")
    assert must(halted, "resume A1") == ["A1: active, enforcing"]
    assert_judged(halted, since, 30.0, before)


def test_a_lockout_after_the_last_backup_survives_the_loss_of_the_host():
    with Rig(hosts=["trade-1", "trade-2"], accounts={"trade-1": ["A1"]}) as rig:
        flowing(rig, "A1")
        must(rig, "backup A1")
        must(rig, "flatten A1 --confirm A1 --dry-run")
        rig.broker("flow", accounts=["A1"], rate=50, trading=False)
        must(rig, "flatten A1 --confirm A1")
        time.sleep(1)
        before = rig.examine(rig.hosts["trade-1"], "A1")["strict"]
        assert "override" in before["lockouts"]
        since = time.time()
        rig.hosts["trade-1"].power_off()
        host = rig.hosts["trade-2"]
        assert must(rig, "accounts --of trade-1", "trade-2") == ["A1 1.4.2 smallest, one market"]
        assert must(rig, "release-check --of trade-1", "trade-2")[0].startswith("1.4.2: ")
        assert ctl(rig, "halt A1", "trade-2")[0] == 1
        assert host.run("systemctl start traderd@A1:blue").code != 0
        for _ in range(2):
            lines = must(rig, "fence --lost trade-1", "trade-2")
            assert lines[0] == "A1: halted, sends no orders, positions stay open"
        for _ in range(2):
            lines = must(rig, "restore A1 --backup latest", "trade-2")
            assert lines[1].startswith("restrictions: release 1.4.2, halt flattened, lockouts override, loss "), lines
        assert must(rig, "start A1", "trade-2") == ["A1:blue halted 1.4.2"]
        must(rig, "adopt A1", "trade-2")
        assert ctl(rig, "state-check A1 --against latest", "trade-2")[0] == 3, "compared with itself"
        assert must(rig, "state-check A1 --against record", "trade-2")[2] == "lockouts 1 not weaker"
        assert ctl(rig, "resume A1", "trade-2") == (
            1,
            ["A1: not resumed: needs 2 signatures: cause unknown: trading_approver and risk_approver missing"],
        )
        must(rig, "smoke A1", "trade-2")
        assert_judged(rig, since, None, before, flat=True, host="trade-2")
        for damage in ("echo torn >", "rm"):
            host.must(
                f"systemctl stop 'traderd@A1:*'; {damage} {RECORD}; {damage} {SHIPPED}; rm /var/lib/traderd/A1/state.db"
            )
            assert must(rig, "restore A1 --backup latest", "trade-2")[1].startswith("restrictions: NONE FOUND")
            assert ctl(rig, "state-check A1 --against record", "trade-2")[0] == 3
