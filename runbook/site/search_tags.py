"""What a reader types into the search at night, and the section that must come first.

The search ranks by titles and frequency; the name of an alert or a line of the log stands on many pages. So the
entry of the section that answers it gets them as tags, which weigh more than anything else (mkdocs.yml, search).
"""

import json
from collections import defaultdict
from pathlib import Path

from runbook.data.catalog import Catalog


def answers(catalog: Catalog) -> dict[str, list[str]]:
    """What is typed -> the procedures that may come first: each alert by name, each log line that a scenario shows."""
    found: dict[str, list[str]] = {name: [alert.owner] for name, alert in catalog.alerts.items()}
    for name, scenario in catalog.scenarios.scenarios.items():
        for sight in scenario.see:
            if sight.kind == "log":
                found.setdefault(catalog.system.log_events[sight.what].line, []).append(name)
    return found


def location(catalog: Catalog, procedure: str) -> str:
    """Where the built site has a procedure, as the search index writes it: `deployment/scenarios/crash/`."""
    return f"{catalog.procedures[procedure].page.removesuffix('.md')}/"


def tag(index: Path, catalog: Catalog) -> None:
    """Writes the tags into the search index of a built site. Does nothing where the site has no search.

    Raises LookupError when a section is not in the index: then nobody would find it.
    """
    if not index.is_file():
        return
    content = json.loads(index.read_text(encoding="utf-8"))
    entries = {entry["location"]: entry for entry in content["docs"]}
    words: dict[str, list[str]] = defaultdict(list)
    for typed, procedures in answers(catalog).items():
        for procedure in procedures:
            words[location(catalog, procedure)].append(typed.rstrip(":"))
    for place, lines in words.items():
        # A word that several lines share counts once, or a section with many lines would win for each of its words.
        seen: set[str] = set()
        tags = []
        for line in lines:
            new = [word for word in dict.fromkeys(line.split()) if word not in seen]
            seen.update(new)
            tags += [" ".join(new)] if new else []
        if place not in entries:
            raise LookupError(
                f"{place} is not in the search index, so {tags[0]!r} leads nowhere; give the section its id on the page"
            )
        entries[place]["tags"] = tags
    index.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
