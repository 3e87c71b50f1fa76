"""Evidence that no drill can have written is refused, and the fault names what was found."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from runbook.cli import main
from runbook.diagnostics import FaultsError
from runbook.evidence.integrity import check
from runbook.site.environment import prepare

TODAY = date(2027, 1, 15)


@pytest.fixture
def catalog(sample_catalog):
    """The frozen sample: what is refused does not depend on data/."""
    return sample_catalog


@pytest.fixture
def proof(catalog):
    """One piece of real evidence that has everything: a promised gap, a course and at least two steps."""
    return next(
        each
        for each in catalog.proven.drills.values()
        if each.course and len(each.steps) > 1 and catalog.procedures[each.procedure].gap and not each.gap_limit
    )


def refused(catalog, proof, **changes) -> list[str]:
    """What is said of one drill's evidence after some of its figures were changed."""
    found = type(catalog.proven)(drills={proof.drill: proof.model_copy(update=changes)})
    return [str(fault) for fault in check(found, catalog.procedures, catalog.thresholds, TODAY)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"date": (TODAY + timedelta(days=2)).isoformat()}, "has not come yet", id="date-to-come"),
        pytest.param({"date": "2026-02-30"}, "not a day of the calendar", id="no-such-day"),
        pytest.param({"lost": 7}, "lost is 7", id="lost"),
        pytest.param({"duplicated": 3}, "duplicated is 3", id="duplicated"),
        pytest.param({"fenced_writes": 1}, "fenced_writes is 1", id="written-by-a-fenced-instance"),
        pytest.param({"weaker": 1}, "weaker is 1", id="weaker-lockout"),
        pytest.param({"writers": 2}, "2 writers at once", id="two-writers"),
        pytest.param({"events": 0}, "judges nothing", id="no-events"),
        pytest.param({"repetitions": 5000}, "5000 repetitions", id="more-repetitions-than-attempts"),
        pytest.param({"attempts": 3, "failures": 3}, "leave no run that held", id="all-failed"),
        pytest.param({"failures": -1}, "leave no run that held", id="negative-failures"),
        pytest.param({"gap_worst": 9999.0}, "is above its limit", id="gap-above-its-limit"),
        pytest.param({"gap_median": 1.0, "gap_worst": 0.5}, "cannot both be", id="median-above-worst"),
        pytest.param({"gap_worst": 0.5, "gap_median": 0.001}, "is not its worst gap", id="gap-edited"),
        pytest.param({"reaction_worst": 0.001}, "its runs give", id="slowest-answer-edited"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(catalog, proof, changes, words):
    said = refused(catalog, proof, **changes)
    assert any(words in line for line in said), said
    assert all(line.startswith(f"data/evidence/{proof.drill}.json:1: ") for line in said)


def test_steps_in_another_order_are_refused(catalog, proof):
    assert any("another order" in line for line in refused(catalog, proof, steps=proof.steps[::-1]))


def test_a_step_of_another_procedure_is_refused(catalog, proof):
    stranger = proof.steps[0].model_copy(update={"id": "no-such-step"})
    assert any("no such step" in line for line in refused(catalog, proof, steps=[stranger, *proof.steps[1:]]))


def test_a_step_above_its_budget_is_refused(catalog, proof):
    slow = proof.steps[0].model_copy(update={"worst": 99999.0})
    assert any("above its budget" in line for line in refused(catalog, proof, steps=[slow, *proof.steps[1:]]))


def test_a_course_without_one_of_the_steps_is_refused(catalog, proof):
    course = proof.course.model_copy(update={"steps": proof.course.steps[1:]})
    assert any("does not show" in line for line in refused(catalog, proof, course=course))


def test_a_copied_file_is_refused(catalog, proof):
    other = proof.model_copy(update={"drill": f"{proof.procedure}--copied"})
    found = type(catalog.proven)(drills={proof.drill: proof, other.drill: other})
    said = [str(fault) for fault in check(found, catalog.procedures, catalog.thresholds, TODAY)]
    assert said == [f"data/evidence/{other.drill}.json:1: holds the very figures of {proof.drill}; run the drill again"]


def test_a_control_that_nothing_caught_is_refused(catalog):
    name, control = next(iter(catalog.proven.controls.items()))
    passed = control.model_copy(update={"caught_by": "nothing: the drill passed"})
    found = type(catalog.proven)(drills=catalog.proven.drills, controls={name: passed})
    said = [str(fault) for fault in check(found, catalog.procedures, catalog.thresholds, TODAY)]
    assert said == [
        f"data/evidence/controls.json:1: {name}: is caught by nothing; a verdict names the check that caught it"
    ]


def test_forged_evidence_stops_the_build_and_the_check_of_the_data_by_name(sample):
    path = sample / "data" / "evidence" / "warm.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["runs"][0]["lost"] = 7
    path.write_text(json.dumps(record | {"lost": 7}), encoding="utf-8")
    words = "data/evidence/warm.json:1: lost is 7; evidence is of runs that held: 0"
    with pytest.raises(FaultsError) as stopped:
        prepare(sample, sample / "docs")
    assert [str(fault) for fault in stopped.value.faults] == [words]
    done = CliRunner().invoke(main, ["data", "--root", str(sample)])
    assert done.exit_code == 1 and done.output.count(words) == 1, done.output
