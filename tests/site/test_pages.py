"""The contract of a page: what must be on it, in which order, and what must not."""

import itertools
import re

import pytest

from runbook.data.quantity import SINGULAR, TIME_SLIPS, TIME_WORDS, UNITS
from tests.conftest import DOCS, FENCE, PAGES, Site, line_of, prose, say, source

# The sections that each page must have, in this order. More may stand between them.
REQUIRED = {
    "index.md": ["start", "how-to-read", "proven", "numbers"],
    "contributing.md": [
        "contributing",
        "browser",
        "local",
        "threshold",
        "contact",
        "procedure",
        "page",
        "macros",
        "adopt",
        "dependencies",
    ],
    "deployment/deployment_strategy.md": [
        "approach",
        "which-when",
        "change-classes",
        "roles",
        "environments",
        "validation",
        "canary-limits",
        "go-live",
        "smoke-tests",
        "monitoring",
        "after",
    ],
    "deployment/rollback_procedure.md": [
        "when",
        "at-once",
        "after-two",
        "judgement",
        "when-not",
        "who-may",
        "paths",
        "two-numbers",
        "database",
        "state",
        "communication",
        "fails",
        "after",
        "learn",
    ],
    "deployment/deployment_checklist.md": [
        "before",
        "day",
        "hour",
        "during",
        "handover",
        "after",
        "firsthour",
        "verdict",
        "nextday",
        "week",
        "sign-off",
        "deputies",
        "voids",
        "record",
    ],
    "deployment/disaster_recovery.md": [
        "money",
        "triage",
        "by-exit",
        "by-alert",
        "severity",
        "scenarios",
        "override",
        "contacts",
    ],
    "architecture/index.md": ["deployment", "parts", "invariants", "states", "lease", "orders", "releases", "limits"],
    "architecture/control.md": ["verbs", "exits", "health", "metrics", "log", "files", "settings"],
    "desk/index.md": ["does", "deployment", "dead", "flatten", "kill-switch", "call"],
    "reference/thresholds.md": ["relations"],
    "reference/contacts.md": ["roles", "everybody"],
    "reference/alerts.md": ["alerts"],
    "reference/compliance.md": ["clauses", "sources"],
    "reference/glossary.md": ["glossary"],
}
HEADING = re.compile(r"^(#{1,6}) (.*)$", re.M)
ID = re.compile(r"\{ #[a-z0-9-]+ \}$")


def headings(page: str) -> list[tuple[int, str, str]]:
    text = FENCE.sub(lambda match: "\n" * match[0].count("\n"), source(page))
    text = re.sub(r"\{% raw %\}.*?\{% endraw %\}", lambda match: "\n" * match[0].count("\n"), text, flags=re.S)
    return [(line_of(text, match.start()), match[1], match[2]) for match in HEADING.finditer(text)]


@pytest.mark.parametrize("page", sorted(REQUIRED))
def test_a_page_has_its_sections_in_order(page, site: Site):
    ids = [heading.get("id") for heading in site.article(page).xpath(".//h1|.//h2|.//h3|.//h4")]
    wanted = REQUIRED[page]
    missing = [section for section in wanted if section not in ids]
    say(
        [
            f"docs/{page}: the section {{ #{section} }} is missing; the list of sections is REQUIRED in "
            "tests/site/test_pages.py"
            for section in missing
        ]
    )
    assert [section for section in ids if section in wanted] == wanted, (
        f"docs/{page}: the sections stand in another order"
    )


def test_every_scenario_has_its_page(catalog, site: Site):
    faults = []
    for name in catalog.scenarios.scenarios:
        page = f"deployment/scenarios/{name}.md"
        if catalog.procedures[name].page != page:
            faults.append(f"data/procedures/{name}.yml: page is {catalog.procedures[name].page}; it belongs on {page}")
        elif not site.article(page).xpath(f".//*[@id='{name}']"):
            faults.append(f"docs/{page}: the section {{ #{name} }} is missing")
    stray = [
        page
        for page in PAGES
        if page.startswith("deployment/scenarios/") and page.split("/")[-1][:-3] not in catalog.scenarios.scenarios
    ]
    say(faults + [f"docs/{page}: no scenario of this name in data/scenarios.yml" for page in stray])


