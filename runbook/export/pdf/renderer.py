"""Prints: HTML -> tagged PDF with forms, the same bytes for the same input. The only module that needs Pango."""

import functools
import io
import logging
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from string import Template
from typing import Any

from runbook.export.edition import PrintEdition
from runbook.export.pdf import binding, fonts, stamps
from runbook.export.pdf.binding import ELSEWHERE, TARGETS
from runbook.export.pdf.documents import Chapter, PrintDocument
from runbook.export.pdf.page_transform import UnprintableError
from runbook.export.pdf.print_cache import PrintCache, digest
from runbook.export.pdf.stamps import StampFace

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


OPTIONS = {"pdf_variant": "pdf/ua-1", "pdf_forms": True}
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

    def lay_out(self, chapter: Chapter) -> bytes:
        """A chapter as a PDF in which stamps stand for what is not known yet.

        Raises UnprintableError when a chapter with a number of sides needs more, and for whatever the library complains
        about: a link into nothing, a picture without words.
        """
        with _complaints(chapter.name):
            for size in chapter.sizes or (None,):
                styles = [self.styles[name] for name in ("faces", *chapter.css)]
                if size:
                    styles.append(self.css(string=f"html {{ font-size: {size}pt }}"))
                source = self.html(string=chapter.html)
                targets = _set_stamps(source.etree_element)
                laid = source.render(font_config=self.fonts, stylesheets=styles, **OPTIONS)
                if chapter.sides is None or len(laid.pages) <= chapter.sides:
                    break
            else:
                raise UnprintableError(
                    f"{chapter.name}: {len(laid.pages)} pages at {size} pt, and a card has {chapter.sides}; shorten "
                    "the sections and steps that it is made from"
                )

            def finish(_: Any, pdf: Any) -> None:
                finish_fields(pdf)
                _finish_tags(pdf, chapter.name)
                pdf.catalog[TARGETS.removeprefix("/")] = pydyf.Array(map(pydyf.String, targets))

            import pydyf

            out = io.BytesIO()
            laid.write_pdf(out, finisher=finish, **{**self.defaults, **OPTIONS})
        return out.getvalue()


def _set_stamps(document: Any) -> list[str]:
    """Writes a stamp for each reference, and marks links out of the chapter. Returns the references' targets."""
    here = {element.get("id") for element in document.iter() if element.get("id")}
    see = stamps.SEE if "book" in document.find("body").get("class", "") else stamps.SEE_NEAR
    targets: list[str] = []
    for element in document.iter():
        if target := element.get("data-page-of"):
            code = see if element.get("class") == "n" else stamps.LISTED
            element.text = f"{code}{len(targets)}"
            targets.append(target.removeprefix("#"))
        link = element.get("href") or ""
        if link.startswith("#") and link[1:] not in here:
            element.set("href", ELSEWHERE + link[1:])
    return targets


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
    documents: list[PrintDocument],
    folder: Path,
    edition: PrintEdition,
    workers: int | None = None,
    cache: PrintCache | None = None,
) -> list[Path]:
    """Prints every document, on as many processes as there are cores, four at most. Returns the files.

    cache: a chapter that was laid out before from the very same input is taken from there, and so is a document that
    was put together before; what is new is put there.

    Raises LibraryMissingError before anything is written when Pango is not there.
    """
    _weasyprint()
    cache = cache or PrintCache(None)
    shared = digest(*_inputs(edition.paper))
    keys = {chapter: digest("chapter", shared, repr(chapter)) for one in documents for chapter in one.chapters}
    laid = {chapter: content for chapter, key in keys.items() if (content := cache.get(key)) is not None}
    # The longest first, so that no process has much left to do when the others are done.
    new = sorted((chapter for chapter in keys if chapter not in laid), key=lambda it: (-len(it.html), it.name))
    workers = min(workers or os.cpu_count() or 1, 4)
    with _pool(workers if new else 1) as side_by_side, tempfile.TemporaryDirectory() as home:
        faces = fonts.cut(cache, side_by_side)
        sheet = fonts.style_sheet(faces, Path(home))
        for chapter, content in zip(
            new, side_by_side(_lay_out, new, repeat(edition.paper), repeat(sheet)), strict=False
        ):
            cache.put(keys[chapter], content)
            laid[chapter] = content
    stamp_face = StampFace(next(face.content for face in faces if face.family == stamps.FAMILY))
    said = repr((edition.footer, edition.title, edition.date, edition.valid))
    printed = []
    for one in documents:
        key = digest(
            "document", said, one.file, Path(binding.__file__).read_bytes(), *(keys[it] for it in one.chapters)
        )
        if (content := cache.get(key)) is None:
            content = binding.bind(one.file, [laid[chapter] for chapter in one.chapters], edition, stamp_face)
            cache.put(key, content)
        target = folder / one.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        printed.append(target)
    cache.tidy()
    return printed


