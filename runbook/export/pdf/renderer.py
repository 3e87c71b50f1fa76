"""Prints: HTML -> tagged PDF with forms, the same bytes for the same input. The only module that needs Pango."""

import functools
import hashlib
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from string import Template
from typing import Any

from runbook.export.pdf import fonts as faces
from runbook.export.pdf.documents import PrintDocument
from runbook.export.pdf.page_transform import UnprintableError
from runbook.export.pdf.print_cache import PrintCache, digest

HERE = Path(__file__).parent
# Millimetres. The margins leave room for two punched holes.
SIZES = {"A4": (210, 297), "Letter": (215.9, 279.4)}
MARGIN = 17
# Points. A character of the fixed-width face is 0.6 of its size wide.
CODE_SIZE = 8.2
CODE_FRAME = 34
MISSING = (
    "The PDFs were not made: the system library Pango is missing. "
    "Debian, Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 · Fedora: dnf install "
    "pango · macOS: brew install pango. "
    "The site itself is complete."
)


class LibraryMissingError(RuntimeError):
    """Pango, or what it needs, is not on this machine. The message is one line that names the packages."""


# What prints the number of a page, and the attribute that names its target.
REFERENCES = (
    ('.//span[@class="n"]', "data-to"),
    ('.//a[@class="index"]', "href"),
    ('.//*[@class="contents"]//a', "href"),
)
MOST_LAYOUTS = 4
# File names of the system's libraries that decide where a letter stands.
TEXT_LIBRARIES = re.compile(r"/lib(pango|harfbuzz|fontconfig|freetype)[\w.+-]*$")


@dataclass
class Press:
    """One set of style sheets and faces for all documents of a process.

    paper: "A4" or "Letter". faces: the style sheet that names the faces.
    """

    paper: str
    faces: str

    def __post_init__(self) -> None:
        weasyprint = _weasyprint()
        from weasyprint.text.fonts import FontConfiguration

        self.fonts = FontConfiguration()
        self.styles = {
            name: weasyprint.CSS(string=_style(name, self.paper), base_url=f"{HERE.as_uri()}/")
            for name in ("paper.css", "book.css", "card.css")
        }
        self.styles["faces"] = weasyprint.CSS(string=self.faces, font_config=self.fonts)
        self.html, self.css, self.defaults = weasyprint.HTML, weasyprint.CSS, weasyprint.DEFAULT_OPTIONS

    def print(self, sheet: PrintDocument, folder: Path) -> Path:
        """Writes folder/sheet.file and returns its path.

        Raises UnprintableError when a sheet with a number of sides needs more, and for whatever the library complains
        about: a link into nothing, a picture without words.
        """
        target = folder / sheet.file
        target.parent.mkdir(parents=True, exist_ok=True)
        identifier = hashlib.sha256(sheet.html.encode()).hexdigest()[:32].encode()
        options = {"pdf_variant": "pdf/ua-1", "pdf_forms": True, "pdf_identifier": identifier}
        with _complaints(sheet.file):
            for size in sheet.sizes or (None,):
                styles = [self.styles[name] for name in ("faces", *sheet.css)]
                if size:
                    styles.append(self.css(string=f"html {{ font-size: {size}pt }}"))
                laid = self._lay(sheet, styles, options)
                if sheet.sides is None or len(laid.pages) <= sheet.sides:
                    break
            else:
                raise UnprintableError(
                    f"{sheet.file}: {len(laid.pages)} pages at {size} pt, and a card has {sheet.sides}; shorten the "
                    "sections and steps that it is made from"
                )
            laid.write_pdf(target, finisher=finish, **{**self.defaults, **options})
        return target

    def _lay(self, sheet: PrintDocument, styles: list[Any], options: dict[str, Any]) -> Any:
        """The laid out document, every reference with the number of the page that it points to.

        The library's own `target-counter` stops repaginating too soon when a long document grows by a page in between,
        and prints numbers that are one off. So the numbers are laid out as words of their width first, and written once
        the pages stand, until they stay.
        Raises UnprintableError for a reference into nothing, and when the numbers never settle.
        """
        source = self.html(string=sheet.html)
        references = [
            (it, target.removeprefix("#"))
            for path, attribute in REFERENCES
            for it in source.etree_element.iterfind(path)
            if (target := it.get(attribute))
        ]
        for it, _ in references:
            it.set("data-page", "000")
        for _ in range(MOST_LAYOUTS):
            laid = source.render(font_config=self.fonts, stylesheets=styles, **options)
            pages: dict[str, str] = {}
            for number, page in enumerate(laid.pages, 1):
                for anchor in page.anchors:
                    pages.setdefault(anchor, str(number))
            if lost := sorted({target for _, target in references if target not in pages}):
                raise UnprintableError(
                    f"{sheet.file}: references into nothing: {', '.join(lost)}; point them at a heading or a step "
                    "that is there"
                )
            wrong = [(it, pages[target]) for it, target in references if it.get("data-page") != pages[target]]
            if not wrong:
                return laid
            for it, where in wrong:
                it.set("data-page", where)
        raise UnprintableError(
            f"{sheet.file}: {len(wrong)} page numbers still change after {MOST_LAYOUTS} layouts; give the references "
            "room for three digits"
        )


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _complaints(file: str) -> Iterator[None]:
    """Makes the library's complaints errors."""
    kept, logger = _Kept(), logging.getLogger("weasyprint")
    logger.addHandler(kept)
    try:
        yield
    finally:
        logger.removeHandler(kept)
    if kept.said:
        raise UnprintableError(f"{file}: {'; '.join(dict.fromkeys(kept.said))}")


