"""What is written into a print after it was laid out: the edition, the numbers of pages.

A layout costs seconds, and neither a new commit nor a longer chapter before it changes where its lines break. So such
words are laid out as stamps: short codes in a face of their own, with room for the words. The words take the place of
the codes when the print is put together, in the same tagged content, so that readers find and copy them as any text.
"""

import io
import re
from collections.abc import Callable

import pikepdf
from fontTools.ttLib import TTFont

FAMILY = "Runbook Stamp"
# Codes for words about the edition: the line in the footer, until when it is valid (a sentence, and the day alone),
# when it was made and for whom, the commit, "page 3 of 12".
EDITION, VALID, VALID_DAY, ISSUED, COMMIT, PAGE = "EVUDCP"
# Codes for the number of the page that a reference points to, followed by the reference's place in its chapter:
# "120)" in a document of many pages, "12)" in one of few, "120" in a list.
SEE, SEE_NEAR, LISTED = "R", "S", "T"
# The room that the layout keeps for a number, in ems; the number ends at its right edge.
ROOM = {SEE: 1.85, SEE_NEAR: 1.4, LISTED: 1.6}
_SHOWN = re.compile(rb"/(\S+) [\d.]+ Tf|\[([^\]]*)\] ?TJ")
_GLYPHS = re.compile(rb"<([0-9a-fA-F]*)>")


class StampFace:
    """The face of the stamps: which glyph is which sign, how wide it is, and itself as a PDF's font.

    face: a TrueType file. It is embedded whole: which of its signs are needed is not known at the layout.
    """

    def __init__(self, face: bytes):
        self.face = face
        font = TTFont(io.BytesIO(face))
        self._scale = 1000 / font["head"].unitsPerEm
        self._glyphs = {chr(code): font.getGlyphID(name) for code, name in font.getBestCmap().items()}
        self._signs = {glyph: sign for sign, glyph in self._glyphs.items()}
        order = font.getGlyphOrder()
        self._widths = [round(font["hmtx"][name][0] * self._scale) for name in order]
        self._box = [round(font["head"].__dict__[side] * self._scale) for side in ("xMin", "yMin", "xMax", "yMax")]
        self._heights = [round(height * self._scale) for height in (font["hhea"].ascent, font["hhea"].descent)]

    def read(self, shown: bytes) -> str:
        """The signs of what a content stream shows, e.g. `<00120034>`."""
        codes = b"".join(_GLYPHS.findall(shown))
        return "".join(self._signs[int(codes[at : at + 4], 16)] for at in range(0, len(codes), 4))

    def width(self, text: str) -> int:
        """Thousandths of an em. Raises KeyError for a sign that the face does not have."""
        return sum(self._widths[self._glyphs[sign]] for sign in text)

    def show(self, text: str, shift: float) -> bytes:
        """What a content stream shows of a text that begins `shift` thousandths of an em to the right."""
        codes = "".join(f"{self._glyphs[sign]:04x}" for sign in text)
        return f"[{-shift:.0f} <{codes}>] TJ".encode()

    def embed(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """Adds the face to a PDF and returns its font."""
        name = pikepdf.Name("/AAAAAA+Runbook-Stamp")
        descriptor = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.FontDescriptor,
                FontName=name,
                Flags=4,
                FontBBox=self._box,
                ItalicAngle=0,
                Ascent=self._heights[0],
                Descent=self._heights[1],
                CapHeight=self._heights[0],
                StemV=80,
                FontFile2=pdf.make_stream(self.face, Length1=len(self.face)),
            )
        )
        below = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.CIDFontType2,
            BaseFont=name,
            CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            FontDescriptor=descriptor,
            CIDToGIDMap=pikepdf.Name.Identity,
            DW=0,
            W=[0, self._widths],
        )
        return pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type0,
                BaseFont=name,
                Encoding=pikepdf.Name("/Identity-H"),
                DescendantFonts=[pdf.make_indirect(below)],
                ToUnicode=pdf.make_stream(self._to_unicode()),
            )
        )

    def _to_unicode(self) -> bytes:
        pairs = [f"<{glyph:04x}> <{ord(sign):04x}>" for glyph, sign in sorted(self._signs.items())]
        # A table of this format holds up to 100 pairs.
        tables = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
        maps = "\n".join(f"{len(table)} beginbfchar\n" + "\n".join(table) + "\nendbfchar" for table in tables)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            f"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{maps}\n"
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode()


def write(content: bytes, name: str, face: StampFace, words: Callable[[str], str]) -> bytes:
    """A page's content stream with words in the place of the stamps.

    name: what the page calls the face. words: a stamp's code -> what is to stand there.
    """
    current = b""

    def replaced(found: re.Match[bytes]) -> bytes:
        nonlocal current
        if found[1]:
            current = found[1]
            return found[0]
        if current.decode() != name:
            return found[0]
        code = face.read(found[2])
        text = words(code)
        shift: float = 0
        if code == PAGE:
            shift = face.width(code) - face.width(text)
        elif code[0] in ROOM:
            shift = ROOM[code[0]] * 1000 - face.width(text)
        return face.show(text, shift)

    return _SHOWN.sub(replaced, content)
