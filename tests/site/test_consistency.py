"""Data and pages agree, both ways: everything that a page uses exists, and everything that exists is used."""

import re
from collections import defaultdict

import pytest

from runbook.data.alert_expression import expression
from runbook.site.environment import PreparedSite, prepare
from runbook.site.macros.inline import InlineMacros
from runbook.site.usage_index import Place
from tests.conftest import DOCS, PAGES, Site, html_of, say, source


@pytest.fixture(scope="module")
def prepared() -> PreparedSite:
    return prepare(DOCS.parent, DOCS)


@pytest.fixture(scope="module")
def uses(prepared) -> dict[str, dict[str, list[Place]]]:
    """Kind and key of each record -> the sections that use it."""
    found: dict[str, dict[str, list[Place]]] = defaultdict(dict)
    for (kind, key), places in prepared.pages.usage.places.items():
        found[kind][key] = places
    return found


def test_every_threshold_is_used(catalog, uses):
    """On a page, directly or through a table. A number that nobody reads is nobody's number."""
    used = {
        key
        for key, places in uses["threshold"].items()
        if any(place.page != "reference/thresholds.md" for place in places)
    }
    say(
        [
            f"data/thresholds.yml:{catalog.line('thresholds', key)}: {key} is used on no page; use it or delete it"
            for key in catalog.thresholds
            if key not in used
        ]
    )


def test_every_contact_is_used(catalog, uses):
    used = set(uses["contact"])
    deputies = {contact.deputy for contact in catalog.contacts.contacts.values()}
    say(
        [
            f"data/contacts.yml:{catalog.line('contacts', 'contacts', key)}: {key} is in no chain, on no page and "
            "nobody's deputy"
            for key in catalog.contacts.contacts
            if key not in used | deputies
        ]
    )


def test_every_role_is_used(catalog, uses):
    used = set(uses["role"])
    say(
        [
            f"data/contacts.yml:{catalog.line('contacts', 'roles', key)}: the role {key} is used on no page"
            for key in catalog.contacts.roles
            if key not in used
        ]
    )


def test_every_source_is_used(catalog, uses):
    used = set(uses["source"])
    used |= {threshold.source for threshold in catalog.thresholds.values()} | {
        clause.source for clause in catalog.compliance
    }
    say(
        [
            f"data/sources.yml:{catalog.line('sources', key)}: {key} is used nowhere"
            for key in catalog.sources
            if key not in used
        ]
    )


def test_every_message_is_on_a_page(catalog):
    pages = "".join(source(page) for page in PAGES)
    say(
        [
            f"data/messages.yml:{catalog.line('messages', key)}: {key} stands on no page; add "
            f'{{{{ message("{key}") }}}}'
            for key in catalog.messages
            if f'message("{key}")' not in pages
        ]
    )


def test_every_pause_point_is_on_the_checklist(catalog):
    page = source("deployment/deployment_checklist.md")
    found = re.findall(r'pause_point\("([a-z]+)"\)', page)
    assert found == [pause.id for pause in catalog.checklists.pauses], (
        "docs/deployment/deployment_checklist.md: pause points differ from data/checklists.yml, or stand in another "
        "order"
    )


def test_every_variable_verb_path_and_log_event_is_used(catalog):
    pages = "".join(source(page) for page in PAGES if not page.startswith("architecture/"))
    data = (DOCS.parent / "data" / "scenarios.yml").read_text(encoding="utf-8")
    faults = [
        f"data/system.yml: the variable {key} is used on no page"
        for key in catalog.system.variables
        if key not in pages and not any(key in procedure.values for procedure in catalog.procedures.values())
    ]
    faults += [
        f"data/system.yml: the verb {key} is used on no page"
        for key in catalog.system.verbs
        if not re.search(rf"traderctl {key}(?![\w-])", pages)
    ]
    faults += [
        f"data/system.yml: the log event {key} leads to no scenario"
        for key in catalog.system.log_events
        if f"what: {key}" not in data
        and f'log_line("{key}")' not in pages
        and catalog.system.log_events[key].level in ("error", "fatal")
        and key != "mismatch"
    ]
    say(faults)


def test_every_macro_is_used(prepared):
    pages = "".join(source(page) for page in PAGES)
    say(
        [
            f"the macro {name} is used on no page; delete it, or take its decorator away"
            for name in prepared.macros
            if not re.search(rf"\b{name}\(", pages)
        ]
    )


def test_the_macros_that_editors_are_told_of_are_those_that_there_are(prepared):
    section = source("contributing.md").split("## Macros {")[1].split("\n## ")[0]
    told = {name for line in section.splitlines() if line.startswith("|") for name in re.findall(r"`(\w+)`", line)}
    assert told == set(prepared.macros), "docs/contributing.md, Macros: the table differs from the macros"


def test_a_macro_has_a_whole_word_for_a_name(prepared):
    assert [name for name in prepared.macros if len(name) < 3] == []


def test_the_reference_names_every_place_that_uses_a_threshold(site: Site):
    """Follows each `used in` link of three thresholds to a section that shows the value or uses it in a command."""
    article = site.article("reference/thresholds.md")
    for key in ("canary.soak", "rollback.total", "gap.handover"):
        anchor = "t-" + key.replace(".", "-")
        row = article.xpath(f".//*[@id='{anchor}']/ancestor::div[contains(@class, 'threshold')]")[0]
        links = [
            link.get("href")
            for link in row.xpath(".//dd//a[@href]")
            if "#" in link.get("href") and "blob" not in link.get("href")
        ]
        pages = {link.split("#")[0] for link in links}
        assert len(pages) >= 3, f"{key}: used on {pages}"


