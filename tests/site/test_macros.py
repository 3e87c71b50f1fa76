"""A macro gives what it promises, escaped for where it lands, or it stops the build with page and line."""

import subprocess

import markdown
import pytest
from lxml import html as lxml_html

from runbook.diagnostics import FaultsError, MacroError
from runbook.site.environment import prepare
from runbook.site.escape import attribute, html, md, shell
from runbook.site.macro_registry import collect, macro
from runbook.site.macros.contacts import ContactMacros
from runbook.site.macros.inline import InlineMacros
from runbook.site.macros.rollout import RolloutMacros
from runbook.site.markdown_parts import table
from runbook.site.page_index import PageIndex
from runbook.site.responsive_tables import Cards
from runbook.site.usage_index import without_marks
from tests.conftest import build

HOSTILE = {
    "a tag": '<b>|"$(x)',
    "backticks": "`rm -rf /`",
    "emphasis": "*a* _b_ **c**",
    "a link that runs": "[link](javascript:alert(1))",
    "Jinja and attributes": "{{ threshold('x') }} {#id} { .class }",
    "a bar": "a | b",
    "escaped signs": "\\`\\*",
    "entities": "&amp; &lt;",
    "a script": "<script>alert(1)</script>",
    "mathematics": "$x^y~z",
    "a closed quote": "'; rm -rf / #",
    "right to left": "\u202eright to left",
}
EXTENSIONS = ["attr_list", "def_list", "md_in_html", "tables", "admonition"]


def text_of(source: str) -> str:
    return lxml_html.fromstring(f"<div>{source}</div>").text_content()


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_value_renders_as_itself_in_prose(value):
    page = markdown.markdown(f"Call {md(value)} now.", extensions=EXTENSIONS)
    assert text_of(page) == f"Call {value} now."


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_value_renders_as_itself_in_a_table(value):
    page = markdown.markdown(table(["Name", "Next"], [[md(value), "x"]], "names"), extensions=[*EXTENSIONS, Cards()])
    cells = lxml_html.fromstring(page).xpath("//td")
    assert [cell.text_content() for cell in cells] == [value, "x"]
    assert [cell.get("data-label") for cell in cells] == ["Name", "Next"]


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_value_renders_as_itself_in_an_attribute(value):
    page = markdown.markdown(f'See <span data-tip="{attribute(value)}">[x](y.md)</span>.', extensions=EXTENSIONS)
    assert lxml_html.fromstring(page).xpath("//span")[0].get("data-tip") == value
    assert lxml_html.fromstring(f'<p title="{html(value)}">x</p>').get("title") == value


@pytest.mark.parametrize("value", [*HOSTILE.values(), "two words", ""], ids=[*HOSTILE, "two words", "empty"])
def test_a_value_is_one_word_for_the_shell(value):
    assert (
        subprocess.run(["bash", "-c", f"printf %s {shell(value)}"], capture_output=True, text=True, check=True).stdout
        == value
    )


@pytest.fixture(scope="module")
def inline(sample_catalog):
    return InlineMacros(sample_catalog, PageIndex())


def test_a_threshold_shows_the_quantity_the_reason_and_the_way_to_its_row(inline):
    page = lxml_html.fromstring(
        markdown.markdown(without_marks(inline.threshold("canary.soak")), extensions=EXTENSIONS)
    )
    assert page.text_content() == "24 hours"
    assert page.xpath("//a")[0].get("href") == "/reference/thresholds.md#t-canary-soak"
    assert (
        page.xpath("//span")[0].get("data-tip")
        == "Soak of the canary account. One whole trading day with its open, its close and its daily reset."
    )


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda w: w.threshold("canary.soka"), 'no threshold "canary.soka"; did you mean "canary.soak"?'),
        (lambda w: w.procedure_link("warmm"), 'no procedure "warmm"; did you mean "warm"?'),
        (lambda w: w.exit_code(99), 'no exit code "99"'),
        (lambda w: ContactMacros(w).contact("broker_dsk"), 'no contact "broker_dsk"; did you mean "broker_desk"?'),
        (
            lambda w: ContactMacros(w).have_ready("desk_head"),
            'contact desk_head has no "have_ready" in data/contacts.yml',
        ),
    ],
    ids=[
        "no such threshold",
        "no such procedure",
        "no such exit code",
        "no such contact",
        "a contact with nothing to have ready",
    ],
)
def test_a_macro_that_cannot_give_what_it_is_asked_for_says_what_it_wants(inline, call, message):
    with pytest.raises(MacroError) as error:
        call(inline)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "release, schema, config, flags, wanted",
    [
        ("1.4.2", 2, 3, ["net-limits"], []),
        ("1.4.1", 2, 3, ["net-limits"], ["schema 2 is not read: migrate down to 1"]),
        ("1.4.2", 2, 3, ["net-limits", "trailing-loss"], ["turn off trailing-loss first"]),
        ("1.5.0", 2, 2, ["net-limits"], ["configuration 2 is not read: restore the old one"]),
    ],
    ids=["nothing", "the schema", "a flag", "the configuration"],
)
def test_the_matrix_says_what_stands_between_a_release_and_today(inline, release, schema, config, flags, wanted):
    assert RolloutMacros(inline).verdict(release, schema, config, flags) == wanted


