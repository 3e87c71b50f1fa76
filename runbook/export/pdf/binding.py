"""Puts a document together from its chapters as they were laid out, and writes what is not known before: see stamps."""

import io
import warnings
from dataclasses import dataclass, field

import pikepdf

from runbook.export.edition import PrintEdition
from runbook.export.pdf import stamps
from runbook.export.pdf.page_transform import UnprintableError
from runbook.export.pdf.stamps import StampFace

# In a chapter: the targets of its references, in their order.
TARGETS = "/RunbookTargets"
# How a chapter names a place in another one.
ELSEWHERE = "book:"
# In a title: the edition's name.
EDITION_MARK = "{edition}"


@dataclass
class _Volume:
    """A PDF that chapters are added to. targets: for each page, the targets of its chapter's references."""

    pdf: pikepdf.Pdf
    targets: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.targets = [_targets(self.pdf)] * len(self.pdf.pages)

    def add(self, chapter: pikepdf.Pdf) -> None:
        """Adds pages with their tags, places, bookmarks and fields."""
        pdf = self.pdf
        before = len(pdf.pages)
        self.targets += [_targets(chapter)] * len(chapter.pages)
        # First: what is copied afterwards points at these copies.
        with warnings.catch_warnings():
            # It warns that fields and places are left behind; they come below.
            warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
            pdf.pages.extend(chapter.pages)
        self._add_tags(chapter, before)
        self._add_places(chapter)
        self._add_bookmarks(chapter)
        self._add_fields(chapter)

    def _copied(self, thing: pikepdf.Object, owner: pikepdf.Pdf) -> pikepdf.Object:
        return self.pdf.copy_foreign(thing if thing.is_indirect else owner.make_indirect(thing))

    def _add_tags(self, chapter: pikepdf.Pdf, before: int) -> None:
        tree = self.pdf.Root.StructTreeRoot
        whole, numbers = tree.K[0], tree.ParentTree.Nums
        first = max(int(numbers[at]) for at in range(0, len(numbers), 2)) + 1
        added = self._copied(chapter.Root.StructTreeRoot, chapter)
        for at, value in enumerate(list(added.ParentTree.Nums)):
            numbers.append(int(value) + first if at % 2 == 0 else value)
        for page in list(self.pdf.pages)[before:]:
            page.obj.StructParents = int(page.obj.StructParents) + first
            for note in page.obj.get("/Annots", []):
                note.StructParent = int(note.StructParent) + first
        for element in added.K[0].K:
            element.P = whole
            whole.K.append(element)

    def _add_places(self, chapter: pikepdf.Pdf) -> None:
        if "/Names" not in chapter.Root:
            return
        if "/Names" not in self.pdf.Root:
            self.pdf.Root.Names = pikepdf.Dictionary(Dests=pikepdf.Dictionary(Names=[]))
        self.pdf.Root.Names.Dests.Names.extend(self._copied(chapter.Root.Names.Dests.Names, chapter))

    def _add_bookmarks(self, chapter: pikepdf.Pdf) -> None:
        mine, added = self.pdf.Root.Outlines, self._copied(chapter.Root.Outlines, chapter)
        mine.Last.Next, added.First.Prev = added.First, mine.Last
        entry: pikepdf.Object | None = added.First
        while entry is not None:
            entry.Parent = mine
            entry = entry.get("/Next")
        mine.Last = added.Last
        mine.Count = int(mine.Count) + int(added.Count)

    def _add_fields(self, chapter: pikepdf.Pdf) -> None:
        if "/AcroForm" not in chapter.Root:
            return
        form = self._copied(chapter.Root.AcroForm, chapter)
        if "/AcroForm" in self.pdf.Root:
            self.pdf.Root.AcroForm.Fields.extend(form.Fields)
        else:
            self.pdf.Root.AcroForm = form

    def places(self) -> dict[str, int]:
        """Name of a place -> its page, counted from 1. Puts the names into the order that a PDF wants."""
        if "/Names" not in self.pdf.Root:
            return {}
        numbers = {page.obj.objgen: number for number, page in enumerate(self.pdf.pages, 1)}
        flat = list(self.pdf.Root.Names.Dests.Names)
        pairs = sorted(zip(flat[::2], flat[1::2], strict=True), key=lambda pair: bytes(pair[0]))
        self.pdf.Root.Names.Dests.Names = pikepdf.Array([part for pair in pairs for part in pair])
        return {str(name): numbers[place[0].objgen] for name, place in pairs}


