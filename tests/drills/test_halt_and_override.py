"""Halt, resume, flatten and lockout hold whatever the daemon does."""

import time

import pytest

from tests.drills.rig_helpers import SIGNED, assert_judged, ctl, matches, must, report, state_of, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]


def test_halt_sends_nothing_survives_restarts_and_resume_wants_a_reconcile(one):
    assert must(one, "halt A1")[0] == "A1: halted, sends no orders, positions stay open"
    since = time.time()
    one.broker("breach", account="A1", rule="position")
    one.hosts["trade-1"].must("systemctl restart traderd@A1:blue && traderctl wait A1:blue 'halted|standby'")
    assert {state_of(one, "blue"), state_of(one, "green")} == {"halted", "standby"}
    assert ctl(one, f"resume A1 {SIGNED}")[0] == 1
    time.sleep(1)
    assert report(one, since)["orders"] == 0 and report(one, since)["gap"]["seconds"] > 1, (
        "a halted account is not guarded"
    )
    must(one, "reconcile A1")
    must(one, "smoke A1")
    assert must(one, f"resume A1 {SIGNED}") == ["A1: active, enforcing"]
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
    assert ctl(one, "resume A1")[0] == 1
    assert must(one, f"resume A1 {SIGNED}")[0] == "A1: lockout override ended"
    assert "override" not in one.examine(one.hosts["trade-1"], "A1")["strict"]["lockouts"]


def test_flatten_says_when_traders_go_on(one):
    # So fast that some of them trade between the last round and the look at the broker.
    one.broker("flow", accounts=["A1"], rate=400)
    code, lines = ctl(one, "flatten A1 --confirm A1")
    assert (code, "NOT FLAT" in lines[-1]) == (1, True), lines
    one.broker("flow", accounts=["A1"], rate=50, trading=False)
    code, lines = ctl(one, "flatten A1 --confirm A1")
    assert (code, "flat at the broker" in lines[-1]) == (0, True), lines


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