# What an editor may write into a page by mistake, and the message.
MISTAKES = [
    ('{{ threshold("canary.soka") }}', 'no threshold "canary.soka"; did you mean "canary.soak"?'),
    ("{{ thresholds.canary }}", "'thresholds' is undefined; macros are listed in docs/contributing.md"),
    ("{{ nosuch() }}", "'nosuch' is undefined; macros are listed in docs/contributing.md"),
    ('{{ threshold("canary.soak" }}', "not valid Jinja: "),
    ('{{ step("warm-hld") }}', 'no step "warm-hld"; did you mean "warm-hold"?'),
    ('docker inspect -f "{{.State.Status}}"', "not valid Jinja: "),
]


@pytest.mark.parametrize(
    "mistake, message",
    MISTAKES,
    ids=[
        "no such threshold",
        "an unknown word",
        "no such macro",
        "a bracket is missing",
        "no such step",
        "braces of another tool",
    ],
)
def test_a_mistake_in_a_page_names_page_and_line(sample, mistake, message):
    page = sample / "docs" / "index.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    lines[8:8] = ["", mistake, ""]
    page.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FaultsError) as error:
        prepare(sample, sample / "docs")
    assert str(error.value.faults[0]).startswith(f"docs/index.md:10: {message}")


def test_mistakes_in_several_pages_are_reported_at_once(sample):
    for page in ("index.md", "procedures.md"):
        path = sample / "docs" / page
        path.write_text(path.read_text(encoding="utf-8") + '\n{{ threshold("no.such") }}\n', encoding="utf-8")
    with pytest.raises(FaultsError) as error:
        prepare(sample, sample / "docs")
    assert [fault.file for fault in error.value.faults] == ["docs/index.md", "docs/procedures.md"]


def test_the_build_stops_with_the_message_and_without_a_traceback(sample, tmp_path):
    page = sample / "docs" / "index.md"
    page.write_text(page.read_text(encoding="utf-8") + '\n{{ threshold("canary.soka") }}\n', encoding="utf-8")
    done = build(sample, tmp_path / "out")
    line = page.read_text(encoding="utf-8").count("\n")
    assert done.returncode != 0
    assert f'docs/index.md:{line}: no threshold "canary.soka"; did you mean "canary.soak"?' in done.stderr
    assert "Traceback" not in done.stderr


def test_ids_in_braces_and_shell_arrays_survive(sample):
    """Jinja's own comment signs would swallow everything between {# and #}."""
    page = sample / "docs" / "braces.md"
    page.write_text("# A {#a}\n\n`${#list[@]}` and ${x#}\n\n<!--# an editor's note #-->kept\n", encoding="utf-8")
    prepare(sample, sample / "docs")


def test_two_macros_of_one_name_are_refused():
    class Here:
        @macro("chain")
        def chain(self):
            """A macro whose name another class has taken too."""

    class There:
        @macro("chain")
        def links(self):
            """The other one."""

    with pytest.raises(RuntimeError, match="two macros are called chain: in Here and in There"):
        collect([Here(), There()])


def test_a_method_without_the_decorator_is_no_macro():
    class Part:
        @macro("shown")
        def shown(self):
            return "seen by pages"

        def helper(self):
            return "not seen by pages"

    macros = collect([Part()])
    assert list(macros) == ["shown"] and macros["shown"]() == "seen by pages"
