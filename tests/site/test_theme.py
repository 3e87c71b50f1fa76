"""What our templates and scripts rely on in the theme. An upgrade that changes one of these fails here, by name."""

from pathlib import Path

import material
import pytest

from tests.conftest import ROOT, Site, say

THEME = Path(material.__file__).parent / "templates"
OURS = "runbook/site/theme/main.html"
ANSWERS = "runbook/site/frontend/scripts/search_answers.js"
SEARCH = "runbook/site/frontend/scripts/search_on_demand.js"
PALETTE = "runbook/site/theme/partials/javascripts/palette.html"
RELIED_ON = [
    ("base.html", "{% block announce %}", OURS),
    ("base.html", "{% block content %}", OURS),
    ("base.html", "{% block scripts %}", OURS),
    ("base.html", "<script src=\"{{ 'assets/javascripts/bundle.", OURS),
    ("partials/header.html", '{% include "partials/javascripts/palette.html" %}', PALETTE),
    ("partials/javascripts/base.html", "__md_get=", PALETTE),
    ("partials/search.html", "md-search__input", SEARCH),
    ("partials/header.html", 'for="__search"', SEARCH),
    ("assets/javascripts/bundle.*.min.js", '"search/search_index.json"', SEARCH),
    ("assets/javascripts/bundle.*.min.js", "new XMLHttpRequest", SEARCH),
    ("assets/javascripts/bundle.*.min.js", "new Worker(", "runbook/export/web/file_worker_polyfill.js"),
    ("assets/javascripts/bundle.*.min.js", "next({type:2,data:", ANSWERS),
    ("assets/javascripts/workers/search.*.min.js", "{type:3,data:", ANSWERS),
    ("assets/javascripts/bundle.*.min.js", '"search/search_index.js"', "runbook/export/web/offline_copy.py"),
]


@pytest.mark.parametrize(
    "file, words, ours",
    RELIED_ON,
    ids=[f"{file}: {words.replace('{{ ', '').strip('{}% ')}" for file, words, _ in RELIED_ON],
)
def test_the_theme_still_has_what_we_rely_on(file: str, words: str, ours: str):
    (path,) = THEME.glob(file)
    assert words in path.read_text(encoding="utf-8"), f"{ours} relies on this in the theme's {file}"
    assert (ROOT / ours).is_file()


def test_the_theme_s_script_comes_after_ours_and_is_deferred(site: Site):
    faults = []
    for page, tree in site.trees.items():
        scripts = tree.xpath("//script[@src]")
        names = [script.get("src").rsplit("/", 1)[-1] for script in scripts]
        if names[0] != "page_enhancements.js" or not names[1].startswith("bundle."):
            faults.append(f"docs/{page}: {names[:2]} come first, not page_enhancements.js and the theme's: see {OURS}")
        faults += [
            f"docs/{page}: {name} is not deferred: see {OURS}"
            for name, script in zip(names, scripts, strict=True)
            if script.get("defer") is None
        ]
    say(faults)
