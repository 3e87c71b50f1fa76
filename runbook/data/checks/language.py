"""The language: terms by the alphabet, each once; no sentence of data/ uses a word that data/language.yml replaces."""

from collections import Counter
from itertools import pairwise

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import Path, fault
from runbook.data.checks.texts import strings
from runbook.data.plain_words import found_in, refused
from runbook.diagnostics import Fault

# Names, commands and records as they were made; what readers type; language.yml itself holds the words.
LEFT_OUT = ("language", "search", "site", "sources")
# What a program prints or reads, word for word.
PROGRAMS_WORDS = ("line", "synopsis", "path", "pattern")


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the terms, and where a word is used that they replace."""
    return [*check_terms(catalog), *check_sentences(catalog)]


def check_terms(catalog: Catalog) -> list[Fault]:
    """Terms stand in the order of the alphabet, each word in one place: it has one meaning."""
    terms = catalog.language.terms
    names = [term.term.lower() for term in terms]
    faults = []
    for i, (before, name) in enumerate(pairwise(names), 1):
        if name <= before:
            text = f'"{terms[i].term}" stands after "{terms[i - 1].term}"; terms are in the order of the alphabet'
            faults.append(fault(catalog, "language", ("terms", i), text))
    count = Counter([*names, *(other for term in terms for other in term.instead_of)])
    for i, term in enumerate(terms):
        for word in (term.term.lower(), *term.instead_of):
            if count[word] > 1:
                text = f'"{word}" stands {count[word]} times; a word has one meaning'
                faults.append(fault(catalog, "language", ("terms", i), text))
    return faults


def check_sentences(catalog: Catalog) -> list[Fault]:
    """No sentence of data/ uses a word that is replaced."""
    words = refused(catalog.language)
    return [
        fault(catalog, name, path, f'"{found}" is not a word of this site; write "{better}"')
        for name, file in catalog.files.items()
        if name not in LEFT_OUT and not name.startswith("records/")
        for path, text in strings(file.data)
        if not _programs_words(name, path)
        for found, better in found_in(text, words)
    ]


def _programs_words(name: str, path: Path) -> bool:
    """Whether a text is what a program prints or reads, not a sentence of ours."""
    return bool(set(path) & set(PROGRAMS_WORDS)) or (name == "system" and path[0] == "verbs" and "says" in path)
