"""A release with another schema goes in and out; a bad one is caught."""

import time

import pytest

from drills.rig.rig import Rig
from tests.drills.rig_helpers import assert_judged, ctl, ended_with, flowing, must, report, state_of, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]


def test_a_release_with_another_schema_goes_in_and_back_out(one):
    host = one.hosts["trade-1"]
    host.must(
        "traderctl backup A1 && traderctl migrate A1 --for 1.5.0 && systemctl stop traderd@A1:green && ln "
        "-sfnT /opt/traderd/releases/1.5.0 /opt/traderd/slots/A1:green"
        " && systemctl start traderd@A1:green && traderctl wait A1:green standby && traderctl handover A1 --to green"
    )
    assert must(one, "status A1")[1].startswith("green active 1.5.0")
    time.sleep(0.5)
    must(one, "handover A1 --to blue")
    assert ctl(one, "compat A1 --release 1.4.1")[0] == 1
    host.must(
        "systemctl stop traderd@A1:green && traderctl migrate A1 --for 1.4.2 --down"
        " && traderctl state-check A1 --against latest"
    )
    time.sleep(0.5)
    assert one.examine(host, "A1")["schema"] == 1
    assert_judged(one, 0, 3.0)


def bad_release(bug: str, **more) -> Rig:
    return Rig(accounts={"trade-1": ["A1", "A2"]}, versions={"1.4.2": None, "1.5.0": bug}, **more)


def bring_in(rig: Rig, account: str = "A1"):
    """Starts the bad release as the standby of an account and hands over to it."""
    script = (
        f"systemctl stop traderd@{account}:green; ln -sfnT /opt/traderd/releases/1.5.0 "
        f"/opt/traderd/slots/{account}:green;"
        f" systemctl start traderd@{account}:green && traderctl wait {account}:green standby && "
        f"traderctl handover {account} --to green"
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
            "systemctl stop traderd@A1:green; ln -sfnT /opt/traderd/releases/1.5.0 "
            "/opt/traderd/slots/A1:green; systemctl start traderd@A1:green"
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
        rig.hosts["trade-1"].start("A1")
        rig.hosts["trade-1"].start("A2", ("blue",))
        # The traders hold: they break no limit, so the gate has no samples yet.
        rig.broker("flow", accounts=["A1", "A2"], rate=50, trading=False)
        time.sleep(0.5)
        assert ctl(rig, "gate A1 --control A2")[0] == 3
        for _ in range(4):
            rig.broker("breach", account="A1", rule="position")
            time.sleep(0.1)
        code, lines = ctl(rig, "gate A1 --control A2")
        assert (code, lines[-1]) == (0, "PASS"), lines