def test_every_scenario_is_found_by_its_symptom(catalog, site: Site):
    listed = site.article("deployment/disaster_recovery.md").xpath(".//div[contains(@class, 'triage')]")[0]
    targets = {link.get("href").split("#")[-1] for link in listed.xpath(".//a[@href]")}
    say(
        [
            f"docs/deployment/disaster_recovery.md: the scenario {name} is not in the list of symptoms"
            for name in catalog.scenarios.scenarios
            if name not in targets
        ]
    )


def test_every_procedure_is_complete_and_its_steps_stand_in_order(catalog, site: Site):
    faults = []
    for name, procedure in catalog.procedures.items():
        article = site.article(procedure.page)
        ids = [element.get("id") for element in article.xpath(".//*[@id]")]
        if name not in ids:
            faults.append(f"docs/{procedure.page}: the section {{ #{name} }} is missing")
        steps = [f"step-{step.id}" for step in procedure.steps]
        found = [each for each in ids if each in steps]
        if found != steps:
            faults.append(
                f"docs/{procedure.page}: {name}: steps on the page are {found}, in data/procedures/{name}.yml {steps}"
            )
        text = source(procedure.page)
        for macro in ("procedure", "procedure_end"):
            if f'{{{{ {macro}("{name}") }}}}' not in text:
                faults.append(f'docs/{procedure.page}: {{{{ {macro}("{name}") }}}} is missing')
    say(faults)


def test_every_step_has_its_block_what_to_expect_and_what_to_do_otherwise(catalog):
    """A step with a command has its block, then the expected output, then `**If not:**`. A step by hand has words."""
    faults = []
    for _name, procedure in catalog.procedures.items():
        text = source(procedure.page)
        for number, step in enumerate(procedure.steps):
            begins = text.find(f'{{{{ step("{step.id}") }}}}')
            if begins < 0:
                continue  # reported by the test above
            ends = (
                text.find("{{ step(", begins + 1)
                if number + 1 < len(procedure.steps)
                else text.find("{{ procedure_end(", begins)
            )
            part, where = text[begins:ends], f"docs/{procedure.page}:{line_of(text, begins)}: {step.id}"
            fences = [(match["attributes"] or "", match["body"]) for match in FENCE.finditer(part)]
            command = [attributes for attributes, _ in fences if ".bash" in attributes]
            if step.human is None:
                if len(command) != 1:
                    faults.append(
                        f"{where}: {len(command)} command blocks; a step has one, or says `human:` in data/procedures/"
                    )
                elif f"#{step.id}" not in command[0].split():
                    faults.append(f"{where}: its block has another id than the step: {command[0]}")
                if command and ".drill" in command[0] and not any(".expect" in attributes for attributes, _ in fences):
                    faults.append(f"{where}: the expected output is missing: ``` {{ .text .expect }}")
                if "**If not:**" not in part:
                    faults.append(f"{where}: **If not:** is missing; say what to do when it goes wrong")
            elif command:
                faults.append(f"{where}: has a command block and is marked `human:` in data/procedures/")
            elif len(part.split("\n", 1)[1].strip()) < 20:
                faults.append(f"{where}: says nothing; write what the person does")
    say(faults)


def test_why_a_step_is_there_stands_folded_as_the_last_of_it(catalog, site: Site):
    faults = []
    for name, procedure in catalog.procedures.items():
        last = site.article(procedure.page).xpath(".//*[@data-print='box' and contains(@class, 'close')]")
        heads = [site.article(procedure.page).xpath(f".//*[@id='step-{step.id}']")[0] for step in procedure.steps]
        for step, after in zip(procedure.steps, [*heads[1:], *last[:1]], strict=True):
            above = after.getprevious()
            is_why = above.tag == "details" and above.get("class") == "why" and above.get("open") is None
            if is_why != (step.why is not None):
                faults.append(f"{name}: {step.id}: above what follows it stands <{above.tag} {dict(above.attrib)}>")
            elif step.why and catalog.sources[step.why.source].short not in above.text_content():
                faults.append(f"{name}: {step.id}: names another source: {above.text_content()}")
    say(faults)