def bind(file: str, chapters: list[bytes], edition: PrintEdition, face: StampFace) -> bytes:
    """A finished PDF.

    file: its name, for messages. chapters: as the renderer laid them out, in order.
    Raises UnprintableError for a reference into nothing.
    """
    first, *others = (pikepdf.Pdf.open(io.BytesIO(chapter)) for chapter in chapters)
    volume = _Volume(first)
    for chapter in others:
        volume.add(chapter)
    places = volume.places()
    wanted = {target for targets in volume.targets for target in targets} | _link_through(volume.pdf)
    if lost := sorted(wanted - set(places)):
        raise UnprintableError(
            f"{file}: references into nothing: {', '.join(lost)}; point them at a heading or a step that is there"
        )
    _stamp(volume, places, edition, face)
    _describe(volume.pdf, edition)
    out = io.BytesIO()
    volume.pdf.save(
        out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
    )
    return out.getvalue()


def _targets(chapter: pikepdf.Pdf) -> list[str]:
    return [str(target) for target in chapter.Root.get(TARGETS, [])]


def _link_through(pdf: pikepdf.Pdf) -> set[str]:
    """Makes links between chapters links inside the document. Returns the places that they lead to."""
    wanted = set()
    for page in pdf.pages:
        for note in page.obj.get("/Annots", []):
            address = str(note.A.URI) if "/A" in note and "/URI" in note.A else ""
            if address.startswith(ELSEWHERE):
                target = address.removeprefix(ELSEWHERE)
                wanted.add(target)
                del note.A
                note.Dest = note.Contents = pikepdf.String(target)
    return wanted


def _stamp(volume: _Volume, places: dict[str, int], edition: PrintEdition, face: StampFace) -> None:
    words = {
        stamps.EDITION: edition.footer,
        stamps.VALID: f"Printed copy valid until {edition.valid}",
        stamps.VALID_DAY: edition.valid,
        stamps.ISSUED: f"{edition.date}, {edition.audience}",
        stamps.COMMIT: edition.commit,
    }
    pages = len(volume.pdf.pages)
    font = face.embed(volume.pdf)
    for number, (page, targets) in enumerate(zip(volume.pdf.pages, volume.targets, strict=True), 1):

        def text(code: str, number: int = number, targets: list[str] = targets) -> str:
            if code == stamps.PAGE:
                return f"page {number} of {pages}"
            if code in words:
                return words[code]
            where = places[targets[int(code[1:])]]
            return f"{where})" if code[0] != stamps.LISTED else str(where)

        fonts = page.obj.Resources.Font
        for name in [name for name, known in fonts.items() if str(known.BaseFont).endswith("Runbook-Stamp")]:
            fonts[name] = font
            content = page.obj.Contents.read_bytes()
            page.obj.Contents = volume.pdf.make_stream(stamps.write(content, name.removeprefix("/"), face, text))


def _describe(pdf: pikepdf.Pdf, edition: PrintEdition) -> None:
    """The metadata: the day, and the edition where the title names it."""
    if TARGETS in pdf.Root:
        del pdf.Root[TARGETS]
    day = f"D:{edition.made:%Y%m%d}"
    pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = pikepdf.String(day)
    pdf.docinfo["/Title"] = pikepdf.String(str(pdf.docinfo["/Title"]).replace(EDITION_MARK, edition.title))
    described = pdf.Root.Metadata.read_bytes().replace(EDITION_MARK.encode(), edition.title.encode())
    dates = (
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">'
        f"<xmp:CreateDate>{edition.date}</xmp:CreateDate><xmp:ModifyDate>{edition.date}</xmp:ModifyDate>"
        "</rdf:Description></rdf:RDF>"
    )
    pdf.Root.Metadata.write(described.replace(b"</rdf:RDF>", dates.encode(), 1))