def test_every_page_that_shows_a_threshold_is_named_in_the_reference(site: Site, uses):
    """The other way round: each link to a row stands in a section that the row names."""
    faults = []
    for page in PAGES:
        if page == "reference/thresholds.md":
            continue
        shown = {
            link.get("href").split("#")[1]
            for link in site.article(page).xpath(".//span[@class='t']/a[@href]")
            if "#t-" in link.get("href")
        }
        named = {
            InlineMacros.threshold_anchor(key)
            for key, places in uses["threshold"].items()
            if any(place.page == page for place in places)
        }
        faults += [
            f"docs/{page}: shows {anchor}, and the reference does not name the page" for anchor in sorted(shown - named)
        ]
    say(faults)


def test_an_edit_link_leads_to_the_line_of_the_record(site: Site, catalog):
    lines = (DOCS.parent / "data" / "thresholds.yml").read_text(encoding="utf-8").splitlines()
    article = site.article("reference/thresholds.md")
    faults = []
    for key in catalog.thresholds:
        row = article.xpath(
            f".//*[@id='{InlineMacros.threshold_anchor(key)}']/ancestor::div[contains(@class, 'threshold')]"
        )[0]
        link = next(link.get("href") for link in row.xpath(".//a[@href]") if "/blob/" in link.get("href"))
        number = int(link.rsplit("#L", 1)[1])
        if lines[number - 1] != f"{key}:":
            faults.append(f"{key}: the link opens line {number}, which is: {lines[number - 1]}")
    say(faults)


def test_a_page_that_gives_the_budget_gives_the_gap_and_what_protects(catalog, site: Site):
    faults = []
    for name, procedure in catalog.procedures.items():
        frame = site.article(procedure.page).xpath(".//details[contains(@class, 'frame')]")[0]
        terms = [term.text_content() for term in frame.xpath(".//dt")]
        faults += [
            f"docs/{procedure.page}: {name}: the frame has no line {term}"
            for term in ("Budget", "Protection gap", "Protection during the gap")
            if term not in terms
        ]
    say(faults)


def test_each_override_names_its_consequence_before_its_command(site: Site):
    faults = []
    for section in ("halt", "stop", "flatten", "platform", "telephone", "revoke", "block"):
        page = f"deployment/override/{section}.md"
        after = site.article(page).xpath(
            f".//*[@id='{section}']/following::*[self::div[contains(@class, 'admonition')] or "
            "self::div[contains(@class, 'highlight')] or self::ol][1]"
        )[0]
        if "danger" not in (after.get("class") or "").split():
            faults.append(f"docs/{page}: says what to do before it says what that does to the positions")
    say(faults)


def test_every_compliance_target_exists(catalog, site: Site):
    faults = []
    for i, clause in enumerate(catalog.compliance):
        for target in clause.met_by:
            page, _, section = target.partition("#")
            if page not in PAGES or not site.article(page).xpath(f".//*[@id='{section}']"):
                faults.append(f"data/compliance.yml:{catalog.line('compliance', i)}: {target} does not exist")
    say(faults)


def test_the_theme_links_to_sections_that_exist(site: Site):
    """MkDocs does not check links in a template."""
    template = (DOCS.parent / "runbook" / "site" / "theme" / "main.html").read_text(encoding="utf-8")
    faults = []
    for path, section in re.findall(r"'([a-z_/-]+)/(?:#([a-z0-9-]+))?' \| url", template):
        page = f"{path}.md" if f"{path}.md" in PAGES else f"{path}/index.md"
        if page not in PAGES or (section and not site.article(page).xpath(f".//*[@id='{section}']")):
            faults.append(f"runbook/site/theme/main.html: {path}/#{section} does not exist")
    assert html_of("index.md") == "index.html"
    say(faults)


def test_the_procedure_of_an_alert_leads_on_to_those_that_may_follow(catalog, site):
    faults = []
    for name, alert in catalog.alerts.items():
        page = catalog.procedures[alert.owner].page
        links = {link.get("href", "").split("#")[0] for link in site.article(page).iter("a")}
        if alert.section and not site.article(page).xpath(f".//h2[@id='{alert.section}']"):
            faults.append(f"docs/{page}: has no section {alert.section}, which answers {name}")
        for procedure in alert.then:
            target = html_of(catalog.procedures[procedure].page).removesuffix("index.html")
            if not any(target.endswith(link.lstrip("./")) and link.lstrip("./") for link in links):
                faults.append(f"docs/{page}: has no link to {procedure}, which {name} leads on to")
    say(faults)


def test_an_alert_shows_its_expression_its_duration_and_its_graph(catalog, site):
    rows = site.article("reference/alerts.md").xpath(".//div[contains(@class, 'alerts')]//tbody/tr")
    assert len(rows) == len(catalog.alerts)
    faults = []
    for row, (name, alert) in zip(rows, catalog.alerts.items(), strict=True):
        cell, metric = row[2], catalog.system.metrics[alert.metric].name
        lasts = f"for {catalog.thresholds[alert.lasts].value.spoken}" if alert.lasts else "at once"
        graph = catalog.site.dashboard.format(metric=metric) if catalog.site.dashboard else None
        if expression(catalog, alert) not in cell.text_content() or lasts not in cell.text_content():
            faults.append(f"{name}: wants its expression and {lasts}; {cell.text_content()}")
        if [link.get("href") for link in cell.xpath(".//a[text()='graph']")] != ([graph] if graph else []):
            faults.append(f"{name}: has no link to the graph of {metric}")
    say(faults)
