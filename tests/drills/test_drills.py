"""Every drill once; and, without a rig, what a drill is made of: its output, its blocks, its spec."""

import pytest

from drills.rig.bad_releases import BUGS
from drills.runner import drill, drill_specs, second_paste
from drills.runner.operator_terminal import shouted
from drills.runner.output_match import difference
from drills.runner.page_blocks import steps


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
@pytest.mark.parametrize("name", drill_specs.names())
def test_drill(name, drilled_book, drilled_site):
    twice = second_paste.is_wanted(drilled_book, name, drill_specs.read_spec(name))
    outcome = drill.run(drilled_book, drilled_site, name, control_seconds=0.5, say=print, twice=twice)
    print(
        f"{name}: machine {sum(outcome.seconds.values()):.1f} s, gap {outcome.gap:.3f} s, control "
        f"{outcome.control:.3f} s, {outcome.figures['events']} events"
    )


# ---------------------------------------------------------------------- output as the page's reader compares it


KINDS = {"account": "[A-Z][0-9]", "slot": "blue|green", "release": "[0-9.]+", "count": "[1-9][0-9]*"} | {
    "duration": "[0-9]+ (ms|s)"
}


@pytest.mark.parametrize(
    ("expect", "output"),
    [
        ("sessions 1", "sessions 1\n"),
        ("epoch …", "epoch 3: trade-1/A1:blue"),
        ("…\nPASS", "a\nb\nPASS"),
        ("…\nPASS", "PASS"),
        ("…", ""),
        ("a\n…", "a"),
        ("$ACCOUNT:$SLOT active …", "A1:blue active 1.4.2"),
        ("…/$OLD", "/opt/traderd/releases/1.4.2"),
        ("fire on a breach: … of …", "fire on a breach: 4 of 4"),
        ("fire on a breach: <count> of <count>", "fire on a breach: 4 of 4"),
        ("<account>: <slot> active, release <release>", "A1: green active, release 1.4.2"),
        ("gap <duration, at most 5 seconds>", "gap 350 ms"),
        ("gap <duration, at most 5 seconds>", "gap 5 s"),
    ],
    ids=[
        "the same line",
        "a line that ends in anything",
        "a line after any lines",
        "a line after no lines",
        "anything and nothing",
        "no lines after a line",
        "variables",
        "anything before a variable",
        "anything twice in a line",
        "a number twice",
        "variables in small letters",
        "a duration in another unit",
        "the longest duration allowed",
    ],
)
def test_expected_output_is_recognised(expect, output):
    assert difference(expect, output, {"ACCOUNT": "A1", "SLOT": "blue", "OLD": "1.4.2"}, KINDS) is None


@pytest.mark.parametrize(
    ("expect", "output", "why"),
    [
        ("sessions 1", "sessions 11", 'line 1 "sessions 1"'),
        ("sessions 1", "sessions 1\nsessions 1", "other lines"),
        ("sessions 1\nepoch …", "epoch 1\nsessions 1", "another order"),
        ("a.c", "abc", 'line 1 "a.c"'),
        ("$ACCOUNT active", "A2 active", "line 1"),
        ("$UNKNOWN active", "active", "line 1"),
        ("PASS", "", "line 1"),
        ("", "surprise", "other lines"),
        ("…\nPASS", "PASS\nafterwards", "other lines"),
        ("fire on a breach: <count> of <count>", "fire on a breach: 0 of 0", "line 1"),
        ("fire on a breach: <count> of <count>", "fire on a breach: 3 of 4", "line 1"),
        ("<account>: <slot> active", "A1: red active", "line 1"),
        ("gap <duration, at most 5 seconds>", "gap 5001 ms", "line 1"),
        ("gap <span>", "gap 5", "line 1"),
    ],
    ids=[
        "a longer line",
        "a line twice",
        "another order",
        "a point is no wildcard",
        "another account",
        "an unknown variable",
        "nothing",
        "something instead of nothing",
        "a line after the last",
        "none of none",
        "one too few",
        "a slot that is none",
        "a longer duration",
        "a kind that is none",
    ],
)
def test_other_output_is_refused(expect, output, why):
    assert why in difference(expect, output, {"ACCOUNT": "A1"}, KINDS)


