"""The built site: links lead somewhere, nothing comes from elsewhere, nothing private is in it, and twice the same."""

import filecmp
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html as lxml_html

from tests.conftest import DOCS, EPOCH, PAGES, ROOT, Site, build, built, copy_of, html_of, made_once, say, tracked

FETCHES = {
    "script": "src",
    "img": "src",
    "source": "src",
    "iframe": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
    "use": "href",
}
# `link` elements with these relations are looked up, not fetched.
LOOKED_UP = {"canonical", "prev", "next", "alternate", "edit", "license", "author", "help"}


def tree(path: Path):
    return lxml_html.parse(str(path), lxml_html.HTMLParser(encoding="utf-8")).getroot()


def pages_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_every_link_and_asset_inside_the_site_exists(site: Site):
    ids = {path: {element.get("id") for element in tree(path).xpath("//*[@id]")} for path in pages_of(site.folder)}
    faults = []
    for path in pages_of(site.folder):
        if path.name == "404.html":
            continue  # its links are absolute: it is served for any address
        for element in tree(path).xpath("//*[@href or @src]"):
            target = urlsplit(element.get("href") or element.get("src"))
            if target.scheme or target.netloc or element.get("rel") == "canonical":
                continue
            goal = (path.parent / unquote(target.path)).resolve() if target.path else path
            goal = goal / "index.html" if goal.is_dir() else goal
            if not goal.exists():
                faults.append(
                    f"{path.relative_to(site.folder)}: {element.get('href') or element.get('src')} leads nowhere"
                )
            elif (
                target.fragment
                and goal in ids
                and target.fragment not in ids[goal] | {"__skip", "__search", "__drawer"}
            ):
                faults.append(f"{path.relative_to(site.folder)}: {element.get('href')}: no such section")
    say(faults)


def test_no_page_fetches_anything_from_elsewhere(site: Site):
    faults = []
    for path in pages_of(site.folder):
        for element in tree(path).iter(
            "script", "img", "source", "iframe", "video", "audio", "embed", "object", "use", "link"
        ):
            if element.tag == "link" and set((element.get("rel") or "").split()) & LOOKED_UP:
                continue
            address = element.get(FETCHES.get(element.tag, "href")) or ""
            if re.match(r"(?:[a-z]+:)?//", address):
                faults.append(f"{path.relative_to(site.folder)}: <{element.tag}> fetches {address}")
    for path in site.folder.rglob("*.css"):
        faults += [
            f"{path.relative_to(site.folder)}: fetches {address}"
            for address in re.findall(
                r"(?:url\(|@import\s+)[\"']?((?:https?:)?//[^\"')]+)", path.read_text(encoding="utf-8")
            )
        ]
    say(faults)


def test_no_macro_is_left_in_a_page_or_in_the_search(site: Site):
    """`{{` may stand only where a page shows an editor how to write one."""
    faults = []
    for path in pages_of(site.folder):
        article = tree(path).find(".//article")
        if article is None or path.parent.name == "contributing":
            continue
        faults += [
            f"{path.relative_to(site.folder)}: {match}"
            for match in re.findall(
                r"\{\{[^}]*\}\}|\{%[^%]*%\}|\{ data-label[^}]*\}|\{ [#.][^}]*\}", article.text_content()
            )
        ]
    index = json.loads((site.folder / "search" / "search_index.json").read_text(encoding="utf-8"))
    faults += [
        f"search index: {entry['location']}: {{{{ is left"
        for entry in index["docs"]
        if "{{" in entry["text"] and "contributing" not in entry["location"]
    ]
    say(faults)


def test_what_a_reader_types_is_in_the_search(site: Site, catalog):
    """An alert, a line of the log, a number and a word, each where it leads."""
    scenarios = catalog.scenarios.scenarios
    alerts = [
        (alert, catalog.procedures[name].page)
        for name, it in scenarios.items()
        for alert in catalog.alerts_of(name)[:1]
    ]
    alerts += [
        (catalog.system.log_events[sight.what].line.rstrip(":"), catalog.procedures[name].page)
        for name, it in scenarios.items()
        for sight in it.see
        if sight.kind == "log"
    ]
    typed = [(words, page.removesuffix("index.md").removesuffix(".md")) for words, page in alerts]
    typed += [(it.value.spoken, "reference/thresholds/") for it in catalog.thresholds.values()]
    typed += [("canary", "deployment/")]
    index = json.loads((site.folder / "search" / "search_index.json").read_text(encoding="utf-8"))
    read = [(entry["location"], re.sub(r"<[^>]+>", "", entry["text"] + entry["title"])) for entry in index["docs"]]
    say(
        [
            f'"{words}" does not lead to {wanted}'
            for words, wanted in typed
            if not any(location.startswith(wanted) and words in text for location, text in read)
        ]
    )


