"""Faulty products: each has one fault in its source, and the drill that it names must notice it."""

import re
from collections import Counter

import pytest

from drills.rig.bad_releases import Bug, put_in
from drills.rig.release_builder import PRODUCT
from drills.runner import drill_specs, mutants
from drills.runner.site_build import ROOT
from runbook.data.evidence_files import read

# One of each file: what a machine without an hour to spare runs.
CAUGHT = {name: it for name, it in mutants.every().items() if "caught_by" in it}
SAMPLE = [min(name for name, it in CAUGHT.items() if it["file"] == file) for file in mutants.files()]


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
@pytest.mark.parametrize("name", SAMPLE)
def test_a_faulty_product_is_noticed(name, drilled_book, drilled_site):
    found, said = mutants.run(drilled_book, drilled_site, name)
    assert found.verdict == "caught", said


@pytest.mark.parametrize("name", mutants.names())
def test_a_mutant_replaces_a_piece_of_source_that_stands_there_once(name, tmp_path):
    it = mutants.every()[name]
    (tmp_path / it["module"]).write_text((PRODUCT / it["module"]).read_text(encoding="utf-8"), encoding="utf-8")
    put_in(tmp_path, Bug(it["module"], it["good"], it["bad"]))
    compile((tmp_path / it["module"]).read_text(encoding="utf-8"), it["module"], "exec")


@pytest.mark.parametrize("name", mutants.names())
def test_a_mutant_names_its_drill_and_not_both_the_check_and_a_reason(name):
    it = mutants.every()[name]
    assert it["drill"] in drill_specs.names()
    assert it["says"].endswith(".")
    assert not {"caught_by", "survives"} <= it.keys()
    # A pattern that takes any failure would not say which check has noticed it.
    assert not re.search(it.get("caught_by", "x^"), "exit code 2") and it.get("caught_by") not in (".", ".*")


def test_no_two_mutants_are_the_same():
    most = Counter((it["module"], it["good"], it["bad"]) for it in mutants.every().values()).most_common(1)
    assert most[0][1] == 1, most


def test_what_the_page_says_of_the_mutants_is_what_they_are():
    """Their record is bound to their files; it is written by the run of the mutants alone."""
    recorded = {name: it.digest for name, it in read(ROOT)[0].mutants.items()}
    wrong = [
        name
        for name in {*recorded, *mutants.names()}
        if name not in mutants.names() or recorded.get(name) != mutants.digest(name)
    ]
    assert not wrong, f"data/evidence/mutants.json: {', '.join(sorted(wrong))}: other than recorded; run: make mutants"


def test_each_mutant_that_names_a_check_is_recorded_as_caught_by_it():
    found = read(ROOT)[0].mutants
    assert len(CAUGHT) >= 40
    assert [name for name in CAUGHT if found[name].verdict != "caught"] == []
