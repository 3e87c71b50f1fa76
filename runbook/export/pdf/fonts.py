"""The faces of the PDFs: cut from pinned font packages, the same on every machine, and kept for the next print."""

import io
from importlib.metadata import version
from pathlib import Path

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
# family -> (weight, style) -> file name of the variable face it is cut from
CUTS = {
    "Runbook Sans": {
        (400, "normal"): "SourceSans3[wght].ttf",
        (700, "normal"): "SourceSans3[wght].ttf",
        (400, "italic"): "SourceSans3-Italic[wght].ttf",
        (700, "italic"): "SourceSans3-Italic[wght].ttf",
    },
    "Runbook Mono": {(400, "normal"): "SourceCodePro[wght].ttf", (700, "normal"): "SourceCodePro[wght].ttf"},
}


def _homes() -> dict[str, Path]:
    """Family -> the folder of its variable faces."""
    import fontpkg_source_code_pro
    import fontpkg_source_sans_3

    return {
        "Runbook Sans": fontpkg_source_sans_3.ROOT / "files",
        "Runbook Mono": fontpkg_source_code_pro.ROOT / "files",
    }


def inputs() -> list[bytes | str]:
    """All that decides how the faces turn out: this module, the variable faces, the library that cuts them."""
    homes = _homes()
    sources = sorted({homes[family] / name for family, cuts in CUTS.items() for name in cuts.values()})
    return [Path(__file__).read_bytes(), version("fonttools"), *(source.read_bytes() for source in sources)]


def cut(folder: Path, cache: PrintCache) -> str:
    """Writes the faces into folder and returns the style sheet that names them.

    A PDF library would cut variable faces itself, for each document anew, at seconds each.
    """
    homes, made_from = _homes(), inputs()
    small: dict[Path, bytes] = {}
    rules = []
    for family, cuts in CUTS.items():
        for (weight, style), name in cuts.items():
            source = homes[family] / name
            file = folder / f"{family.replace(' ', '')}-{weight}-{style}.ttf"
            key = digest("face", file.name, *made_from)
            face = cache.get(key)
            if face is None:
                if source not in small:
                    small[source] = _subset(source)
                face = _instance(small[source], weight)
                cache.put(key, face)
            file.write_bytes(face)
            rules.append(
                "@font-face "
                f'{{ font-family: "{family}"; src: url("{file.as_uri()}"); '
                f"font-weight: {weight}; font-style: {style}; }}"
            )
    return "\n".join(rules)


def _subset(source: Path) -> bytes:
    """The face with our characters only, without ligatures, still variable."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(layout_features=["kern"], drop_tables=["GSUB"], hinting=False, recalc_timestamp=False)
    font = TTFont(io.BytesIO(source.read_bytes()), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=CHARACTERS)
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