def test_every_page_can_be_edited_from_the_browser(site: Site, catalog):
    say(
        [
            f"{page}: no edit link"
            for page in PAGES
            if not site.trees[page].xpath(
                f"//a[starts-with(@href, '{catalog.site.repository}/edit/{catalog.site.branch}/docs/{page}')]"
            )
        ]
    )


def test_tables_are_whole(site: Site):
    """As many cells in each row as there are headers, and a header in each column that a reader must name."""
    faults = []
    for page in PAGES:
        for table in site.article(page).xpath(".//table"):
            width = len(table.xpath(".//thead/tr/th"))
            for row in table.xpath(".//tbody/tr"):
                if len(row) != width:
                    faults.append(
                        f"docs/{page}: a row of {len(row)} cells in a table of {width}: {row.text_content()[:60]}"
                    )
                if not row.text_content().strip():
                    faults.append(f"docs/{page}: an empty row under {table.xpath('.//thead')[0].text_content()[:60]}")
    say(faults)


def test_pictures_have_a_title_and_a_description(site: Site):
    faults = []
    for page in PAGES:
        for svg in site.article(page).xpath(".//figure//svg"):
            for part in ("title", "desc"):
                if not (svg.find(part) is not None and svg.find(part).text):
                    faults.append(f"docs/{page}: a picture without <{part}>")
        faults += [
            f"docs/{page}: an image without alternative text" for image in site.article(page).xpath(".//img[not(@alt)]")
        ]
    say(faults)


def clone(root: Path) -> Path:
    """Every file of the repository as it stands now, changes included, and its history: git says the same of both."""
    for path in tracked():
        there = root / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, there)
    (root / ".git").symlink_to(ROOT / ".git")
    return root


@pytest.fixture(scope="module")
def again(tmp_path_factory) -> Path:
    """The public site once more, with another hash seed, from a copy that has a private overlay."""

    def make(folder: Path) -> None:
        root = clone(tmp_path_factory.mktemp("again"))
        overlay(root)
        # Only looks: the index of the repository stays as it is.
        built(root, folder, PYTHONHASHSEED="7", GIT_OPTIONAL_LOCKS="0")

    return made_once(tmp_path_factory, "again", make)


def test_two_builds_are_identical(site: Site, again: Path):
    faults: list[str] = []

    def compare(pair: filecmp.dircmp, where: str = "") -> None:
        faults.extend(f"{where}{name} is only in one of two builds" for name in pair.left_only + pair.right_only)
        _, different, odd = filecmp.cmpfiles(pair.left, pair.right, pair.common_files, shallow=False)
        faults.extend(
            f"{where}{name} differs between two builds with the same SOURCE_DATE_EPOCH ({EPOCH}), "
            "one of them with another PYTHONHASHSEED and with files in data/private/"
            for name in different + odd
        )
        for name, below in pair.subdirs.items():
            compare(below, f"{where}{name}/")

    compare(filecmp.dircmp(site.folder, again, ignore=[]))
    say(faults)


PRIVATE = 'oncall_primary:\n  name: Zebra Quagga\n  channels:\n    - {kind: phone, value: "+44 20 7946 0987"}\n'


def overlay(root: Path) -> None:
    """Gives a copy of the repository a private overlay."""
    (root / "data" / "private").mkdir()
    (root / "data" / "private" / "contacts.yml").write_text(PRIVATE, encoding="utf-8")


def holds_private(folder: Path) -> list[str]:
    words = (b"Zebra Quagga", b"7946 0987", b"79460987")
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(word in path.read_bytes() for word in words)
    ]


