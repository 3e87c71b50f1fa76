"""The site: its name, its firm, where it stands, who owns which page."""

from typing import Annotated, Literal

from pydantic import model_validator

from runbook.data.models.base import Id, Record, Text, matches


class Site(Record):
    """data/site.yml."""

    name: Text
    """The name of the runbook, in the header of every page."""
    firm: Text
    """The name of the firm, on cards and in contacts."""
    description: Text
    """One sentence about the runbook, for search engines."""
    url: Annotated[
        str, matches(r"https?://\S+/", 'an address that ends in a slash; write e.g. "https://runbook.example.com/"')
    ]
    """Where the site is published; ends in a slash."""
    repository: Annotated[str, matches(r"https?://\S+[^/]", "the repository's address, without a slash at the end")]
    """The address of the repository, for the edit links; without a slash at the end."""
    branch: Text
    """The branch that the edit links lead to, e.g. main."""
    dashboard: (
        Annotated[
            str,
            matches(
                r"https?://[^\s()<>{}]*\{metric\}[^\s()<>{}]*",
                'an address with {metric} in it; write e.g. "https://graphs.example.com/d/traderd?metric={metric}"',
            ),
        ]
        | None
    ) = None
    """Where the monitoring draws a metric's graph, with {metric} for its name. Leave it out where there is none."""
    sample: bool
    """true while names and numbers are made up. false: nothing that is reserved for examples may be left in data/."""
    paper: Literal["A4", "Letter"]
    """The paper of the PDFs."""
    owners: dict[str, Id]
    """The beginning of a page's path, e.g. "deployment/", and the role that owns the pages below it; the longest wins.
    The empty beginning "" is for all others."""

    def owner(self, page: str) -> str:
        """The role that owns a page: that of the longest beginning of its path."""
        return self.owners[max((start for start in self.owners if page.startswith(start)), key=len)]

    @model_validator(mode="after")
    def _every_page_is_owned(self) -> "Site":
        if "" not in self.owners:
            raise ValueError('owners: give every other page its owner with the empty beginning: "": runbook_editor')
        return self
