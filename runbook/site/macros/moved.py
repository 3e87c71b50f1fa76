"""Where sections have gone that had a place on another page, so that links of before lead on."""

from collections import Counter
from itertools import groupby

from markupsafe import Markup

from runbook.diagnostics import MacroError
from runbook.site.escape import md
from runbook.site.macro_registry import macro
from runbook.site.macros.inline import InlineMacros
from runbook.site.templating import render
from runbook.site.usage_index import Place


class MovedMacros:
    """The list of moved sections on a page that others were taken out of."""

    def __init__(self, inline: InlineMacros):
        self.pages = inline.pages

    @macro("moved_sections")
    def moved_sections(self, *folders: str) -> str:
        """`moved_sections("deployment/rollback/")` -> every section of the pages in these folders, as a folded list.

        A section keeps its id when it moves. The page's script finds in this list where the id of an old link is now
        (runbook/site/frontend/scripts/moved_sections.js); without scripts, a reader does.
        """
        for folder in folders:
            if not folder.endswith("/"):
                raise MacroError(f'moved_sections takes folders below docs/, with "/" at their end, not "{folder}"')
        return self.pages.late.later(lambda: self._list(folders))

    def _list(self, folders: tuple[str, ...]) -> str:
        found = [
            place
            for place in self.pages.usage.sections
            if place.page.startswith(folders) and not place.section.startswith("step-")
        ]
        # An id that more than one page has, such as #background, leads nowhere by itself.
        times = Counter(place.section for place in found)
        single = [place for place in found if times[place.section] == 1]
        rows = [
            Markup(" · ".join(self._link(place) for place in places))
            for _, places in groupby(single, key=lambda place: place.page)
        ]
        return render("moved_sections.md.jinja", rows=rows)

    @staticmethod
    def _link(place: Place) -> str:
        return f"[{md(place.heading)}](/{place.page}#{place.section})"
