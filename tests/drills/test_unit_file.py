"""The unit of a slot has the thresholds' times, in systemd's notation; no unit is parsed anew on the way."""

import pytest

from drills.rig.bad_releases import BUGS
from drills.rig.contract_facts import contract_facts, quantities
from drills.rig.release_builder import build
from drills.rig.unit_file import systemd_time, unit_file
from runbook.data.quantity import parse


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("5 s", "5s"),
        ("500 ms", "500ms"),
        ("1.5 s", "1500ms"),
        ("0.5 ms", "500us"),
        ("2 min", "120s"),
        ("1 d", "86400s"),
    ],
)
def test_a_time_is_what_systemd_reads(written, read):
    assert systemd_time(parse(written)) == read


@pytest.mark.parametrize("written", ["0 s", "0.0001 ms", "3 accounts"])
def test_what_would_switch_a_watchdog_off_is_refused(written):
    with pytest.raises(ValueError):
        systemd_time(parse(written))


def test_a_watchdog_of_half_a_second_is_on():
    shortened = {"heartbeat.silence": "500 ms"}
    text = unit_file(contract_facts(shortened)["system"], quantities(shortened))
    assert "\nWatchdogSec=500ms\n" in text


def test_programs_get_thresholds_in_seconds():
    limits = contract_facts({"heartbeat.interval": "300 ms"})["thresholds"]
    assert limits["heartbeat.interval"] == {"text": "300 ms", "number": 300.0, "dimension": "time", "base": 0.3}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"no.such": "1 s"}, "no such threshold: no.such"),
        ({"heartbeat.silence": "1 sec"}, "not a duration"),
        ({"heartbeat.silence": "3 accounts"}, "is not a number of s"),
    ],
    ids=["no such threshold", "not a duration", "not in seconds"],
)
def test_a_shortened_threshold_is_checked(changed, why):
    with pytest.raises(ValueError, match=why):
        quantities(changed)


@pytest.mark.parametrize("bug", BUGS)
def test_each_bad_release_can_be_built(bug, tmp_path):
    build("1.5.0", tmp_path, contract_facts(), quantities(), BUGS[bug])