def columns(paper: str) -> int:
    """Characters in a line of commands."""
    width = (SIZES[paper][0] - 2 * MARGIN) * 72 / 25.4
    return int((width - CODE_FRAME) / (CODE_SIZE * 0.6))


def print_all(
    sheets: list[PrintDocument], folder: Path, paper: str, workers: int | None = None, cache: PrintCache | None = None
) -> list[Path]:
    """Prints every sheet, on as many processes as there are cores, four at most; the longest first.

    cache: what was printed before from the very same input is taken from there, and new prints are put there.

    Raises LibraryMissingError before anything is written when Pango is not there.
    """
    _weasyprint()
    cache = cache or PrintCache(None)
    shared = digest(*_inputs(paper))
    keys = {sheet.file: digest("pdf", shared, repr(sheet)) for sheet in sheets}
    printed = [folder / sheet.file for sheet in sheets if _reprint(folder / sheet.file, cache.get(keys[sheet.file]))]
    new = [sheet for sheet in sheets if folder / sheet.file not in printed]
    for path in _print_new(new, folder, paper, workers or os.cpu_count() or 1, cache):
        cache.put(keys[path.relative_to(folder).as_posix()], path.read_bytes())
        printed.append(path)
    cache.tidy()
    return printed


def _reprint(target: Path, content: bytes | None) -> bool:
    """Writes a document that was printed before; False when it was not."""
    if content is None:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return True


def _print_new(sheets: list[PrintDocument], folder: Path, paper: str, workers: int, cache: PrintCache) -> list[Path]:
    if not sheets:
        return []
    longest_first = sorted(sheets, key=lambda sheet: (-len(sheet.html), sheet.file))
    workers = min(workers, 4, len(sheets))
    with tempfile.TemporaryDirectory() as home:
        named = faces.cut(Path(home), cache)
        jobs = longest_first, [folder] * len(sheets), [paper] * len(sheets), [named] * len(sheets)
        if workers == 1:
            return list(map(_print, *jobs))
        # A forked process has the libraries loaded already; macOS does not survive a fork.
        with ProcessPoolExecutor(
            workers, mp_context=get_context("fork" if sys.platform == "linux" else "spawn")
        ) as pool:
            return list(pool.map(_print, *jobs))


