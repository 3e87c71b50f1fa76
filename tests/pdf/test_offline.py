"""The site with its server gone, and the archive on a USB stick, in a real browser."""

import functools
import http.server
import json
import re
import shutil
import threading
import time
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from runbook.export.built_site import read
from runbook.export.web import offline_copy as offline
from tests.browser.visits import one_of_each_kind
from tests.conftest import Site, html_of, say, url, wake

# All need the exports, which take long to make.
pytestmark = pytest.mark.pdf


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Says nothing."""


@contextmanager
def served(folder: Path):
    """Serves a folder; yields its address and a function that ends the server, as a power cut does."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ended = []

    def end():
        if not ended:
            ended.append(True)
            server.shutdown()
            server.server_close()

    try:
        yield f"http://127.0.0.1:{server.server_port}/", end
    finally:
        end()


@pytest.fixture
def tab(browser):
    context = browser.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def kept(tab) -> None:
    """Waits until the service worker has its copy and answers for the page."""
    until(lambda: tab.evaluate("Boolean(navigator.serviceWorker.controller)"))


def until(true) -> None:
    """Waits until a call gives a true value; fails after half a minute."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def caches(tab) -> dict[str, list[str]]:
    """The paths that each cache of the page's origin holds."""
    return tab.evaluate("""async () => {
      const found = {};
      for (const name of await caches.keys()) {
        const requests = await (await caches.open(name)).keys();
        found[name] = requests.map((it) => new URL(it.url).pathname);
      }
      return found;
    }""")


def search(tab, words: str) -> list[str]:
    """Types into the search field, as a reader does, and returns the addresses found."""
    tab.keyboard.press("/")
    tab.wait_for_function("document.activeElement.matches('.md-search__input')")
    tab.keyboard.type(words, delay=40)
    tab.wait_for_selector(".md-search-result__link", state="attached")
    return tab.eval_on_selector_all(".md-search-result__link", "links => links.map(it => it.href)")


@pytest.fixture
def under(exported, tmp_path) -> Path:
    """The site below a folder of its host, as on a host shared with others."""
    (tmp_path / "host").mkdir()
    (tmp_path / "host/runbook").symlink_to(exported.folder)
    return tmp_path / "host"


# -------------------------------------------------------------- service worker


# Asks the service worker for pages; gives the first heading of each, or what went wrong.
TITLES = """async (addresses) => Promise.all(addresses.map(async (address) => {
  try {
    const text = await (await fetch(address)).text();
    return new DOMParser().parseFromString(text, "text/html").querySelector("h1")?.textContent ?? "no heading";
  } catch (error) {
    return String(error);
  }
}))"""
# The worker treats all pages alike: these stand for what it adds to one that is opened.
OPENED = ["", "deployment/rollback/warm/", "reference/contacts/"]


@pytest.mark.browser
def test_with_the_server_gone_every_page_and_search_still_work(exported, under, tab, facts):
    with served(under) as (address, end):
        tab.goto(f"{address}runbook/")
        kept(tab)
        assert tab.query_selector("[data-offline-copy]") is None
        end()
        pages = {page.path: page for page in read(exported.folder)}
        titles = tab.evaluate(TITLES, [f"{address}runbook/{path}" for path in pages])
        say([f"{it.path}: {title}" for it, title in zip(pages.values(), titles, strict=True) if it.title not in title])
        for path in OPENED:
            tab.goto(f"{address}runbook/{path}")
            assert pages[path].title in tab.text_content("h1")
            assert facts.made.strftime("Offline copy of %Y-%m-%d") in tab.text_content("[data-offline-copy]")
        assert any("rollback/warm" in link for link in search(tab, "warm rollback"))


@pytest.mark.browser
def test_with_the_server_there_its_answer_comes_first(exported, tab, tmp_path):
    copy = tmp_path / "site"
    shutil.copytree(exported.folder, copy)
    with served(copy) as (address, _):
        tab.goto(address)
        kept(tab)
        page = copy / "desk/index.html"
        page.write_text(page.read_text().replace("</h1>", " CHANGED</h1>", 1))
        tab.goto(f"{address}desk/")
        assert "CHANGED" in tab.text_content("h1") and tab.query_selector("[data-offline-copy]") is None


@pytest.mark.browser
def test_a_new_edition_removes_the_old_copy_and_leaves_the_neighbours(exported, under, tab, facts, tmp_path):
    site = tmp_path / "site"
    shutil.copytree(exported.folder, site)
    (under / "runbook").unlink()
    (under / "runbook").symlink_to(site)
    with served(under) as (address, _):
        tab.goto(f"{address}runbook/")
        kept(tab)
        tab.evaluate("caches.open('somebody else')")
        before = set(caches(tab)) - {"somebody else"}
        offline.worker(site, replace(facts, audience="internal"))
        tab.evaluate("navigator.serviceWorker.getRegistration().then(it => it.update())")
        until(
            lambda: (
                any(" internal " in name for name in caches(tab))
                and not any(" public " in name for name in caches(tab))
            )
        )
        after = set(caches(tab))
    assert len(before) == 1 and " public " in before.pop()
    assert "somebody else" in after and len(after) == 2


