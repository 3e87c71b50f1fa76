"""One writer at a time: handovers, deaths, hangs, fences."""

import time

import pytest

from tests.drills.rig_helpers import GAP_CI, assert_judged, ctl, ended_with, matches, must, report, state_of, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]


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
    assert matches(must(one, "fence A1 --cause recovery")[-1], "A1: fenced at epoch …, 0 writers")
    assert report(one)["epoch"] > epoch and report(one)["writers_now"] == 0
    one.hosts["trade-1"].must("traderctl start A1 && traderctl reconcile A1 && traderctl resume A1")
    assert_judged(one, 0, 30.0)
