"""HTML and SVG stand in templates, which say what they are for, and which escape what they are given."""

import ast
import os
import re
from pathlib import Path

import pytest

from runbook.site import templating
from tests.conftest import ROOT, say

TEMPLATES = sorted(templating.TEMPLATES.rglob("*.jinja"))
NAMES = [path.relative_to(templating.TEMPLATES).as_posix() for path in TEMPLATES]
MACROS = sorted((ROOT / "runbook/site/macros").glob("*.py"))
TAG = re.compile(r"</?[a-z][a-z0-9]*[ >/]")


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_a_template_begins_with_what_it_is_for(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.fullmatch(r"\{# [A-Z].*\. #\}", first), f"{path.name}: the first line is no comment"


@pytest.mark.parametrize("path", MACROS, ids=[path.name for path in MACROS])
def test_macros_write_no_html_themselves(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
    }
    say(
        [
            f"runbook/site/macros/{path.name}:{node.lineno}: {node.value!r} belongs into runbook/site/templates"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
            and TAG.search(node.value)
        ]
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_template_is_used(name):
    sources = [*(ROOT / "runbook/site").rglob("*.py"), *TEMPLATES]
    wanted = name.removeprefix("inline/")
    assert any(f'"{wanted}"' in Path(source).read_text(encoding="utf-8") for source in sources), f"{name} is not used"


def test_what_a_template_is_given_is_escaped_for_markdown():
    severity = {"sign": "*", "title": "<b>_x_</b>"}
    assert templating.fill_inline("severity.md.jinja", key="k", severity=severity) == (
        '<span class="sev k">&#42; &#60;b&#62;&#95;x&#95;&#60;/b&#62;</span>'
    )


def test_what_a_template_is_given_is_escaped_for_svg():
    assert "at most &lt;b&gt;_5_" in templating.render("handover_diagram.svg.jinja", gap="<b>_5_")


def test_a_name_that_is_missing_is_an_error():
    with pytest.raises(templating.jinja2.UndefinedError, match="gap"):
        templating.render("handover_diagram.svg.jinja")


def test_an_edited_template_is_seen_by_the_next_build(monkeypatch, tmp_path):
    path = tmp_path / "inline" / "note.md.jinja"
    path.parent.mkdir()
    monkeypatch.setattr(templating, "TEMPLATES", tmp_path)
    templating._environment.cache_clear()
    try:
        path.write_text("before\n", encoding="utf-8")
        assert templating.fill_inline("note.md.jinja") == "before"
        path.write_text("after\n", encoding="utf-8")
        os.utime(path, (1, 1))
        templating.look_up_anew()
        assert templating.fill_inline("note.md.jinja") == "after"
    finally:
        templating._environment.cache_clear()
        templating.look_up_anew()
