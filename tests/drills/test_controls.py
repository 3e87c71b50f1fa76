"""Negative controls: bad releases and sabotaged procedures that a drill must fail, each by the check that it names."""

import pytest
import yaml

from drills.runner import drill_specs, negative_controls
from drills.runner.site_build import ROOT
from runbook.data.evidence_files import read


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
@pytest.mark.parametrize("name", negative_controls.names())
def test_is_caught(name, drilled_book, drilled_site):
    record, said = negative_controls.run(drilled_book, drilled_site, name)
    assert record.verdict == "caught", said


def test_each_control_says_what_it_is_for():
    assert len(negative_controls.names()) >= 8
    for name in negative_controls.names():
        text = (negative_controls.FOLDER / f"{name}.yml").read_text(encoding="utf-8")
        control = yaml.safe_load(text)
        assert (
            text.startswith("# ")
            and control["drill"] in drill_specs.names()
            and control["change"]
            and control["caught_by"]
        ), name


def test_what_the_page_says_of_the_controls_is_what_they_are():
    """Their record is bound to their files; it is written by the run of the controls alone."""
    recorded = {name: it.digest for name, it in read(ROOT)[0].controls.items()}
    wrong = [
        name
        for name in {*recorded, *negative_controls.names()}
        if name not in negative_controls.names() or recorded.get(name) != negative_controls.digest(name)
    ]
    assert not wrong, (
        f"data/evidence/controls.json: {', '.join(sorted(wrong))}: recorded another control, "
        "found none or a changed one; run: make drill ONLY=controls"
    )
