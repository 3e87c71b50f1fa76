"""The pages say of a proof what the evidence holds for the words that stand there now, and never more."""

import json
import re
from datetime import date, datetime

import pytest
from lxml import etree

from drills.runner import drill_specs, evidence_writer
from runbook.data import evidence_files
from runbook.data.loader import load
from runbook.data.models.evidence import Evidence
from runbook.diagnostics import FaultsError
from runbook.evidence import store as records
from runbook.evidence.report_stale import old
from runbook.site.environment import PreparedSite, prepare
from tests.conftest import DOCS, ROOT, Block, Site, sample_at, say
from tests.edits import Edit


@pytest.fixture(scope="module")
def live() -> PreparedSite:
    """The site as it is."""
    return prepare(ROOT, DOCS)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> PreparedSite:
    """The site of the frozen sample."""
    root = sample_at(tmp_path_factory.mktemp("evidence") / "sample")
    return prepare(root, root / "docs")


@pytest.mark.fresh
def test_no_step_has_changed_since_its_drill(live):
    proofs = live.proofs
    faults = []
    real = {
        f"{environment}/{name}": it for environment, ran in live.catalog.proven.real.items() for name, it in ran.items()
    }
    for name, it in (live.catalog.evidence | real).items():
        changed = proofs.changed(it)
        if changed:
            faults.append(
                f"data/evidence/{name}.json: {', '.join(changed)} changed since the drill of {it.date}; run: make "
                f"drill ONLY={it.procedure}{f' TARGET={it.environment}' if name in real else ''}"
            )
    say(faults)


@pytest.mark.fresh
def test_neither_a_spec_nor_a_goal_nor_a_value_has_changed_since_the_drills(live):
    faults = []
    for name, it in live.catalog.evidence.items():
        if name not in drill_specs.names():
            faults.append(f"data/evidence/{name}.json: no drill {name} in drills/specs; delete the file")
            continue
        changed = [
            what
            for what, same in (
                ("its spec, its goal or a value", it.bound == evidence_writer.bound_to(live.catalog, name)),
                ("the raw record", bool(it.runs)),
            )
            if not same
        ]
        if changed:
            faults.append(f"data/evidence/{name}.json: {', '.join(changed)} changed; run: make drill ONLY={name}")
    assert live.catalog.evidence
    say(faults)


def test_the_words_that_evidence_is_bound_to_are_those_of_the_built_page(live, site: Site):
    """The macros know a block before it is built; what they know is what the copy button gives."""
    faults = []
    for procedure in live.catalog.procedures.values():
        built: dict[str, Block] = {block.id: block for block in site.blocks(procedure.page) if block.id}
        for step in procedure.steps:
            if step.id in live.pages.blocks and built[step.id].text.strip() != live.pages.blocks[step.id].code.strip():
                faults.append(f"docs/{procedure.page}: {step.id}: the block differs from the built one")
    say(faults)


def with_runs(record: dict) -> dict:
    """The record with a raw run for each repetition, from which its figures follow."""
    counts = {"breaches": 9, "orders": 9, "takeovers": 1, "stale_refused": 0, "duplicates_refused": 0, "unexpected": 0}
    zero = {"lost": 0, "duplicated": 0, "stale_accepted": 0, "weaker": 0, "inconclusive": 0}
    more, every = divmod(record["events"], record["repetitions"])[::-1], record["repetitions"]
    runs = [
        {
            **(counts | zero),
            "gap": record["gap_worst"] if last else record["gap_median"],
            "control": record["control_worst"],
            "reaction": record["reaction_worst"],
            "writers": record["writers"],
            "events": more[1] + more[0] * last,
            "steps": {step["id"]: step["worst" if last else "median"] for step in record["steps"]},
        }
        for last in [False] * (every - 1) + [True]
    ]
    return record | {"runs": runs}