@pytest.mark.parametrize(
    ("code", "output", "says"),
    [
        ('true || echo "NOT SAFE ${EACH:?}"', "A1 SAFE\nNOT SAFE A2\n", 'it says "NOT SAFE A2"'),
        ('true || echo "COLD ${EACH:?}"', "A1: blue active\nCOLD A5", 'it says "COLD A5"'),
        ('true || echo "COLD ${EACH:?}"', "A1: blue active", None),
        ("traderctl smoke A1", "SMOKE PASS", None),
        ('echo "enough space"', "enough space", None),
    ],
    ids=["not safe", "cold", "not said", "no such words", "words that only look like it"],
)
def test_a_block_that_says_no_is_heard(code, output, says):
    assert shouted(code, output) == says


# ---------------------------------------------------------------------- blocks from the built page


def test_steps_come_from_the_page_as_its_reader_copies_them(drilled_book, drilled_site):
    found = steps(drilled_book, drilled_site, "crash")
    assert [step.id for step in found] == [step.id for step in drilled_book.procedures["crash"].steps]
    block = next(step for step in found if step.id == "crash-smoke").block
    assert block.code.strip() == 'traderctl smoke "${ACCOUNT:?set ACCOUNT}"'
    assert block.expect.strip().splitlines()[-1] == "SMOKE PASS"
    assert next(step for step in found if step.id == "crash-clear").block is None


def test_every_procedure_can_be_taken_from_its_page(drilled_book, drilled_site):
    for name, procedure in drilled_book.procedures.items():
        for step in steps(drilled_book, drilled_site, name):
            human = next(it.human for it in procedure.steps if it.id == step.id)
            assert (step.block is None) == (human is not None) and step.budget > 0, step.id


def test_a_block_that_is_missing_is_named(drilled_book, tmp_path):
    page = tmp_path / "deployment/scenarios/crash/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html><body><p>nothing</p></body></html>")
    with pytest.raises(LookupError, match="crash-slots"):
        steps(drilled_book, tmp_path, "crash")


def test_other_words_change_the_digest(drilled_book, drilled_site):
    step = next(step for step in steps(drilled_book, drilled_site, "smoke") if step.id == "smoke-rules")
    assert step.with_words("SMOKE PASS", "SMOKE FINE").digest != step.digest
    with pytest.raises(ValueError, match="not in it"):
        step.with_words("no such words", "")


# ---------------------------------------------------------------------- specs


def test_every_procedure_has_a_drill_or_nothing_to_run(drilled_book, drilled_site):
    drilled = {drill_specs.procedure_of(name) for name in drill_specs.names()}
    assert drilled <= drilled_book.procedures.keys()
    assert [name for name in drilled_book.procedures if name not in drilled] == ["site"]


def test_specs_name_what_exists(drilled_book):
    known = {step.id for procedure in drilled_book.procedures.values() for step in procedure.steps}
    for name in drill_specs.names():
        plan = drill_specs.read_spec(name)
        by_step = ("hands", "after", "also_on", "runs", "if_not", "once")
        named = {step for key in by_step for step in plan.get(key, {})}
        named |= {plan["judged_from"]} if "judged_from" in plan else set()
        assert named <= known, (name, named - known)
        assert set(plan.get("versions", {}).values()) <= {None, *BUGS}, name
        assert set(drilled_book.procedures[drill_specs.procedure_of(name)].set) <= set().union(
            plan.get("set", {}), plan.get("learn", {}), *(turn["set"] for turn in plan.get("rounds", []))
        ), name


def test_every_fault_proves_that_it_bit():
    proofs = ("proof", "counted")
    for name in drill_specs.names():
        plan = drill_specs.read_spec(name)
        deeds = drill_specs.listed(plan.get("fault"))
        assert not deeds or "what" in deeds[0], name
        assert (
            not deeds
            or plan.get("see")
            or any(key in deed for deed in deeds if isinstance(deed, dict) for key in proofs)
        ), f"{name}: nothing proves that the fault bit"
