"""The contributing page is a map: each path that it names is there."""

import re

from tests.conftest import ROOT, say, source

PATH = re.compile(r"`((?:data|docs|drills|macros|runbook|tests)/[\w./-]*|[\w-]+\.(?:css|py|md|txt|in))`")
# Made or brought by whoever runs the project.
NOT_TRACKED = ("data/private/contacts.yml",)


def test_each_path_on_the_contributing_page_exists():
    faults = []
    for number, line in enumerate(source("contributing.md").splitlines(), 1):
        folder = ""
        for path in PATH.findall(line):
            # A bare file name after a path stands in the same folder.
            full = path if "/" in path or (ROOT / path).exists() else folder + path
            folder = full[: full.rfind("/") + 1] if "/" in full else folder
            if full not in NOT_TRACKED and not (ROOT / full).exists():
                faults.append(f"docs/contributing.md:{number}: {full} does not exist")
    say(faults)


def test_the_contributing_page_opens_with_the_map():
    sections = re.findall(r"^## .*\{ #([\w-]+) \}", source("contributing.md"), re.M)
    assert sections[0] == "map", f"docs/contributing.md begins with {sections[0]}; a newcomer needs the map first"