def evidence(prepared: PreparedSite, procedure: str, **changes) -> dict:
    """A record as a drill writes it, for these very words."""
    proofs = prepared.proofs
    steps = [step for step in prepared.catalog.procedures[procedure].steps if step.id in prepared.pages.blocks]
    record = {
        "drill": procedure,
        "environment": "rig",
        "date": "2026-11-23",
        "rig": "0" * 12,
        "bound": "0" * 12,
        "versions": {},
        "repetitions": 5,
        "attempts": 6,
        "failures": 1,
        "gap_median": 0.01,
        "gap_worst": 0.02,
        "control_worst": 0.01,
        "reaction_worst": 0.03,
        "events": 1000,
        "lost": 0,
        "duplicated": 0,
        "fenced_writes": 0,
        "writers": 1,
        "weaker": 0,
        "steps": [{"id": step.id, "digest": proofs.digest(step), "median": 0.1, "worst": 0.2} for step in steps],
    } | changes
    return with_runs(record)


@pytest.fixture
def proven(sample, prepared):
    """Writes evidence into a copy and gives what the page says of the procedure then."""

    def write(procedure: str, record: dict, page=lambda text: text) -> str:
        for path in (sample / "data" / "evidence").glob("*.json"):
            path.unlink()
        (sample / "data" / "evidence").mkdir(exist_ok=True)
        (sample / "data" / "evidence" / f"{procedure}.json").write_text(json.dumps(record), encoding="utf-8")
        where = sample / "docs" / prepared.catalog.procedures[procedure].page
        where.write_text(page(where.read_text(encoding="utf-8")), encoding="utf-8")
        return prepare(sample, sample / "docs").call("procedure_end", procedure)

    return write


def test_fresh_evidence_is_told_with_its_figures(proven, prepared):
    head = proven("warm", evidence(prepared, "warm"))
    assert "2026-11-23" in head and "lost 0, duplicated 0" in head and "not yet proven" not in head


def test_a_changed_program_of_the_rig_makes_the_page_say_stale(proven, prepared, sample):
    assert "stale" not in proven("warm", evidence(prepared, "warm"))
    (sample / "drills").mkdir()
    (sample / "drills" / "judge.py").write_text("harm = 0\n", encoding="utf-8")
    assert re.search(r"\*\*stale\*\*: changed, .*: (`|<code>)rig", proven("warm", evidence(prepared, "warm")))
    (sample / "drills" / "judge.py").rename(sample / "drills" / "evidence_writer.py")
    assert "stale" not in proven("warm", evidence(prepared, "warm"))


def test_a_changed_command_makes_the_page_say_stale(proven, prepared):
    head = proven(
        "warm",
        evidence(prepared, "warm"),
        lambda text: text.replace("traderctl smoke $ACCOUNT\n", "traderctl smoke $ACCOUNT && true\n"),
    )
    assert "**stale**" in head and "warm-smoke" in head and "not yet proven" not in head


def test_a_changed_expectation_makes_the_page_say_stale(proven, prepared):
    head = proven(
        "warm",
        evidence(prepared, "warm"),
        lambda text: text.replace("$ACCOUNT: $FREE_SLOT active, release $OLD, gap …", "$ACCOUNT: $FREE_SLOT active …"),
    )
    assert "**stale**" in head and "warm-back" in head


def test_a_changed_budget_makes_the_page_say_stale(sample, proven, prepared):
    Edit("thresholds", "rollback.warm.smoke.value", "25 s").apply(sample)
    assert "warm-smoke" in proven("warm", evidence(prepared, "warm"))


def test_a_missing_step_makes_the_page_say_stale(proven, prepared):
    record = evidence(prepared, "warm")
    record["steps"].pop()
    assert "**stale**" in proven("warm", record)


def test_without_evidence_a_page_says_that_nothing_is_proven(sample, prepared):
    for path in (sample / "data" / "evidence").glob("*.json"):
        path.unlink()
    here = prepare(sample, sample / "docs")
    for name in prepared.catalog.procedures:
        assert "**not yet proven**" in here.call("procedure_end", name), name


