"""Fills the templates in runbook/export/templates. What the export adds to the pages' HTML stands there, escaped."""

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from lxml import etree
from lxml.html import HtmlElement
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **context: Any) -> Markup:
    """Fills a template, e.g. `render("cover.html.jinja", edition=edition, code=code)`.

    context: what the comment in the template's first line names. Text is escaped; elements and Markup stay as they are.
    Raises jinja2.UndefinedError for a missing name.
    """
    return Markup(_environment().get_template(template).render(context))


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_joined), autoescape=True, finalize=_as_html, undefined=jinja2.StrictUndefined
    )


def _joined(name: str) -> str:
    """A template's lines as one: the break between two lines is there for editors, and is no space on paper."""
    return "".join(map(str.strip, (TEMPLATES / name).read_text(encoding="utf-8").splitlines()))


def _as_html(value: object) -> object:
    return Markup(etree.tostring(value, encoding="unicode", method="html")) if isinstance(value, HtmlElement) else value
