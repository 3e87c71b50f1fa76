"""A drill that fails while the machine stands still proves nothing and refutes nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drills.runner import drill
from drills.runner.machine_watch import MachineWatch

WATCH = "import sys\nfrom drills.runner.machine_watch import MachineWatch\n"
WATCH += "with MachineWatch() as watch:\n    print('on', flush=True)\n    sys.stdin.read()\nprint(watch.excuse())\n"


def watched(still: float) -> str:
    """What a watch says in a process that is stopped for so many seconds."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", WATCH], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        assert process.stdout.readline() == "on\n"
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(still)
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.3)
        return process.communicate("")[0].strip()


def test_a_machine_that_stands_still_is_an_excuse():
    assert watched(1.6).startswith("the machine stood still for 1.")


def test_a_machine_that_runs_is_none():
    assert watched(0.1) == "None"


@pytest.mark.parametrize(("share", "excused"), [(0.5, False), (1.0, True)], ids=["half of the time", "all the time"])
def test_programs_that_wait_for_a_processor_nearly_all_the_time_are_an_excuse(tmp_path, share, excused):
    pressure, began = tmp_path / "cpu", time.monotonic()
    pressure.write_text("some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\nfull avg10=0.00 total=0\n")
    with MachineWatch(pressure) as watch:
        time.sleep(0.3)
        waited = 1_000_000 + int((time.monotonic() - began) * share * 1_000_000)
        pressure.write_text(f"some avg10=0.00 avg60=0.00 avg300=0.00 total={waited}\n")
        assert bool(watch.excuse()) is excused


def test_a_kernel_that_does_not_count_gives_no_excuse(tmp_path):
    with MachineWatch(tmp_path / "none") as watch:
        assert watch.excuse() is None


class Rig:
    """Stands where a rig stands: the verdict is asked for, not the rig."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


@pytest.fixture
def tries(monkeypatch):
    """Every try of a drill that fails as often as it is said, on a machine that stands still as often as it is said."""

    def run(failures, stalls):
        made = []

        class Tried:
            def __init__(self, *_):
                self.outcome, self.rig, self.terminals = drill.Outcome(), Rig(), []
                made.append(self)

            def run(self, _):
                if len(made) <= failures:
                    raise drill.DrillError("warm: late")
                return self.outcome

        monkeypatch.setattr(drill, "Drill", Tried)
        monkeypatch.setattr(MachineWatch, "excuse", lambda _: "it stood still" if len(made) <= stalls else None)
        return drill.run(None, Path(), "warm", {"account": "A1"}), len(made)

    return run


def test_a_failure_without_an_excuse_is_a_failure(tries):
    with pytest.raises(drill.DrillError, match="late") as error:
        tries(failures=1, stalls=0)
    assert not isinstance(error.value, drill.InconclusiveError)


def test_a_failure_on_a_machine_that_stood_still_is_tried_again_and_counted(tries):
    outcome, made = tries(failures=1, stalls=1)
    assert (outcome.inconclusive, made) == (1, 2)


def test_what_is_inconclusive_each_time_is_no_proof(tries):
    with pytest.raises(
        drill.InconclusiveError, match="inconclusive 3 times, it stood still; the last time: warm: late"
    ):
        tries(failures=9, stalls=9)