@pytest.mark.parametrize(
    "name, change, message",
    [
        ("warm", {"lost": "none"}, r"data/evidence/warm\.json:1: not evidence of a drill: \('lost',\)"),
        (
            "warm",
            {"drill": "cold"},
            r"data/evidence/warm\.json:1: is evidence of cold; the file is named after its drill",
        ),
        ("wram", {"drill": "wram"}, r'data/evidence/wram\.json:1: no procedure wram; did you mean "warm"\?'),
    ],
    ids=["a number in words", "another procedure's", "of no procedure"],
)
def test_evidence_that_is_none_stops_the_build(sample, prepared, name, change, message):
    (sample / "data" / "evidence").mkdir(exist_ok=True)
    (sample / "data" / "evidence" / f"{name}.json").write_text(
        json.dumps(evidence(prepared, "warm") | change), encoding="utf-8"
    )
    with pytest.raises(FaultsError, match=message):
        load(sample, "public")


def test_what_has_grown_old_is_named_and_stops_nothing(sample_catalog):
    """The scheduled check reports; an urgent fix goes through."""
    assert old(sample_catalog, date(2026, 11, 24)) == []
    lines = old(sample_catalog, date(2028, 1, 1))
    assert any("contacts.broker_desk: last verified on 2026-11-02" in line for line in lines)
    assert all(line.startswith("data/") for line in lines)
    assert any("evidence" in line for line in lines) == bool(sample_catalog.evidence)


# ---------------------------------------------------------------------- the evidence page

COURSE = {
    "fault": {"begin": 0.0, "end": 0.4},
    "gap": {"begin": 0.1, "end": 1.3},
    "steps": [
        {"id": "warm-safe", "begin": 1.0, "end": 2.0},
        {"id": "warm-safe", "begin": 3.0, "end": 3.001},
        {"id": "warm-back", "begin": 4.0, "end": 8.0},
    ],
}


@pytest.fixture
def page(sample):
    """Writes files under data/evidence of a copy and gives the site as it is then."""

    def write(files: dict[str, dict]) -> PreparedSite:
        for path in (sample / "data" / "evidence").glob("*.json"):
            path.unlink()
        for name, record in files.items():
            path = sample / "data" / "evidence" / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(record), encoding="utf-8")
        return prepare(sample, sample / "docs")

    return write


def observed(prepared: PreparedSite, procedure: str, **changes) -> dict:
    """A record as a drill on a real system writes it."""
    record = evidence(prepared, procedure)
    return (
        {key: record[key] for key in ("drill", "date", "versions", "attempts", "failures", "steps")}
        | {"environment": "staging", "host": "staging-1", "account": "S1", "judged": "outputs only"}
        | changes
    )


def of_course(prepared: PreparedSite, course: dict | None, **changes) -> dict:
    """Evidence of the warm rollback whose figures are those of its course, as a drill writes them."""
    record = evidence(prepared, "warm", course=course, **changes)
    if course:
        shown = {span["id"] for span in course["steps"]}
        record["steps"] = [step for step in record["steps"] if step["id"] in shown]
        record["gap_worst"] = round(course["gap"]["end"] - course["gap"]["begin"], 3)
        record["gap_median"] = min(record["gap_median"], record["gap_worst"])
    return with_runs(record)


def svg(text: str) -> etree._Element:
    return etree.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])


@pytest.mark.parametrize(
    "course",
    [None, COURSE, COURSE | {"fault": None}, COURSE | {"gap": {"begin": -0.5, "end": -0.499}}],
    ids=["no course", "a course", "a course without a fault", "a gap before the beginning"],
)
def test_a_timeline_stays_in_its_picture_and_has_its_words(page, prepared, course):
    text = page(
        {"warm": of_course(prepared, course, fault="something with a very long name that fits nowhere & <breaks>")}
    ).call("timelines")
    picture = svg(text)
    width, height = map(float, picture.get("viewBox").split()[2:])
    for rect in picture.iter("{*}rect"):
        x, y, wide, high = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        assert wide > 0 and high > 0 and x >= 0 and y >= 0 and x + wide <= width + 1 and y + high <= height + 1, (
            etree.tostring(rect)
        )
    named = {picture.find("{*}title").get("id"), picture.find("{*}desc").get("id")}
    assert set(picture.get("aria-labelledby").split()) == named
    says = picture.find("{*}desc").text
    assert ("protection gap" in says) == (course is not None) and ("fault:" in says) == bool(course and course["fault"])
    assert "5 of 6 attempts held" in text


