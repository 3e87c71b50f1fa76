"""Takes the command blocks of a procedure from the built page: what the copy button gives, in page order."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from lxml import html

from runbook.data.catalog import Catalog
from runbook.evidence.store import Block, digest


@dataclass(frozen=True)
class Step:
    """One step as its reader gets it. block is None where a person acts without a command; budget is in seconds."""

    id: str
    title: str
    budget: float
    block: Block | None
    drilled: bool

    @property
    def digest(self) -> str:
        """What the evidence of this step is bound to."""
        return digest(self.block or Block("", ""), f"{self.budget:g}")

    def with_words(self, good: str, bad: str) -> "Step":
        """The same step with other words in its command or its expected output.

        Raises ValueError when the words are not there.
        """
        if self.block is None or good not in self.block.code + self.block.expect:
            raise ValueError(f"{self.id}: {good!r} is not in it")
        return replace(self, block=Block(self.block.code.replace(good, bad), self.block.expect.replace(good, bad)))


def steps(catalog: Catalog, site: Path, name: str) -> list[Step]:
    """The steps of a procedure, from the site built into a folder. Raises LookupError when a block is missing."""
    procedure = catalog.procedures[name]
    page = site / procedure.page.removesuffix(".md").removesuffix("/index") / "index.html"
    found = blocks(page)
    result = []
    for step in procedure.steps:
        if step.human is None and step.id not in found:
            raise LookupError(f"{procedure.page}: the block of {step.id} is not on the built page")
        block, drilled = found.get(step.id, (None, False)) if step.human is None else (None, False)
        result.append(Step(step.id, step.title, float(catalog.thresholds[step.budget].value.base), block, drilled))
    return result


def blocks(page: Path) -> dict[str, tuple[Block, bool]]:
    """The command blocks of a built page by their id, each with its expected output and whether it is to be drilled."""
    highlighted = (
        html.parse(str(page), html.HTMLParser(encoding="utf-8"))
        .getroot()
        .xpath('//div[contains(concat(" ", @class, " "), " highlight ")]')
    )
    found = {}
    for div, after in pairwise([*highlighted, None]):
        if div.get("id"):
            expected = after is not None and "expect" in after.get("class").split()
            expect = after.find(".//code").text_content() if expected else ""
            block = Block(div.find(".//code").text_content(), expect)
            found[div.get("id")] = (block, "drill" in div.get("class").split())
    return found
