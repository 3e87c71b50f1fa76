"""The search: goals that exist, each log event with one answer, no words that lead to two places."""

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, unknown
from runbook.data.plain_words import letters_and_digits
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the words of the search. Whether a page has the section is seen when the site is built."""
    return [*check_goals(catalog), *check_words(catalog), *check_log_events(catalog)]


def check_goals(catalog: Catalog) -> list[Fault]:
    """What is not the path of a page is a procedure."""
    faults: list[Fault] = []
    for goal in catalog.search:
        if ".md" not in goal:
            faults += unknown(catalog, "search", (goal,), "procedure", goal, catalog.procedures)
    return faults


def check_words(catalog: Catalog) -> list[Fault]:
    """The same words stand once."""
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for goal, asked in catalog.search.items():
        for i, words in enumerate(asked.words):
            plain = letters_and_digits(words)
            if plain in seen:
                text = f'"{words}" leads to {seen[plain]} already; the search has one first answer'
                faults.append(fault(catalog, "search", (goal, "words", i), text))
            seen.setdefault(plain, goal)
    return faults


def check_log_events(catalog: Catalog) -> list[Fault]:
    """Each line of the log has an answer: a scenario shows it, or else it stands here."""
    faults: list[Fault] = []
    events = catalog.system.log_events
    shown = {
        sight.what: name
        for name, scenario in catalog.scenarios.scenarios.items()
        for sight in scenario.see
        if sight.kind == "log"
    }
    for goal, asked in catalog.search.items():
        for i, event in enumerate(asked.log):
            here = (goal, "log", i)
            faults += unknown(catalog, "search", here, "log event", event, events)
            if event in shown:
                text = f"{event} is shown by the scenario {shown[event]}, which answers it; take it out here"
                faults.append(fault(catalog, "search", here, text))
            shown.setdefault(event, goal)
    for event in events:
        if event not in shown:
            text = "no scenario shows this line of the log, and data/search.yml does not say what answers it"
            faults.append(fault(catalog, "system", ("log_events", event), text))
    return faults
