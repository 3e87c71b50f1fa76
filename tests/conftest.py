"""What the tests share: the data, the pages as they are written, and the site as it is built."""

import fcntl
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from lxml import html as lxml_html

from runbook.data.loader import load
from runbook.diagnostics import FaultsError
from runbook.evidence.checked_catalog import load_checked

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SAMPLE = ROOT / "tests" / "fixtures" / "sample"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
EPOCH = "1700000000"
FENCE = re.compile(
    r"^(?P<mark>```+) ?(?:\{(?P<attributes>[^}]*)\}|(?P<language>\S*))\n(?P<body>.*?)^(?P=mark)$", re.M | re.S
)
# The browser's own calls home are switched off, so that every request that is left is the page's.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"telephone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}


COLLECTED = pytest.StashKey[list[pytest.Item]]()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    """Ends at once, with each fault once, where the data does not load: every test would say the same."""
    if hasattr(session.config, "workerinput"):
        return  # one of several processes; the first one has looked
    try:
        load_checked(ROOT, "public")
    except FaultsError as error:
        pytest.exit(str(error), returncode=1)


def pytest_collection_modifyitems(config, items):
    """Keeps what was collected, before markers leave some of it out (tests/unit/test_ids.py)."""
    config.stash[COLLECTED] = list(items)


def say(faults: list[str]) -> None:
    """Fails with every fault of a rule at once."""
    assert not faults, "\n" + "\n".join(faults)


def source(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def tracked() -> list[Path]:
    """The files of the project, as git knows them or would add them."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def prose(page: str) -> list[tuple[int, str]]:
    """The lines of a page outside of front matter, fences and macro calls, with their numbers."""
    blank = lambda match: "\n" * match[0].count("\n")  # noqa: E731  keeps the line numbers
    text = re.sub(r"\A---\n.*?\n---\n", blank, source(page), flags=re.S)
    text = re.sub(r"\{% raw %\}.*?\{% endraw %\}", blank, text, flags=re.S)
    text = FENCE.sub(blank, text)
    text = re.sub(r"\{\{.*?\}\}", "", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return list(enumerate(text.splitlines(), 1))


@pytest.fixture(scope="session")
def catalog():
    """The data as it is, in a public build."""
    return load(ROOT, "public")


@dataclass
class Block:
    """A fenced block as its reader gets it."""

    page: str
    id: str | None
    classes: list[str]
    text: str
    reason: str | None
    line: int


@dataclass
class Site:
    """The built site."""

    folder: Path

    @cached_property
    def trees(self) -> dict[str, lxml_html.HtmlElement]:
        """Each page by its path under docs/, parsed."""
        parser = lxml_html.HTMLParser(encoding="utf-8")
        return {page: lxml_html.parse(str(self.folder / html_of(page)), parser).getroot() for page in PAGES}

    def article(self, page: str):
        return self.trees[page].find(".//article")

    def blocks(self, page: str) -> list[Block]:
        found = []
        for div in self.trees[page].xpath('//div[contains(concat(" ", @class, " "), " highlight ")]'):
            code = div.find(".//code")
            found.append(
                Block(
                    page,
                    div.get("id"),
                    div.get("class").split(),
                    code.text_content(),
                    div.get("data-reason"),
                    div.sourceline,
                )
            )
        return found


def build(root: Path, out: Path, **environment: str) -> subprocess.CompletedProcess:
    """Builds a copy of the repository as `make site` does, without installing anything."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "--site-dir", str(out)],
        cwd=root,
        text=True,
        capture_output=True,
        timeout=120,
        env={
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "SOURCE_DATE_EPOCH": EPOCH,
            "RUNBOOK_AUDIENCE": "public",
            "GITHUB_ACTIONS": "",
            **environment,
        },
    )


def html_of(page: str) -> str:
    """The path of a page in the built site."""
    stem = page.removesuffix(".md")
    return (
        "index.html"
        if stem == "index"
        else f"{stem}.html"
        if stem == "404"
        else f"{stem.removesuffix('/index')}/index.html"
    )


def made_once(tmp_path_factory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills, once for all processes of a run: the first that asks makes it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with open(home.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            unfinished = home.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(home)
    return home


def built(root: Path, out: Path, **environment: str) -> None:
    """Builds what must build."""
    done = build(root, out, **environment)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Site:
    """The site, built once, strictly."""
    folder = made_once(tmp_path_factory, "site", lambda folder: built(ROOT, folder))
    return Site(folder)


def copy_of(root: Path, *pages: str) -> Path:
    """Makes a folder a repository to break on purpose: its own data, these pages, and links to the code."""
    shutil.copytree(ROOT / "data", root / "data", ignore=shutil.ignore_patterns("private"))
    for name in ("macros", "runbook"):
        (root / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "mkdocs.yml", root)
    add_pages(root, *pages)
    return root


def add_pages(root: Path, *pages: str) -> None:
    """Copies pages into a copy of the repository, as they are written."""
    for page in pages:
        (root / "docs" / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DOCS / page, root / "docs" / page)


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the data as it is, to add to. It has no pages: `add_pages` brings those that a test reads."""
    return copy_of(tmp_path)


def sample_at(root: Path) -> Path:
    """Copies the frozen sample to a folder that does not exist yet, with links to the code. Returns the folder."""
    shutil.copytree(SAMPLE, root)
    for name in ("macros", "runbook"):
        (root / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "mkdocs.yml", root)
    return root


@pytest.fixture
def sample(tmp_path) -> Path:
    """A copy of the frozen sample (tests/fixtures), to break on purpose. Rules are tested on it, not on data/."""
    return sample_at(tmp_path / "sample")


@pytest.fixture(scope="session")
def sample_catalog():
    """The data of the frozen sample, in a public build."""
    return load(SAMPLE, "public")


def wake(page) -> None:
    """Waits until the theme's script has done its work, and the page has been drawn since."""
    page.wait_for_function("'document$' in window")
    settled(page)


def settled(page) -> None:
    """Waits until the page has been drawn twice and its scripts have nothing left to do; fails after half a minute.

    A busy machine may leave no idle moment for seconds; a window that is not drawn would let a test wait for ever.
    """
    page.evaluate("""new Promise((done, fail) => {
      setTimeout(() => fail(new Error(`not drawn for half a minute; the page is ${document.visibilityState}`)), 30_000);
      requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(done, { timeout: 5_000 })));
    })""")


def url(address: str, page: str) -> str:
    return address + html_of(page).removesuffix("index.html")


@pytest.fixture(scope="session")
def address(site: Site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Says nothing; the tests do."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site.folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    """The one browser of a process; each test opens a context of its own in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        binary = next(
            (
                path
                for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                if Path(path).exists()
            ),
            None,
        )
        assert binary, "no Chromium on this machine; `make test` installs it where it may"
        chromium = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser, address):
    """A reader's browser at the built site: nothing in it yet, addresses relative to the site."""
    context = browser.new_context(accept_downloads=True, base_url=address)
    context.set_default_timeout(15_000)
    yield context
    context.close()