@contextmanager
def _pool(workers: int) -> Iterator[Callable[..., Iterable[bytes]]]:
    """What does the work of `map`, in several processes if there is to be more than one."""
    if workers == 1:
        yield map
        return
    # A forked process has the libraries loaded already; macOS does not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("fork" if sys.platform == "linux" else "spawn")) as pool:
        yield pool.map


def _inputs(paper: str) -> list[bytes | str]:
    """All that decides how a sheet is printed beside the sheet itself."""
    from weasyprint.text.ffi import pango

    styles = sorted(path for path in HERE.iterdir() if path.suffix in (".css", ".svg"))
    libraries = ("weasyprint", "pydyf", "pikepdf", "fonttools", "tinycss2", "cssselect2", "tinyhtml5", "pyphen")
    return [
        paper,
        sys.version,
        *(f"{name} {version(name)}" for name in libraries),
        f"pango {pango.pango_version()}",
        *_system_libraries(),
        Path(__file__).read_bytes(),
        Path(stamps.__file__).read_bytes(),
        *(part for path in styles for part in (path.name, path.read_bytes())),
        *fonts.inputs(),
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


def _lay_out(chapter: Chapter, paper: str, style_sheet: str) -> bytes:
    return _press(paper, style_sheet).lay_out(chapter)


@functools.lru_cache(1)
def _press(paper: str, style_sheet: str) -> Press:
    """The press of this process."""
    return Press(paper, style_sheet)


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
        paper=paper,
        margin=f"{MARGIN}mm",
        code=f"{CODE_SIZE}pt",
        see=stamps.ROOM[stamps.SEE],
        see_near=stamps.ROOM[stamps.SEE_NEAR],
        listed=stamps.ROOM[stamps.LISTED],
    )


# ------------------------------------------------------------------- finishing


def finish_fields(pdf: Any) -> None:
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
    widgets = [
        thing for thing in pdf.objects if isinstance(thing, pydyf.Dictionary) and thing.get("Subtype") == "/Widget"
    ]
    for widget in widgets:
        left, top, right, bottom = widget["Rect"]
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
        widget["Contents"] = widget["TU"]
        if widget.get("FT") == "/Tx":
            widget["DA"] = pydyf.String(f"/Helv {min(10, max(6, height * 0.62)):.1f} Tf 0 g")
            widget["AP"] = pydyf.Dictionary({"N": blank.reference})
        elif widget.get("FT") == "/Btn":
            widget["AP"]["N"]["Off"] = blank.reference


def _finish_tags(pdf: Any, scope: str) -> None:
    """Makes the names that tie a table's cells to their headers differ from those of other chapters."""
    names = {id(thing["ID"]): thing["ID"] for thing in pdf.objects if isinstance(thing, dict) and "ID" in thing}
    for name in names.values():
        # The cells hold this very object.
        name.string = f"{scope}-{name.string}"
