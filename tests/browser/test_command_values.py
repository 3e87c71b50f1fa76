"""What an operator fills into the commands and copies is what was drilled, with his values and nothing else."""

import re
import subprocess

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import CRASH, WARM, opened
from tests.conftest import PAGES, Site, say, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

HOSTILE = {
    "a command": "'; rm -rf / #",
    "quotes": "A\"'`",
    "a line break": "A1\nrm -rf /",
    "a script": "<script>alert(1)</script>",
    "right to left": "\u202eA1",
    "ten kilobytes": "A" * 10_240,
    "a substitution": "$(reboot)",
    "a space": "A1 A2",
    "small letters": "a1",
    "a stray sign": "A1;",
}


@pytest.fixture
def account(catalog) -> str:
    """A value that the page takes."""
    return catalog.system.variables["ACCOUNT"].example


def block_text(site: Site, page: str, name: str) -> str:
    return next(block.text for block in site.blocks(page) if block.id == name)


def copied(tab: Page, block: str) -> str:
    wake(tab)
    tab.evaluate("navigator.clipboard.writeText('nothing was copied')")
    button = tab.locator(f"#{block} button[data-md-type=copy], #{block} .md-clipboard").first
    button.scroll_into_view_if_needed()
    button.click()
    tab.wait_for_function("async () => await navigator.clipboard.readText() !== 'nothing was copied'")
    return tab.evaluate("navigator.clipboard.readText()")


def unfold(tab: Page) -> None:
    """Opens what is folded of the form: the values that the first step does not need."""
    tab.locator("#values details").evaluate_all("folded => folded.forEach(it => (it.open = true))")


def test_copying_gives_what_was_drilled_and_the_values_as_one_command(desk, address, site, catalog):
    tab = opened(desk, address, WARM)
    name = "warm-safe"
    drilled = block_text(site, WARM, name).strip()
    assert copied(tab, name) == drilled
    unfold(tab)
    for variable in ("ACCOUNT", "OLD"):
        tab.locator(f"#value-{variable}").fill(catalog.system.variables[variable].example)
    tab.get_by_role("button", name="Fill in").click()
    text = copied(tab, name)
    line, _, rest = text.partition("\n")
    assert rest == drilled, "the block itself changes; only one line before it may be added"
    assert line.startswith(f"ACCOUNT='{catalog.system.variables['ACCOUNT'].example}' ") and line.endswith(" &&"), line
    assert line in tab.locator(f"#{name} code").inner_text(), "what is copied is not what is shown"


def test_a_filled_block_is_still_one_command_and_carries_its_values(desk, address, site, catalog):
    """Cut after any line the rest is missing to the shell; a derived variable is never replaced by an entered one."""
    faults = []
    values = {name: it.example for name, it in catalog.system.variables.items()}
    tab = desk.new_page()
    for page in [page for page in PAGES if any("drill" in block.classes for block in site.blocks(page))]:
        tab.goto(url(address, page))
        fields = tab.locator("#values input").evaluate_all("fields => fields.map(field => field.name)")
        unfold(tab)
        for name in fields:
            tab.locator(f"#value-{name}").fill(values[name])
        if fields:
            tab.locator("#values button").first.click()
        for block in tab.locator("div.language-bash[id]").evaluate_all(
            "blocks => blocks.map(it => [it.id, it.querySelector('code').textContent])"
        ):
            where, text = f"docs/{page}: {block[0]}", block[1].rstrip("\n")
            lines = text.split("\n")
            if not text.endswith(block_text(site, page, block[0]).rstrip("\n")):
                faults.append(f"{where}: the drilled text has changed")
            if subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False).returncode:
                faults.append(f"{where}: bash cannot read it with its values: {lines[0]}")
            faults += [
                f"{where}: line {i} is a command of its own"
                for i in range(1, len(lines))
                if not lines[i - 1].endswith("\\")
                and subprocess.run(
                    ["bash", "-n"], input="\n".join(lines[:i]), text=True, capture_output=True, check=False
                ).returncode
                == 0
            ]
            entered = (
                re.findall(r"([A-Z_]+)='", lines[0])
                if lines[0].endswith(" &&") and re.match(r"[A-Z_]+='", lines[0])
                else []
            )
            faults += [
                f"{where}: {name} is derived by a block, and must not be filled in"
                for name in entered
                if catalog.system.variables[name].from_ == "block"
            ]
    say(faults)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_value_is_refused_with_a_reason_and_changes_nothing(desk, address, catalog, account, value):
    tab = opened(desk, address, CRASH)
    asked = []
    tab.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    tab.locator("#value-ACCOUNT").fill(account)
    tab.keyboard.press("Enter")
    before = tab.locator("#crash-slots code").text_content()
    assert before.startswith(f"ACCOUNT='{account}' &&\n")
    # As a paste would set it; a text field itself takes line breaks out.
    tab.locator("#value-ACCOUNT").evaluate(
        "(field, value) => { field.value = value; field.dispatchEvent(new Event('change')) }", value
    )
    said = tab.locator("#said-ACCOUNT")
    entered = tab.locator("#value-ACCOUNT").input_value()
    if re.fullmatch(catalog.system.variables["ACCOUNT"].pattern, entered):
        pytest.fail(f"the browser made {entered!r} of it, which fits the pattern: choose another value")
    assert said.inner_text().startswith("✗ Refused") or "Refused" in said.inner_text(), said.inner_text()
    assert f"keep ACCOUNT={account}" in said.inner_text() and len(said.inner_text()) < 300
    assert tab.locator("#value-ACCOUNT").get_attribute("aria-invalid") == "true"
    assert tab.locator("#crash-slots code").text_content() == before
    assert not asked and tab.locator("article script").count() == 0
    tab.reload()
    assert tab.locator("#value-ACCOUNT").input_value() == account


