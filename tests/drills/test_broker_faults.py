"""Each fault of the broker and its line bites, and is survived."""

import time

import pytest

from drills.rig.rig import Rig
from tests.drills.rig_helpers import QUICK, assert_judged, ctl, ended_with, flowing, must, report, state_of, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]


# Fault, its arguments, and the words with which the daemon reports it.
LINE_FAULTS = [
    pytest.param("drop", {}, "broker link lost:", id="cut"),
    pytest.param("silence", {}, "broker silent: closing a half-open link", id="half-open"),
    pytest.param("outage", {"seconds": 1.0}, "broker link lost:", id="outage"),
    pytest.param("skip", {"every": 7}, "event gap: asking for a resend", id="events-left-out"),
    pytest.param("reject", {"orders": 1}, "broker rejected an order:", id="order-rejected"),
    pytest.param("rate_limit", {"seconds": 0.5}, "broker rate limit: waiting", id="rate-limit"),
]


@pytest.fixture(scope="module")
def quick(drills_possible):
    """A host whose daemon notices a broken line soon; each test leaves it healthy."""
    with Rig(accounts={"trade-1": ["A1"]}, thresholds=QUICK) as rig:
        yield flowing(rig, "A1")


@pytest.mark.parametrize(("fault", "arguments", "words"), LINE_FAULTS)
def test_a_fault_of_the_line_bites_and_is_survived(quick, fault, arguments, words):
    host = quick.hosts["trade-1"]
    quick.broker("flow", accounts=["A1"], rate=50)
    host.must("journalctl --rotate --vacuum-time=1ms --quiet")
    since = time.time()
    quick.broker(fault, account="A1", **arguments)
    if fault in ("reject", "rate_limit"):
        quick.broker("breach", account="A1", rule="position")
    assert until(lambda: words in host.journal(200), 5), host.journal(50)
    if fault == "skip":
        quick.broker("skip", account="A1", every=0)
    assert until(lambda: ctl(quick, "status A1")[0] == 0, 15), host.journal(50)
    assert_judged(quick, since, 6.0)


def test_a_slow_line_shows_in_the_gap(quick):
    quick.broker("flow", accounts=["A1"], rate=50)
    quick.broker("delay", account="A1", seconds=0.3)
    since = time.time()
    assert until(lambda: report(quick, since)["gap"]["seconds"] > 0.3, 5)
    quick.broker("delay", account="A1", seconds=0.0)


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
            "systemctl stop traderd@A1:green traderd@A1:blue; systemctl reset-failed 'traderd@A1:*'; "
            "systemctl start traderd@A1:green && traderctl wait A1:green active"
        )


def test_a_broker_without_fencing_has_two_writers_and_the_judge_sees_them():
    with Rig(hosts=["trade-1", "trade-2"], accounts={"trade-1": ["A1"]}) as rig:
        rig.broker("set", fencing=False)
        flowing(rig, "A1")
        rig.hosts["trade-2"].install("A1", "1.4.2")
        rig.hosts["trade-1"].must("traderctl backup A1")
        # By hand, as no verb would: a spare host makes no empty state, and a restore asks for a fence.
        rig.hosts["trade-2"].must(
            "mkdir -p /var/lib/traderd/A1 && cp /var/backups/traderd/A1/latest/state.db /var/lib/traderd/A1/state.db"
        )
        rig.hosts["trade-2"].start("A1", ("blue",))
        assert must(rig, "broker A1")[0] == "sessions 2"
        rig.broker("breach", account="A1", rule="position")
        time.sleep(0.5)
        verdict = rig.judge(rig.hosts["trade-1"], "A1", 0, None)
        assert verdict.broken["I1"], verdict
