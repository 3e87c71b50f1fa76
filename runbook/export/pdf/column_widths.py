"""How wide the columns of a table are.

Decided here, once: left to the PDF library, every table is measured cell by cell on every pass, which doubles the time.
"""

from lxml import etree, html
from lxml.html import HtmlElement

# Characters. A longer word may be cut; a longer text wins no more room.
LONGEST_WORD, LONGEST_TEXT = 24, 240
# What "(see page 123)" adds to the text of a cell.
REFERENCE = 14
# Fixed-width and bold words need more room than their letters say.
WIDE = 1.25


def fit(table: HtmlElement) -> None:
    """Gives a table <col> elements with widths in per cent that add up to 100. Leaves a table that has them alone."""
    rows = table.xpath("./thead/tr | ./tbody/tr | ./tr")
    if table.find("colgroup") is not None or not rows:
        return
    count = max(len(row) for row in rows)
    least, wanted = [1.0] * count, [1.0] * count
    for row in rows:
        for i, cell in enumerate(row.xpath("./td | ./th")):
            text = cell.text_content()
            words = text.split() or [""]
            wide = WIDE if cell.tag == "th" or cell.find(".//code") is not None else 1
            least[i] = max(least[i], min(max(map(len, words)), LONGEST_WORD) * wide + 2)
            wanted[i] = max(
                wanted[i], min(len(" ".join(words)) + REFERENCE * len(cell.xpath('.//a[@class="ref"]')), LONGEST_TEXT)
            )
    widths(table, *_share(least, [it**0.7 for it in wanted]))


def widths(table: HtmlElement, *shares: float) -> None:
    """Gives a table columns of these widths, in per cent."""
    group = html.Element("colgroup")
    for share in shares:
        etree.SubElement(group, "col", {"style": f"width: {share:.1f}%"})
    table.insert(0, group)


def _share(least: list[float], wanted: list[float], room: float = 100.0) -> list[float]:
    """room divided: each column its longest word, the rest by length of text. About 100 characters fit into a line."""
    if sum(least) >= room:
        return [it * room / sum(least) for it in least]
    rest = room - sum(least)
    return [low + rest * it / sum(wanted) for low, it in zip(least, wanted, strict=True)]
