"""Each cell of each table carries its column's header, so that on a telephone the rows become cards."""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

_STASHED = re.compile("\x02[^\x03]*\x03")


class _Label(Treeprocessor):
    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            headers = [
                " ".join(_STASHED.sub("", "".join(cell.itertext())).split()) for cell in table.iterfind("thead/tr/th")
            ]
            for row in table.iterfind("tbody/tr"):
                for header, cell in zip(headers, row, strict=True):
                    if header and ("".join(cell.itertext()).strip() or len(cell)):
                        cell.set("data-label", header)


class Cards(Extension):
    """For Markdown(extensions=[...])."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  the name that Markdown calls
        # After Markdown's own "inline" processor, which has priority 20 and reads the words inside the cells.
        md.treeprocessors.register(_Label(md), "cards", 5)
