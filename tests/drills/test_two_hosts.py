"""A host that is lost, or cut off, costs no more than its gap."""

import time

import pytest

from drills.rig.rig import Rig
from tests.drills.rig_helpers import QUICK, SIGNED, assert_judged, ctl, ended_with, flowing, must, state_of, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]


def test_a_lost_host_is_replaced_by_its_spare_and_cannot_come_back():
    with Rig(hosts=["trade-1", "trade-2"], accounts={"trade-1": ["A1"]}) as rig:
        flowing(rig, "A1")
        assert must(rig, "backup A1")[0].endswith("2 copies")
        before = rig.examine(rig.hosts["trade-1"], "A1")["strict"]
        since = time.time()
        rig.hosts["trade-1"].power_off()
        rig.hosts["trade-2"].must(
            "traderctl fence --lost trade-1 && traderctl release-check --of trade-1 && traderctl restore A1 "
            "--backup latest && traderctl config-check A1 && traderctl start A1 && traderctl adopt A1 "
            f"&& traderctl smoke A1 && traderctl resume A1 {SIGNED}"
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


def test_a_fence_everywhere_names_the_host_that_it_does_not_reach():
    with Rig(hosts=["trade-1", "trade-2"], accounts={"trade-1": ["A1"]}) as rig:
        flowing(rig, "A1")
        rig.hosts["trade-2"].power_off()
        code, lines = ctl(rig, "fence A1 --cause harm --everywhere")
        assert code == 1
        assert "NOT STOPPED on trade-2" in lines
        assert lines[-1].startswith("A1: fenced at epoch"), "what can be reached is fenced all the same"
