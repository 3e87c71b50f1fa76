"""Text that can be written only when every page has been rendered, such as the list of the places that use a number."""

import re
from collections.abc import Callable

_PLACEHOLDER = re.compile("\x02late:(\\d+)\x03")


class LateText:
    """Holds a place in a page for each text, and fills it when all pages are known. So each page is rendered once."""

    def __init__(self) -> None:
        self._writers: list[Callable[[], str]] = []

    def later(self, write: Callable[[], str]) -> str:
        """Holds a place for a text.

        write: gives the text; called once, by `fill`. It must not fail on what a page says: a macro checks its
        arguments before, while the line of the page is known.
        """
        self._writers.append(write)
        return f"\x02late:{len(self._writers) - 1}\x03"

    def fill(self, text: str) -> str:
        """A text with every place filled."""
        return _PLACEHOLDER.sub(lambda place: self._writers[int(place[1])](), text)
