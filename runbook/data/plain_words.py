"""Finds words that the glossary replaces, and phrases that are hard to read, in a line of prose."""

import re
from collections.abc import Iterator
from functools import cache

from runbook.data.models.language import Language

# What is not prose: code, the target of a link, an attribute list, a macro, a tag, a placeholder.
_NOT_PROSE = re.compile(r"`[^`]*`|\]\([^)]*\)|\{\{.*?\}\}|\{[^}]*\}|<[^>]*>|https?://\S+")


def refused(language: Language) -> dict[str, str]:
    """Each word or phrase that is refused, with what to write instead."""
    found = {other: term.term.lower() for term in language.terms for other in term.instead_of}
    return found | {wording.found: wording.write for wording in language.wording}


def found_in(prose: str, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each refused word in a line of Markdown or of data/, with what to write instead; whole words, in any case."""
    if not words:
        return
    text = _NOT_PROSE.sub(lambda match: " " * len(match[0]), prose)
    for match in _pattern(tuple(words)).finditer(text):
        yield match[0], words[re.sub(r"\s+", " ", match[0].lower())]


def letters_and_digits(text: str) -> str:
    """A text as the search compares it: small letters and digits, one space for all that stands between."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.IGNORECASE)
