"""A procedure without one of its steps fails a drill; its goal is judged from outside."""

import pytest

from drills.runner import drill_specs, goals, left_out
from drills.runner.drill_specs import procedure_of, read_spec
from runbook.data.models.evidence import SWAPPED
from runbook.data.models.procedures import Goal

# One of each sort: the handover back, a backup, an override's end, a standby, a release of its own.
SAMPLE = ["cold-start~cold-reconcile", "warm-back", "handover-backup", "resume-do", "standby-start", "prepare-unpack"]


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
@pytest.mark.parametrize("step", SAMPLE)
def test_a_step_that_is_left_out_is_missed(step, drilled_book, drilled_site):
    assert left_out.run(drilled_book, drilled_site, step).verdict == "missed"


def test_only_steps_that_change_something_are_left_out(drilled_book, drilled_site):
    names = left_out.names(drilled_book, drilled_site)
    assert set(SAMPLE) <= set(names) and "smoke-rules" not in names and len(names) == len(set(names))


def test_every_part_of_a_goal_can_be_judged():
    assert set(goals.PARTS) == set(Goal.model_fields)


def test_what_a_spec_says_of_a_goal_names_its_parts_and_its_steps(drilled_book):
    for name in drill_specs.names():
        spec, procedure = read_spec(name), drilled_book.procedures[procedure_of(name)]
        parts = procedure.reach.parts | procedure.keep.parts
        assert set(spec.get("already", {})) <= set(procedure.reach.parts), name
        assert set(spec.get("open_end", {})) <= set(parts), name
        named = {step for key in spec.get("spare", {}) for step in key.split(SWAPPED)}
        assert named <= {step.id for step in procedure.steps}, name


def test_a_procedure_that_changes_something_has_a_goal_or_its_drill_says_what_is_true_at_the_end(
    drilled_book, drilled_site
):
    changing = {left_out.procedure_with(drilled_book, step) for step in left_out.names(drilled_book, drilled_site)}
    without = [
        name
        for name in sorted(changing)
        if not {**drilled_book.procedures[name].reach.parts, **drilled_book.procedures[name].keep.parts}
        and not read_spec(name).get("ends")
    ]
    assert without == []