@pytest.mark.browser
def test_pdfs_are_not_in_the_copy(exported, under, tab):
    with served(under) as (address, _):
        tab.goto(f"{address}runbook/")
        kept(tab)
        (paths,) = caches(tab).values()
    assert not [path for path in paths if path.endswith((".pdf", ".zip"))]
    assert len(paths) > len(read(exported.folder))


def test_another_audience_or_another_word_is_another_cache(exported, facts, tmp_path):
    def name(site: Path, edition) -> str:
        line = offline.worker(site, edition).read_text().partition("\n")[0]
        values = json.loads(line.removeprefix("const EDITION = ").removesuffix(";"))
        return f"{values['audience']} {values['version']}"

    copy = tmp_path / "site"
    shutil.copytree(exported.folder, copy)
    first = name(copy, facts)
    assert name(copy, facts) == first
    assert name(copy, replace(facts, audience="internal")) != first
    (copy / "desk/index.html").write_text((copy / "desk/index.html").read_text() + " ")
    assert name(copy, facts) != first


# --------------------------------------------------------------------- archive


@pytest.fixture
def unpacked(exported, tmp_path) -> Path:
    with zipfile.ZipFile(exported.folder / offline.ARCHIVE) as archive:
        archive.extractall(tmp_path / "a stick")
    return tmp_path / "a stick" / offline.FOLDER


@pytest.mark.browser
def test_the_archive_opens_by_double_click_and_finds_words(exported, unpacked, tab):
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto((unpacked / "index.html").as_uri())
    found = search(tab, "kill switch")
    assert found and all(link.startswith("file:") for link in found)
    tab.goto(found[0])
    assert tab.query_selector("h1")
    for page in one_of_each_kind(Site(exported.folder)):
        tab.goto((unpacked / html_of(page)).as_uri())
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:", "about:"))]
    assert not errors


def test_every_link_of_the_archive_leads_to_a_file_in_it(unpacked):
    faults = []
    for path in unpacked.rglob("*.html"):
        for href in (
            html.parse(str(path), html.HTMLParser(encoding="utf-8"))
            .getroot()
            .xpath("//a/@href | //link/@href | //script/@src")
        ):
            if re.match(r"(https?:|mailto:|tel:|#|data:)", href):
                continue
            if not (path.parent / re.split("[?#]", href)[0]).is_file():
                faults.append(f"{path.relative_to(unpacked)}: {href}")
    say(faults)


def test_the_archive_is_the_same_for_the_same_site(exported, facts, tmp_path):
    copy = tmp_path / "site"
    shutil.copytree(exported.folder, copy)
    assert offline.archive(copy, facts).read_bytes() == (exported.folder / offline.ARCHIVE).read_bytes()


def test_the_search_index_of_the_archive_names_files(unpacked):
    text = (unpacked / "search/search_index.js").read_text()
    locations = [it["location"] for it in json.loads(text.removeprefix("var __index = "))["docs"]]
    assert locations and all((unpacked / location.split("#")[0]).is_file() for location in locations)


# -------------------------------------------------------------------- requests


@pytest.mark.browser
def test_with_its_service_worker_no_page_asks_anybody_else(exported, under, tab):
    """Without it: tests/browser/test_every_page.py."""
    asked = []
    # Of the whole window: what a page asks for late is seen while the next one is open.
    tab.context.on("request", lambda request: asked.append(request.url))
    with served(under) as (address, _):
        for page in one_of_each_kind(Site(exported.folder)):
            tab.goto(url(f"{address}runbook/", page))
            wake(tab)
        tab.wait_for_load_state("networkidle")
    assert not [it for it in asked if not it.startswith((address, "data:", "blob:"))]


@pytest.mark.browser
def test_every_word_is_there_without_scripts(exported, under, browser):
    context = browser.new_context(java_script_enabled=False)
    tab, faults = context.new_page(), []
    with served(under) as (address, _):
        for page in read(exported.folder):
            tab.goto(f"{address}runbook/{page.path}")
            # A fold opens without scripts: the browser does it.
            tab.locator("details").evaluate_all("folds => folds.forEach(it => it.open = true)")
            shown = " ".join(tab.inner_text("article").split()).replace("¶", "")
            for cell in page.article.xpath(
                "(.//li | .//td | .//dd | .//p | .//code)[not(*)] | (.//h1 | .//h2 | .//h3 | .//h4)/text()"
            ):
                words = " ".join((cell if isinstance(cell, str) else cell.text_content()).split()).replace("¶", "")
                if words and words not in shown:
                    faults.append(f"{page.path}: {words}")
    context.close()
    say(faults)
