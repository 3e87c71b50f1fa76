"""Without its safeguards the daemon does harm, and the judge sees it."""

import time

import pytest

from drills.rig.rig import Rig
from tests.drills.rig_helpers import flowing

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]


def test_without_its_look_for_gaps_the_daemon_loses_events():
    with Rig(accounts={"trade-1": ["A1"]}, release="1.5.0", versions={"1.4.2": None, "1.5.0": "no-gap-check"}) as rig:
        flowing(rig, "A1")
        rig.broker("skip", account="A1", every=5)
        time.sleep(1.5)
        verdict = rig.judge(rig.hosts["trade-1"], "A1", 0, None)
        assert verdict.broken["I3"], verdict
