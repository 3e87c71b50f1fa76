"""Fills the templates in runbook/site/templates. All HTML and SVG that macros write stands there.

Escaping is the default: what a template puts out is escaped for Markdown in `*.md.jinja`, for HTML in `*.svg.jinja`.
Only what is Markup already (from runbook.site.escape, or from another template) is left as it is.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from runbook.site import escape
from runbook.site.compiled_templates import kept_in

TEMPLATES = Path(__file__).parent / "templates"
_CACHE = Path(__file__).parents[2] / ".cache" / "templates"


def render(template: str, **context: Any) -> Markup:
    """Fills a template, e.g. `render("step.md.jinja", step=step)`.

    context: what the comment in the template's first line names. Raises jinja2.UndefinedError for a missing name.
    """
    return Markup(_template(template).render(context))


def fill_inline(template: str, **context: Any) -> Markup:
    """Fills a template in templates/inline/: a text inside a line, without the line break at the template's end."""
    return Markup(render(f"inline/{template}", **context).removesuffix("\n"))


@cache
def _template(name: str) -> jinja2.Template:
    """Looked up once in a build: inline templates are filled thousands of times."""
    return _environment().get_template(name)


def look_up_anew() -> None:
    """Lets the next build of the live preview see templates that were edited since."""
    _template.cache_clear()


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        bytecode_cache=kept_in(_CACHE),
        autoescape=True,
        finalize=_escaped,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        attribute=escape.attribute, code=escape.code, html=escape.html, shell=escape.shell, one_line=_one_line
    )
    return environment


@jinja2.pass_context
def _escaped(context: jinja2.runtime.Context, value: object) -> object:
    """What a template puts out, escaped for the language that the template's name says."""
    if hasattr(value, "__html__") or isinstance(value, jinja2.Undefined):
        return value
    return escape.md(value) if str(context.name).endswith(".md.jinja") else escape.html(value)


def _one_line(markup: str) -> Markup:
    """Tags that stand below each other in a template, behind each other."""
    return Markup(re.sub(r">\s*\n\s*(?=<)", ">", str(markup).strip()))