def test_fault_and_gap_are_where_they_were(page, prepared):
    picture = svg(page({"warm": of_course(prepared, COURSE)}).call("timelines"))
    gaps = [rect for rect in picture.iter("{*}rect") if rect.get("class") == "gap"]
    # 8 seconds on 370 units: the gap of 1.2 s begins 0.1 s after the fault.
    assert {(rect.get("x"), rect.get("width")) for rect in gaps} == {("9.6", "55.5")}
    assert [rect.get("x") for rect in picture.iter("{*}rect") if rect.get("class") == "solid"] == ["5.0"]


def test_what_ran_on_a_real_system_has_its_own_section_and_no_judge(page, prepared):
    assert page({"warm": evidence(prepared, "warm")}).call("real_systems") == ""
    text = page({"staging/smoke": observed(prepared, "smoke")}).call("real_systems")
    assert "## Staging { #real-staging }" in text and "outputs only" in text and "5 of 6" in text and "S1" in text
    stale = observed(prepared, "smoke")
    stale["steps"][0]["digest"] = "0" * 12
    assert "stale: smoke-rules" in page({"staging/smoke": stale}).call("real_systems")


def test_a_run_on_a_real_system_does_not_prove_a_procedure(page, prepared):
    here = page({"staging/smoke": observed(prepared, "smoke")})
    assert "**not yet proven**" in here.call("procedure_end", "smoke")


@pytest.mark.parametrize(
    "name, change, message",
    [
        (
            "staging/smoke",
            {"environment": "production"},
            r"data/evidence/staging/smoke\.json:1: is evidence from production; the folder is named after its "
            r"environment",
        ),
        (
            "production/smoke",
            {"environment": "production"},
            r"data/evidence/production:1: no environment production that drills can reach; delete the folder",
        ),
        (
            "staging/smoke",
            {"judged": "everything"},
            r"data/evidence/staging/smoke\.json:1: not evidence of a drill: \('judged',\)",
        ),
    ],
    ids=[
        "in another environment's folder",
        "of an environment that drills cannot reach",
        "judged by more than outputs",
    ],
)
def test_evidence_of_a_real_system_that_is_none_stops_the_build(page, prepared, name, change, message):
    with pytest.raises(FaultsError, match=message):
        page({name: observed(prepared, "smoke", **change)})


def test_what_failed_when_it_was_last_tried_is_on_the_page_and_is_not_forgotten(page, prepared, sample):
    here = page(
        {
            "warm": evidence(prepared, "warm"),
            "failed": {
                "warm": {
                    "date": "2026-11-24",
                    "words": "0" * 12,
                    "attempts": 9,
                    "failures": 4,
                    "why": "warm-back: exit code 1",
                }
            },
        }
    )
    assert (
        "Did not hold" in here.call("drills_table")
        and "5 of 9" in here.call("drills_table")
        and "warm-back: exit code 1" in here.call("drills_table")
    )
    found = evidence_files.read(sample)[0]
    words = found.drills["warm"].words
    assert records.counted(found, "warm", words) == (6, 1), "the failures were of other words"
    records.fail(sample, "warm", words, (7, 2), "warm: warm-back: exit code 1\nmore")
    found = evidence_files.read(sample)[0]
    assert (
        records.counted(found, "warm", words) == (7, 2) and found.failed["warm"].why == "warm: warm-back: exit code 1"
    )
    records.write(found.drills["warm"], sample)
    assert evidence_files.read(sample)[0].failed == {}


def test_the_rehearsed_rollback_of_the_checklist_is_never_told_in_the_machine_s_time(page, prepared):
    nobody = "rehearsal: nobody has rehearsed this with people yet; on a rig: "
    for record, says in (
        ({"warm": evidence(prepared, "warm")}, "[2026-11-23](/reference/evidence.md#e-warm) <span"),
        ({}, "not yet proven <span"),
    ):
        shown = page(record).call("pause_point", "day").replace("&#45;", "-").replace("</span> <span", " <span")
        assert nobody + says in shown, shown


