"""What a reader types or pastes into the search at night, and the section that must come first.

The search ranks by titles and frequency; the name of an alert or a line of the log stands on many pages. So the entry
of the section that answers it gets two things:

- `tags`, the words of all its answers, which weigh more than anything else while somebody types (mkdocs.yml, search);
- `answers`, whole: where one of them stands in what was typed or pasted, the section comes first, whatever the words
  around it weigh (runbook/site/frontend/scripts/search_answers.js).
"""

import json
from collections import defaultdict
from pathlib import Path

from runbook.data.catalog import Catalog
from runbook.data.models.alerts import Alert
from runbook.data.plain_words import letters_and_digits

# An exit code as systemd, a shell and people write it. Signs do not count, so `status=77/NOPERM` holds "status 77".
EXIT_FORMS = ("exit {}", "exit code {}", "exited with {}", "exit status {}", "status {}", "returned {}")


def answers(catalog: Catalog) -> dict[str, list[str]]:
    """What this system itself prints -> the goals that may come first: alerts, lines of the log, exit codes.

    A goal is the id of a procedure, or a page below docs/ with its section.
    """
    found: dict[str, list[str]] = {name: [_answer(catalog, alert)] for name, alert in catalog.alerts.items()}
    for name, scenario in catalog.scenarios.scenarios.items():
        for sight in scenario.see:
            if sight.kind == "log":
                found.setdefault(catalog.system.log_events[sight.what].line, []).append(name)
            if sight.kind == "exit":
                for form in EXIT_FORMS:
                    found.setdefault(form.format(sight.what), []).append(name)
    for goal, asked in catalog.search.items():
        for event in asked.log:
            found.setdefault(catalog.system.log_events[event].line, []).append(goal)
    return found


def _answer(catalog: Catalog, alert: Alert) -> str:
    """The goal that answers an alert: its owner, or a section of the owner's page."""
    return f"{catalog.procedures[alert.owner].page}#{alert.section}" if alert.section else alert.owner


def symptoms(catalog: Catalog) -> dict[str, list[str]]:
    """What people say and other programs print -> the goals that may come first; less sure than `answers`."""
    found: dict[str, list[str]] = {alert.says: [_answer(catalog, alert)] for alert in catalog.alerts.values()}
    for goal, asked in catalog.search.items():
        for words in asked.words:
            found.setdefault(words, []).append(goal)
    return found


def location(catalog: Catalog, goal: str) -> str:
    """Where the built site has a goal, as the search index writes it: `deployment/scenarios/crash/`, `desk/#call`."""
    page, _, section = (goal if ".md" in goal else catalog.procedures[goal].page).partition("#")
    folder = page.removesuffix(".md").removesuffix("index").removesuffix("/")
    return (f"{folder}/" if folder else "") + (f"#{section}" if section else "")


def tag(index: Path, catalog: Catalog) -> None:
    """Writes the answers into the search index of a built site. Does nothing where the site has no search.

    Raises LookupError when a section is not in the index: then nobody would find it.
    """
    if not index.is_file():
        return
    content = json.loads(index.read_text(encoding="utf-8"))
    entries = {entry["location"]: entry for entry in content["docs"]}
    sure, likely = _by_place(catalog, answers(catalog)), _by_place(catalog, symptoms(catalog))
    for place in sure | likely:
        phrases = [*sure.get(place, []), *likely.get(place, [])]
        # A word that several phrases share counts once, or a section with many would win for each of its words.
        seen: set[str] = set()
        tags = []
        for phrase in phrases:
            new = [word for word in dict.fromkeys(phrase.split()) if word not in seen]
            seen.update(new)
            tags += [" ".join(new)] if new else []
        if place not in entries:
            raise LookupError(
                f"{place} is not in the search index, so {phrases[0]!r} leads nowhere; give the section its id on the "
                "page, or change the goal in data/search.yml"
            )
        entries[place] |= {"tags": tags, "answers": [sure.get(place, []), likely.get(place, [])]}
    index.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


def _by_place(catalog: Catalog, found: dict[str, list[str]]) -> dict[str, list[str]]:
    """The same by section: its location -> what it answers, in the letters and digits that are compared."""
    places: dict[str, list[str]] = defaultdict(list)
    for typed, goals in found.items():
        for goal in goals:
            places[location(catalog, goal)].append(letters_and_digits(typed))
    return {place: list(dict.fromkeys(phrases)) for place, phrases in places.items()}
