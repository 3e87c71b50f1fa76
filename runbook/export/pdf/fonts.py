"""The faces of the PDFs: cut from pinned font packages, the same on every machine, and kept for the next print."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from runbook.export.pdf import stamps
from runbook.export.pdf.print_cache import PrintCache, digest

# Latin with accents, Greek (for a formula), punctuation, arrows, mathematics, boxes, marks.
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x250),
    *range(0x370, 0x400),
    *range(0x2010, 0x2044),
    *range(0x2190, 0x21C0),
    *range(0x2200, 0x2270),
    *range(0x25A0, 0x2600),
    *range(0x2600, 0x2700),
    *range(0x2700, 0x27C0),
]
# What stamps may say: the edition, dates, numbers of pages.
STAMP_CHARACTERS = [*range(0x20, 0x7F), 0xB7, 0x2013]
# family -> (weight, style) -> file name of the variable face it is cut from
CUTS = {
    "Runbook Sans": {
        (400, "normal"): "SourceSans3[wght].ttf",
        (700, "normal"): "SourceSans3[wght].ttf",
        (400, "italic"): "SourceSans3-Italic[wght].ttf",
        (700, "italic"): "SourceSans3-Italic[wght].ttf",
    },
    "Runbook Mono": {(400, "normal"): "SourceCodePro[wght].ttf", (700, "normal"): "SourceCodePro[wght].ttf"},
    stamps.FAMILY: {(400, "normal"): "SourceSans3[wght].ttf"},
}


@dataclass(frozen=True)
class Face:
    """One weight and style of a family. content: a TrueType file."""

    family: str
    weight: int
    style: str
    content: bytes


def _homes() -> dict[str, Path]:
    """Family -> the folder of its variable faces."""
    import fontpkg_source_code_pro
    import fontpkg_source_sans_3

    return {
        "Runbook Sans": fontpkg_source_sans_3.ROOT / "files",
        "Runbook Mono": fontpkg_source_code_pro.ROOT / "files",
        stamps.FAMILY: fontpkg_source_sans_3.ROOT / "files",
    }


def inputs() -> list[bytes | str]:
    """All that decides how the faces turn out: this module, the variable faces, the library that cuts them."""
    homes = _homes()
    sources = sorted({homes[family] / name for family, cuts in CUTS.items() for name in cuts.values()})
    return [Path(__file__).read_bytes(), version("fonttools"), *(source.read_bytes() for source in sources)]


def cut(cache: PrintCache, side_by_side: Callable[..., Iterable[bytes]] = map) -> list[Face]:
    """Every face. A PDF library would cut variable faces itself, for each document anew, at seconds each.

    side_by_side: does the work of `map`, in several processes if it can.
    """
    homes, made_from = _homes(), inputs()
    faces, missing = {}, []
    for family, cuts in CUTS.items():
        for (weight, style), name in cuts.items():
            key = digest("face", family, str(weight), style, *made_from)
            content = cache.get(key)
            faces[key] = Face(family, weight, style, content or b"")
            if content is None:
                signs = STAMP_CHARACTERS if family == stamps.FAMILY else CHARACTERS
                missing.append((key, homes[family] / name, weight, signs))
    if missing:
        keys, *work = zip(*missing, strict=True)
        for key, content in zip(keys, side_by_side(_cut, *work), strict=True):
            cache.put(key, content)
            faces[key] = replace(faces[key], content=content)
    return list(faces.values())


def style_sheet(faces: Iterable[Face], folder: Path) -> str:
    """Writes faces into a folder and returns the style sheet that names them."""
    rules = []
    for face in faces:
        file = folder / f"{face.family.replace(' ', '')}-{face.weight}-{face.style}.ttf"
        file.write_bytes(face.content)
        rules.append(
            "@font-face "
            f'{{ font-family: "{face.family}"; src: url("{file.as_uri()}"); '
            f"font-weight: {face.weight}; font-style: {face.style}; }}"
        )
    return "\n".join(rules)


def _cut(source: Path, weight: int, signs: list[int]) -> bytes:
    return _instance(_subset(source, signs), weight)


def _subset(source: Path, signs: list[int]) -> bytes:
    """The face with these characters only, without ligatures, still variable."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(layout_features=["kern"], drop_tables=["GSUB"], hinting=False, recalc_timestamp=False)
    font = TTFont(io.BytesIO(source.read_bytes()), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=signs)
    cutter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _instance(face: bytes, weight: int) -> bytes:
    """One weight of a variable face."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    font = instancer.instantiateVariableFont(
        TTFont(io.BytesIO(face), recalcTimestamp=False), {"wght": weight}, inplace=True
    )
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