@pytest.fixture(scope="module")
def internal(tmp_path_factory) -> Path:
    """The internal edition of the whole site, with a private overlay, and with one number changed."""

    def make(folder: Path) -> None:
        root = copy_of(tmp_path_factory.mktemp("internal"), *PAGES)
        shutil.copytree(DOCS / "assets", root / "docs" / "assets", dirs_exist_ok=True)
        overlay(root)
        path = root / "data" / "thresholds.yml"
        text = path.read_text(encoding="utf-8")
        # Longer than any legal value that it had, and met nowhere else.
        text, count = re.subn(r"(?m)^(canary\.soak:\n  value:) .*", r"\1 9871 h", text)
        assert count == 1
        path.write_text(text, encoding="utf-8")
        built(root, folder, RUNBOOK_AUDIENCE="internal")

    return made_once(tmp_path_factory, "internal", make)


def test_nothing_of_the_private_overlay_reaches_a_public_site(again: Path, internal: Path):
    assert holds_private(again) == []
    assert "reference/contacts/index.html" in holds_private(internal), (
        "the check finds nothing where it must: it proves nothing"
    )


def test_a_scannable_card_is_in_the_internal_edition_alone(site: Site, internal: Path):
    name = html_of("reference/contacts.md")
    assert 'class="vcard"' in (internal / name).read_text(encoding="utf-8")
    assert 'class="vcard"' not in (site.folder / name).read_text(encoding="utf-8")


def shown(folder: Path, wanted: str) -> set[str]:
    """The pages of a built site that have these words."""
    return {page.relative_to(folder).as_posix() for page in pages_of(folder) if wanted in page.read_text("utf-8")}


def test_changing_one_number_changes_every_page_that_shows_it(site: Site, internal: Path, catalog):
    """The promise of the whole: one number in data/, and the pages follow."""
    now = f't-canary-soak">{catalog.thresholds["canary.soak"].value}<'
    new = 't-canary-soak">9871 hours<'
    assert shown(site.folder, new) == set()
    pages = shown(site.folder, now)
    assert {"index.html", "deployment/deployment_strategy/index.html", "reference/thresholds/index.html"} <= pages
    assert shown(internal, new) == pages
    assert "deployment/deployment_checklist/index.html" in shown(internal, "9871 hours")
    assert shown(internal, now) == set(), "pages that still show the old value"


def test_git_ignores_the_private_overlay():
    assert "data/private/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


# What an editor may break, and what the warning names.
BROKEN = {
    "no such page": ("[x](nowhere.md)", "nowhere.md"),
    "no such section": ("[x](other.md#no-such-section)", "no-such-section"),
    "no such section, from the root": ("[x](/other.md#t-no-such)", "t-no-such"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> subprocess.CompletedProcess:
    """A strict build of a site of three pages: the first has every dead link, the third is in no navigation."""
    root = copy_of(tmp_path_factory.mktemp("broken"))
    links = "\n\n".join(link for link, _ in BROKEN.values())
    for name, text in {"index.md": links, "other.md": "", "stray.md": ""}.items():
        (root / "docs").mkdir(exist_ok=True)
        (root / "docs" / name).write_text(f"# A page {{ #a-page }}\n\n{text}\n", encoding="utf-8")
    settings = (root / "mkdocs.yml").read_text(encoding="utf-8")
    settings = re.sub(r"(?ms)^nav:\n.*", "nav:\n  - index.md\n  - other.md\n", settings)
    (root / "mkdocs.yml").write_text(settings, encoding="utf-8")
    return build(root, root / "out")


def warnings_of(done: subprocess.CompletedProcess) -> list[str]:
    """What a build warned of. With `strict` any one of them stops it."""
    return re.findall(r"^WARNING +-  ?(.*(?:\n  .*)*)", done.stderr, re.M)


@pytest.mark.parametrize("case", BROKEN)
def test_a_dead_link_stops_the_build(broken, case):
    _, named = BROKEN[case]
    assert broken.returncode != 0, broken.stderr
    assert any(named in warning for warning in warnings_of(broken)), broken.stderr


def test_a_page_outside_the_navigation_stops_the_build(broken):
    assert broken.returncode != 0
    assert any("stray.md" in warning for warning in warnings_of(broken)), broken.stderr


def test_every_page_is_built(site: Site):
    say([f"{html_of(page)} is missing" for page in PAGES if not (site.folder / html_of(page)).exists()])