def test_values_survive_a_reload_and_end_with_the_tab(desk, address, account):
    tab = opened(desk, address, CRASH)
    tab.locator("#value-ACCOUNT").fill(account)
    tab.keyboard.press("Enter")
    tab.reload()
    assert tab.locator("#crash-slots code").text_content().startswith(f"ACCOUNT='{account}' &&\n")
    other = opened(desk, address, CRASH)
    assert other.locator("#value-ACCOUNT").input_value() == "", "a value must not reach another tab"
    assert other.locator("#crash-slots .entered").text_content() == ""
    assert not tab.evaluate("Object.keys(localStorage).some(key => key.includes('ACCOUNT'))")
    tab.get_by_role("button", name="Forget all").click()
    tab.wait_for_function("document.querySelector('#crash-slots .entered').textContent === ''")
    assert tab.evaluate("sessionStorage.length") == 0 or not tab.evaluate(
        "Object.keys(sessionStorage).some(key => key.includes('ACCOUNT'))"
    )


def test_a_value_kept_by_somebody_else_is_not_trusted(desk, address, account):
    tab = opened(desk, address, CRASH)
    tab.locator("#value-ACCOUNT").fill(account)
    tab.keyboard.press("Enter")
    tab.evaluate("""() => { for (const key of Object.keys(sessionStorage))
      if (key.endsWith("ACCOUNT")) sessionStorage.setItem(key, "'; rm -rf /") }""")
    tab.reload()
    assert tab.locator("#crash-slots .entered").text_content() == ""


def test_with_storage_denied_the_values_still_fill_in(desk, address, account):
    desk.add_init_script("""for (const name of ["localStorage", "sessionStorage"])
      Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError") } })""")
    tab = opened(desk, address, CRASH)
    tab.locator("#value-ACCOUNT").fill(account)
    tab.keyboard.press("Enter")
    assert tab.locator("#crash-slots code").text_content().startswith(f"ACCOUNT='{account}' &&\n")


def test_without_scripts_nothing_offers_what_cannot_work(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = opened(context, address, CRASH)
    assert not tab.locator("#values").is_visible() and not tab.locator("button.print").is_visible()
    assert 'ACCOUNT="${ACCOUNT:?set ACCOUNT}"' in tab.locator("#crash-slots code").inner_text()
    context.close()


def test_expected_output_cannot_be_copied_by_mistake(desk, address):
    tab = opened(desk, address, WARM)
    wake(tab)
    assert tab.locator(".md-code__nav, .md-clipboard").count()
    shown = [
        button for button in tab.locator(".expect .md-clipboard, .expect .md-code__nav").all() if button.is_visible()
    ]
    assert not shown, "an expected output has a copy button; hide it in docs/assets/runbook.css"


def test_with_the_keyboard_alone_a_value_is_filled_in_and_copied(desk, address, account):
    tab = opened(desk, address, CRASH)
    tab.locator("#value-ACCOUNT").focus()
    tab.keyboard.type(account)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Fill in"
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "focus is not visible"
    tab.keyboard.press("Enter")
    tab.locator("#crash-slots button[data-md-type=copy], #crash-slots .md-clipboard").first.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_function(
        "async start => (await navigator.clipboard.readText()).startsWith(start)", arg=f"ACCOUNT='{account}' &&\n"
    )