@pytest.mark.parametrize("page", PAGES)
def test_front_matter_holds_a_title_and_nothing_else(page):
    match = re.match(r"\A---\ntitle: (.+)\n---\n", source(page))
    assert match, f"docs/{page}: begins with front matter that holds `title` and nothing else"
    assert "{{" not in match[1], f"docs/{page}: no macro in front matter; it is published as it is"


@pytest.mark.parametrize("page", PAGES)
def test_every_heading_has_an_id_and_no_macro(page):
    faults = []
    for line, _, text in headings(page):
        if not ID.search(text):
            faults.append(f"docs/{page}:{line}: the heading has no id; write e.g. {{ #halt }} at its end: {text}")
        if "{{" in text and text != '{{ site_fact("name") }} { #start }':
            faults.append(f"docs/{page}:{line}: no macro in a heading; the id would follow the value: {text}")
    assert [level for _, level, _ in headings(page)].count("#") == 1, f"docs/{page}: one heading of the first level"
    say(faults)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_a_dead_end(page):
    *_, last, mark = source(page).rstrip().splitlines()
    assert last.startswith("Next: ") and "](" in last and mark == '{ data-print="none" }', (
        f'docs/{page}: ends without a way on; close it with `Next: [...](...)` and below it `{{ data-print="none" }}`'
    )


@pytest.mark.parametrize("page", PAGES)
def test_no_logic_in_a_page(page):
    faults = [
        f"docs/{page}:{line_of(source(page), match.start())}: {match[0]} belongs into a macro"
        for match in re.finditer(
            r"\{%-?\s*(if|for|set|include|import|macro)\b",
            re.sub(r"\{% raw %\}.*?\{% endraw %\}", lambda m: " " * len(m[0]), source(page), flags=re.S),
        )
    ]
    say(faults)


@pytest.mark.parametrize("page", PAGES)
def test_every_fence_stands_at_the_margin_and_names_its_language(page):
    text, faults = source(page), []
    raw = [match.span() for match in re.finditer(r"\{% raw %\}.*?\{% endraw %\}", text, flags=re.S)]
    for match in re.finditer(r"^( *)(```+)(.*)$", text, re.M):
        if any(low <= match.start() < high for low, high in raw):
            continue
        if match[1]:
            faults.append(
                f"docs/{page}:{line_of(text, match.start())}: the fence is indented; let it begin at the margin"
            )
    for match in FENCE.finditer(text):
        where = f"docs/{page}:{line_of(text, match.start())}"
        if match["language"] is not None and not match["language"]:
            faults.append(f"{where}: the fence has no language; write e.g. ``` {{ .text .expect }}")
        if match["language"]:
            faults.append(f"{where}: write the language in braces: ``` {{ .{match['language']} ... }}")
        classes = (match["attributes"] or "").split()
        if (
            ".bash" in classes
            and ".drill" not in classes
            and not (".undrilled" in classes and "data-reason=" in match["attributes"])
        ):
            faults.append(f"{where}: a command block is .drill, or .undrilled with a data-reason")
    say(faults)


# What a page may not type after a number: the units of data/, and how people write them otherwise.
UNIT_WORDS = {*UNITS, *SINGULAR, *TIME_SLIPS, *itertools.chain(*TIME_WORDS.values())}
UNIT_WORDS |= {"week", "weeks", "month", "months", "percent", "persons"}
UNIT = "(?:" + "|".join(re.escape(word) for word in sorted(UNIT_WORDS - {"%"}, key=len, reverse=True)) + ")"
WORDS = r"(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety)"
LITERALS = [
    (
        re.compile(rf"(?<![\w.#-])\d+(?:[.,]\d+)?\s?{UNIT}\b(?!\w)|(?<![\w.#-])\d+(?:[.,]\d+)?\s?%"),
        "a quantity; take it from data/thresholds.yml with t(...)",
    ),
    (
        re.compile(rf"\b{WORDS}\s(?:ms|seconds?|minutes?|hours?|days?|percent|weeks?)\b", re.I),
        "a quantity in words; take it from data/thresholds.yml with t(...)",
    ),
    (re.compile(r"\+\d[\d ()-]{6,}"), "a telephone number; take it from data/contacts.yml with contact(...)"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "an address; take it from data/contacts.yml with contact(...)"),
    (re.compile(r"\b[\w-]+\.(?:example\.com|internal|local|lan)\b"), "a host; take it from data/rollout.yml"),
    (re.compile(r"(?<![\w.])/(?:opt|etc|var|srv|run|home)/\S+"), "a path; take it from data/system.yml with path(...)"),
    (re.compile(r"\b\d+\.\d+\.\d+\b"), "a release; take it from data/rollout.yml with release(...)"),
]


