"""One function for each place where a value lands: the only ways in which a value from data/ reaches a page."""

import json
import re
import shlex
from html import escape

from markupsafe import Markup

# Everything that Markdown, its extensions or HTML could take for markup.
_MARKUP = {ord(char): f"&#{ord(char)};" for char in "\\`*_{}[]<>|~^$&\"'#="}


def html(text: object) -> Markup:
    """Text inside HTML or inside an attribute in double quotes."""
    return Markup(escape(str(text), quote=True))


def md(text: object) -> Markup:
    """Text inside Markdown, table cells included, on one line. Renders as itself."""
    return Markup(re.sub(r"\s+", " ", str(text)).translate(_MARKUP))


def attribute(text: object) -> Markup:
    """Text inside an attribute of an HTML tag in Markdown: only letters, digits and spaces stay as they are."""
    words = " ".join(str(text).split())
    return Markup("".join(char if char.isalnum() or char == " " else f"&#{ord(char)};" for char in words))


def shell(text: object) -> str:
    """One word of a shell command."""
    return shlex.quote(str(text))


def code(text: object) -> Markup:
    """Inline code in Markdown. HTML, because a code span cannot hold a backtick or a pipe in every place."""
    return Markup(f"<code>{md(text)}</code>")


def script_json(facts: object) -> str:
    """JSON inside a `<script type="application/json">`; a closing tag inside of a value would end the script."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def city(zone: str) -> str:
    """What people call a time zone: `America/New_York` is New York."""
    return zone.rpartition("/")[2].replace("_", " ")