def _inputs(paper: str) -> list[bytes | str]:
    """All that decides how a sheet is printed beside the sheet itself."""
    from weasyprint.text.ffi import pango

    styles = sorted(path for path in HERE.iterdir() if path.suffix in (".css", ".svg"))
    libraries = ("weasyprint", "pydyf", "fonttools", "tinycss2", "cssselect2", "tinyhtml5", "pyphen")
    return [
        paper,
        sys.version,
        *(f"{name} {version(name)}" for name in libraries),
        f"pango {pango.pango_version()}",
        *_system_libraries(),
        Path(__file__).read_bytes(),
        *(part for path in styles for part in (path.name, path.read_bytes())),
        *faces.inputs(),
    ]


def _system_libraries() -> list[bytes]:
    """The loaded libraries that shape and draw text, as they are: a distribution mends them under the same version.

    Known on Linux alone; elsewhere Pango's version stands for them.
    """
    maps = Path("/proc/self/maps")
    if not maps.is_file():
        return []
    loaded = {line.split()[-1] for line in maps.read_text().splitlines() if ".so" in line}
    return [Path(path).read_bytes() for path in sorted(loaded) if TEXT_LIBRARIES.search(path) and Path(path).is_file()]


def _print(sheet: PrintDocument, folder: Path, paper: str, named: str) -> Path:
    return _press(paper, named).print(sheet, folder)


@functools.lru_cache(1)
def _press(paper: str, named: str) -> Press:
    """The press of this process."""
    return Press(paper, named)


def _weasyprint() -> Any:
    try:
        import weasyprint
    except OSError:
        raise LibraryMissingError(MISSING) from None
    # Its warnings are about style sheets it reads further than we need; its errors are kept, above.
    logger = logging.getLogger("weasyprint")
    logger.handlers, logger.propagate = [], False
    logger.setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    return weasyprint


def _style(name: str, paper: str) -> str:
    return Template((HERE / name).read_text(encoding="utf-8")).substitute(
        paper=paper, margin=f"{MARGIN}mm", code=f"{CODE_SIZE}pt"
    )


# ------------------------------------------------------------------- finishing


def finish(document: Any, pdf: Any) -> None:
    """Makes the fields work in ordinary readers.

    Text fields are set in Helvetica, which every reader can type in: the document's own faces are subsets.
    Fields get an appearance, so that readers need not draw all of them anew and print what was there.
    """
    import pydyf

    form = pdf.catalog.get("AcroForm")
    if form is None:
        return
    face = pydyf.Dictionary(
        {"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica", "Encoding": "/WinAnsiEncoding"}
    )
    pdf.add_object(face)
    form["DR"] = pydyf.Dictionary({"Font": pydyf.Dictionary({"Helv": face.reference})})
    form["DA"] = pydyf.String("/Helv 9 Tf 0 g")
    form.pop("NeedAppearances", None)
    for it in [it for it in pdf.objects if isinstance(it, pydyf.Dictionary) and it.get("Subtype") == "/Widget"]:
        left, top, right, bottom = it["Rect"]
        width, height = abs(right - left), abs(top - bottom)
        blank = pydyf.Stream(
            extra={
                "Type": "/XObject",
                "Subtype": "/Form",
                "BBox": pydyf.Array((0, 0, width, height)),
                "Resources": pydyf.Dictionary({}),
            }
        )
        pdf.add_object(blank)
        it["Contents"] = it["TU"]
        if it.get("FT") == "/Tx":
            it["DA"] = pydyf.String(f"/Helv {min(10, max(6, height * 0.62)):.1f} Tf 0 g")
            it["AP"] = pydyf.Dictionary({"N": blank.reference})
        elif it.get("FT") == "/Btn":
            it["AP"]["N"]["Off"] = blank.reference
