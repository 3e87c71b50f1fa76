"""The pages say of a proof what the evidence holds for the words that stand there now, and never more."""

import json
from datetime import date

import pytest
from tests.conftest import DOCS, ROOT, Block, Site, say

from macros.book import load
from macros.faults import Faults
from macros.procedures import Procedures
from macros.proofs import Proofs
from macros.setup import prepare
from macros.stale import old
from macros.writer import Writer


@pytest.fixture(scope="module")
def writer() -> Writer:
    return prepare(ROOT, DOCS)[0]["t"].__self__


def test_no_step_has_changed_since_its_drill(writer):
    proofs = Proofs(writer)
    faults = []
    for name, it in writer.book.evidence.items():
        changed = proofs.changed(it)
        if changed:
            faults.append(f"data/evidence/{name}.json: {', '.join(changed)} changed since the drill of {it.date}; run: make drill ONLY={name}")
    say(faults)


def test_the_words_that_evidence_is_bound_to_are_those_of_the_built_page(writer, site: Site):
    """The macros know a block before it is built; what they know is what the copy button gives."""
    faults = []
    for procedure in writer.book.procedures.values():
        built: dict[str, Block] = {block.id: block for block in site.blocks(procedure.page) if block.id}
        for step in procedure.steps:
            if step.id in writer.blocks and built[step.id].text.strip() != writer.blocks[step.id].code.strip():
                faults.append(f"docs/{procedure.page}: {step.id}: the block differs from the built one")
    say(faults)


def evidence(writer: Writer, procedure: str, **changes) -> dict:
    """A record as a drill writes it, for these very words."""
    proofs = Proofs(writer)
    steps = [step for step in writer.book.procedures[procedure].steps if step.id in writer.blocks]
    return {
        "procedure": procedure, "environment": "rig", "date": "2026-11-23", "rig": "0" * 12, "versions": {}, "repetitions": 5, "attempts": 6, "failures": 1,
        "gap_median": 0.01, "gap_worst": 0.02, "control_worst": 0.01, "events": 1000, "lost": 0, "duplicated": 0, "fenced_writes": 0, "writers": 1, "weaker": 0,
        "steps": [{"id": step.id, "digest": proofs.digest(step), "median": 0.1, "worst": 0.2} for step in steps],
    } | changes  # fmt: skip


@pytest.fixture
def proven(copy, writer):
    """Writes evidence into a copy and gives what the page says of the procedure then."""

    def write(procedure: str, record: dict, page=lambda text: text) -> str:
        for path in (copy / "data" / "evidence").glob("*.json"):
            path.unlink()
        (copy / "data" / "evidence").mkdir(exist_ok=True)
        (copy / "data" / "evidence" / f"{procedure}.json").write_text(json.dumps(record), encoding="utf-8")
        where = copy / "docs" / writer.book.procedures[procedure].page
        where.write_text(page(where.read_text(encoding="utf-8")), encoding="utf-8")
        macros = prepare(copy, copy / "docs")[0]
        return Procedures(macros["t"].__self__).procedure(procedure)

    return write


def test_fresh_evidence_is_told_with_its_figures(proven, writer):
    head = proven("warm", evidence(writer, "warm"))
    assert "2026-11-23" in head and "lost 0, duplicated 0" in head and "not yet proven" not in head


def test_a_changed_command_makes_the_page_say_stale(proven, writer):
    head = proven("warm", evidence(writer, "warm"), lambda text: text.replace('{{ cli("smoke") }} {{ v("ACCOUNT") }}\n', '{{ cli("smoke") }} {{ v("ACCOUNT") }} && true\n'))
    assert "**stale**" in head and "warm-smoke" in head and "not yet proven" not in head


def test_a_changed_expectation_makes_the_page_say_stale(proven, writer):
    head = proven("warm", evidence(writer, "warm"), lambda text: text.replace("$ACCOUNT: $FREE_SLOT active, release $OLD, gap …", "$ACCOUNT: $FREE_SLOT active …"))
    assert "**stale**" in head and "warm-back" in head


def test_a_changed_budget_makes_the_page_say_stale(copy, proven, writer):
    path = copy / "data" / "thresholds.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("rollback.warm.smoke:\n  value: 30 s", "rollback.warm.smoke:\n  value: 25 s"), encoding="utf-8")
    assert "warm-smoke" in proven("warm", evidence(writer, "warm"))


def test_a_missing_step_makes_the_page_say_stale(proven, writer):
    record = evidence(writer, "warm")
    record["steps"].pop()
    assert "**stale**" in proven("warm", record)


def test_without_evidence_a_page_says_that_nothing_is_proven(copy, writer):
    for path in (copy / "data" / "evidence").glob("*.json"):
        path.unlink()
    macros = prepare(copy, copy / "docs")[0]
    for name in writer.book.procedures:
        assert "**not yet proven**" in Procedures(macros["t"].__self__).procedure(name), name


@pytest.mark.parametrize("name, change, message", [
    ("warm", {"lost": "none"}, r"data/evidence/warm\.json:1: not evidence of a drill: \('lost',\)"),
    ("warm", {"procedure": "cold"}, r"data/evidence/warm\.json:1: is evidence of cold; the file is named after its procedure"),
    ("wram", {"procedure": "wram"}, r'data/evidence/wram\.json:1: no procedure wram; did you mean "warm"\?'),
])  # fmt: skip
def test_evidence_that_is_none_stops_the_build(copy, writer, name, change, message):
    (copy / "data" / "evidence").mkdir(exist_ok=True)
    (copy / "data" / "evidence" / f"{name}.json").write_text(json.dumps(evidence(writer, "warm") | change), encoding="utf-8")
    with pytest.raises(Faults, match=message):
        load(copy, "public")


def test_what_has_grown_old_is_named_and_stops_nothing(book):
    """The scheduled check reports; an urgent fix goes through."""
    assert old(book, date(2026, 11, 24)) == []
    lines = old(book, date(2028, 1, 1))
    assert any("contacts.broker_desk: last verified on 2026-11-02" in line for line in lines)
    assert all(line.startswith("data/") for line in lines)
    assert any("evidence" in line for line in lines) == bool(book.evidence)
