"""One function for each place where a value lands. A value from data/ reaches a page through one of these, and no other way."""

import re
import shlex
from html import escape

# Everything that Markdown, its extensions or HTML could take for markup.
_MARKUP = {ord(char): f"&#{ord(char)};" for char in "\\`*_{}[]<>|~^$&\"'#="}


def html(text: str) -> str:
    """Text inside HTML or inside an attribute in double quotes."""
    return escape(str(text), quote=True)


def md(text: str) -> str:
    """Text inside Markdown, table cells included, on one line. Renders as itself."""
    return re.sub(r"\s+", " ", str(text)).translate(_MARKUP)


def attribute(text: str) -> str:
    """Text inside an attribute of an HTML tag that stands in Markdown: only letters, digits and spaces are left as they are."""
    return "".join(char if char.isalnum() or char == " " else f"&#{ord(char)};" for char in " ".join(str(text).split()))


def shell(text: str) -> str:
    """One word of a shell command."""
    return shlex.quote(str(text))


def code(text: str) -> str:
    """Inline code in Markdown. HTML, because a code span cannot hold a backtick or a pipe in every place."""
    return f"<code>{md(text)}</code>"


def table(headers: list[str], rows: list[list[str]], css: str) -> str:
    """A Markdown table whose cells are Markdown already. Stands alone, with blank lines around it.

    css: a class for the table's wrapper, so that a style can address it.
    """
    lines = ["| " + " | ".join(headers) + " |", "|" + " --- |" * len(headers)]
    for row in rows:
        cells = [cell.replace("\n", " ") for cell, _ in zip(row, headers, strict=True)]
        lines.append("| " + " | ".join(cells) + " |")
    body = "\n".join(lines)
    return f'\n<div class="table {css}" data-print="table" markdown>\n\n{body}\n\n</div>\n'