def names_of(catalog) -> list[tuple[re.Pattern, str]]:
    system, words = catalog.system, []
    for name in (system.names.daemon, system.names.cli):
        words.append((name, "a name of the system; take it from data/system.yml with system_name(...) or verb(...)"))
    words += [
        (account, "an account; take it from data/rollout.yml with accounts(...)")
        for account in catalog.rollout.accounts
    ]
    words += [(host, "a host; take it from data/rollout.yml") for host in catalog.rollout.hosts]
    words += [(alert, "an alert; take it from data/alerts.yml with alert(...)") for alert in catalog.alerts]
    words += [
        (metric.name, "a metric; take it from data/system.yml with metric(...)")
        for metric in system.metrics.values()
        if "_" in metric.name
    ]
    return [(re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])"), text) for word, text in words]


@pytest.mark.parametrize("page", PAGES)
def test_no_fact_is_typed_into_prose(page, catalog):
    faults = [
        f'docs/{page}:{number}: "{match[0]}" is {text}'
        for number, line in prose(page)
        for pattern, text in LITERALS + names_of(catalog)
        for match in pattern.finditer(line)
    ]
    say(faults)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "contributing.md"])
def test_no_fact_is_typed_into_a_block(page, catalog):
    """Accounts, hosts, metrics, releases, numbers, addresses come from the data; the build checks names and paths."""
    ours = (catalog.system.names.daemon, catalog.system.names.cli)
    patterns = [pattern for pattern in names_of(catalog) if not any(pattern[0].search(name) for name in ours)]
    patterns += [LITERALS[2], LITERALS[4], LITERALS[6]]
    text, faults = source(page), []
    for match in FENCE.finditer(text):
        body = match["body"].replace("127.0.0.1", "")
        faults += [
            f'docs/{page}:{line_of(text, match.start())}: "{hit[0]}" is {words}'
            for pattern, words in patterns
            for hit in pattern.finditer(body)
        ]
    say(faults)


def test_every_page_is_in_the_navigation(site: Site):
    import yaml

    nav = re.search(r"(?ms)^nav:\n.*", (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8"))[0]
    listed = re.findall(r"[\w/-]+\.md", str(yaml.safe_load(nav)))
    assert sorted(listed) == PAGES, "mkdocs.yml: nav and docs/ differ"


def test_no_list_lost_its_numbers(site: Site):
    """Python-Markdown can merge a task list into the numbered list before it."""
    say(
        [
            f"docs/{page}: a check list has swallowed a numbered list; put a sentence between them"
            for page in PAGES
            if site.article(page).xpath(".//ol[contains(@class, 'task-list')]")
        ]
    )


def test_each_procedure_says_whether_and_when_it_was_proven(catalog, site: Site):
    """Not yet, or when, or stale: one of them, and never a proof without evidence."""
    faults, drilled = [], {it.procedure for it in catalog.evidence.values()}
    for name, procedure in catalog.procedures.items():
        frame = site.article(procedure.page).xpath(".//details[contains(@class, 'frame')]")
        words = frame[0].text_content() if frame else ""
        if ("not yet proven" in words) == (name in drilled):
            faults.append(f"docs/{procedure.page}: {name}: its frame does not say what data/evidence/ holds")
        if name in drilled and "simulated broker" not in words and "stale" not in words:
            faults.append(f"docs/{procedure.page}: {name}: a proof that does not say that the broker was simulated")
    say(faults)