def test_the_rehearsed_rollback_of_the_checklist_shows_the_people_s_time(page, prepared, sample):
    (sample / "data" / "exercises.yml").write_text(
        '- {date: "2026-11-02", procedure: warm, roles: [release_operator], took: 7 min, wrong: a, changed: b}\n'
        '- {date: "2026-11-09", procedure: warm, roles: [release_operator], took: 6 min, wrong: a, changed: b}\n',
        encoding="utf-8",
    )
    shown = page({"warm": evidence(prepared, "warm")}).call("pause_point", "day").replace("&#45;", "-")
    assert "rehearsal: [2026-11-09](/deployment/recovery/exercises.md#log), 6 minutes by the clock; " in shown, shown


def test_the_controls_are_listed_with_the_check_that_caught_them(page, prepared):
    record = {
        "title": "A step is left out.",
        "drill": "warm",
        "digest": "0" * 12,
        "date": "2026-11-23",
        "verdict": "caught",
        "caught_by": "warm-back: exit code 1",
    }
    text = page({"warm": evidence(prepared, "warm"), "controls": {"left-out": record}}).call("controls_table")
    assert "A step is left out." in text and "caught" in text and "exit code 1" in text


@pytest.mark.parametrize(
    "change, keeps",
    [
        ({"gap_worst": 0.9, "control_worst": 0.4, "events": 7}, True),
        ({"date": "2027-02-20"}, True),
        ({"date": "2027-02-21"}, False),
        ({"rig": "1" * 12}, False),
        ({"versions": {"systemd": "999"}}, False),
        ({"repetitions": 20}, False),
        ({"gap_limit": {"seconds": 300, "why": "no standby"}}, False),
        ({"fault": "a crash"}, False),
    ],
    ids=[
        "other measurements",
        "due on the last day",
        "overdue",
        "another rig",
        "another version",
        "more repetitions",
        "a limit of its own",
        "another fault",
    ],
)
def test_evidence_is_rewritten_only_when_it_would_say_something_else(prepared, change, keeps):
    """Noise of the machine in every commit would hide the change that matters."""
    record = evidence(prepared, "warm")
    there, new = (Evidence(**it) for it in (record, record | change))
    assert records.stands(there, new, 90) == keeps
    reworded = record | {"steps": [step | {"digest": "1" * 12} for step in record["steps"]]}
    assert not records.stands(there, Evidence(**reworded), 90)


def test_a_limit_of_its_own_is_shown_with_its_reason_and_never_as_the_promise(page, prepared):
    limit = {"seconds": 300, "why": "both slots are down"}
    drills = {
        "crash": evidence(prepared, "crash", gap_worst=1.9),
        "crash--loop": evidence(prepared, "crash", gap_worst=10.4, gap_limit=limit) | {"drill": "crash--loop"},
    }
    here = page(drills)
    assert "10.4 s of 300 s (own)" in here.call("drills_table")
    assert "judged by its own limit of 300 s: both slots are down" in here.call("timelines")
    head = here.pages.finished(here.proofs.headline("crash"))
    assert "worst gap 1.9 s of" in head and "10.4 s in the drill *loop*: both slots are down" in head


@pytest.mark.parametrize(
    "built, says",
    [("2026-12-23", "valid until 2026-12-23"), ("2026-12-24", "▲ stale: due since 2026-12-23")],
    ids=["on the last day", "a day later"],
)
def test_a_page_that_is_built_after_its_evidence_has_grown_old_says_so(page, prepared, monkeypatch, built, says):
    """A rollback is due when its interval has passed. The browser says the same of a page that was built before."""
    here = page({"warm": evidence(prepared, "warm")})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime.fromisoformat(f"{built}T12:00:00+00:00").timestamp())))
    head = here.pages.finished(here.proofs.headline("warm"))
    assert says in head and 'data-days="30"' in head
