"""The checklist in a real browser: what is ticked stays, what changed is told, what is exported is a record."""

import json
import re

import pytest
from playwright.sync_api import Page

from runbook.data.loader import load
from runbook.diagnostics import FaultsError
from tests.conftest import FLAGS, ROOT, SIZES, say

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
PAGE = "deployment/deployment_checklist/"
HOSTILE = {
    "shell": "'; rm -rf / #",
    "quotes": '"\'`\\"',
    "lines": "one\ntwo\n\nthree",
    "script": "</script><script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'>",
    "right to left": "‮שלום \u200f مرحبا",
    "long": "x" * 10_000,
    "markdown": "| a | [b](javascript:window.hurt=1) ${1} {{ t }} __proto__",
}
DENIED = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('denied', 'SecurityError') }})"
FULL = "Storage.prototype.setItem = function () { throw new DOMException('full', 'QuotaExceededError') }"


@pytest.fixture
def tab(context) -> Page:
    page = context.new_page()
    page.goto(PAGE)
    return page


def begin(tab: Page, release: str = "1.5.0", accounts: str = "A1") -> None:
    summary = tab.locator("summary", has_text="Begin a run")
    if not tab.get_by_label("Release", exact=True).is_visible():
        summary.click()
    tab.get_by_label("Release", exact=True).fill(release)
    tab.get_by_label("Accounts, in the order").fill(accounts)
    tab.get_by_role("button", name="Begin", exact=True).click()


def rewrite(tab: Page, how: str) -> None:
    """Changes the run `it` as another tab would: in what the browser keeps, and the browser tells."""
    tab.evaluate(f"""() => {{
      const key = Object.keys(localStorage).find(name => name.includes(":run:"));
      const it = JSON.parse(localStorage[key]);
      {how};
      localStorage[key] = JSON.stringify(it);
      dispatchEvent(new StorageEvent("storage", {{ key }}));
    }}""")


def row(tab: Page, item: str):
    return tab.locator("li", has=tab.locator(f"#tick-{item}"))


def tick(tab: Page, item: str, seen: str = "seen", by: str = "AB") -> None:
    row(tab, item).locator("textarea").fill(seen)
    row(tab, item).locator("input.by").fill(by)
    tab.locator(f"#tick-{item}").check()


def finish(tab: Page, pause: str) -> None:
    for element in tab.locator(f"[data-pause={pause}] input[type=checkbox]").all():
        tick(tab, element.get_attribute("id").removeprefix("tick-"))


def kept(tab: Page, item: str) -> tuple:
    return (
        tab.locator(f"#tick-{item}").is_checked(),
        row(tab, item).locator("textarea").input_value(),
        row(tab, item).locator("input.by").input_value(),
    )


def exported(tab: Page, name: str = "Export JSON"):
    with tab.expect_download() as download:
        tab.get_by_role("button", name=name).click()
    text = download.value.path().read_text(encoding="utf-8")
    return json.loads(text) if name == "Export JSON" else text


def take_in(tab: Page, text: str) -> str:
    if not tab.get_by_label("Or its text").is_visible():
        tab.locator("summary", has_text="Take in a run").click()
    if len(text) > 100_000:
        tab.get_by_label("Exported file").set_input_files(
            {"name": "run.json", "mimeType": "application/json", "buffer": text.encode()}
        )
        tab.get_by_text("taken in").wait_for()
    else:
        tab.get_by_label("Or its text").fill(text)
        tab.get_by_role("button", name="Take in").click()
    return tab.locator("#run [role=status]").inner_text()


@pytest.mark.parametrize("size", SIZES)
def test_a_tick_stays_through_reload_and_navigation(context, size):
    tab = context.new_page()
    tab.set_viewport_size(SIZES[size])
    tab.goto(PAGE)
    begin(tab)
    tick(tab, "day-class", "normal", "RV")
    tab.reload()
    assert kept(tab, "day-class") == (True, "normal", "RV"), (
        "a reload loses the tick: run_store.js must write at each change"
    )
    tab.goto("/")
    tab.goto(PAGE)
    assert kept(tab, "day-class") == (True, "normal", "RV")
    assert re.search(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", row(tab, "day-class").locator(".at").inner_text()), (
        "a tick shows its time with zone"
    )
    assert tab.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


def test_a_tick_stays_when_the_browser_was_closed(browser, address, tmp_path):
    for visit in (1, 2):
        context = browser.browser_type.launch_persistent_context(
            str(tmp_path), executable_path="/usr/bin/chromium", args=FLAGS
        )
        tab = context.new_page()
        tab.goto(address + PAGE)
        if visit == 1:
            begin(tab)
            tick(tab, "day-told", "09:00Z", "C")
            row(tab, "day-told").get_by_text("✓").wait_for()
        else:
            assert kept(tab, "day-told") == (True, "09:00Z", "C")
        context.close()


def test_with_the_network_gone_it_goes_on(context, tab):
    begin(tab)
    context.set_offline(True)
    tick(tab, "day-class", "normal")
    assert exported(tab)["ticks"]["day-class"]["seen"] == "normal"


def test_without_scripts_it_is_the_list_on_paper(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address + PAGE)
    assert tab.locator(".checklist .box").first.is_visible() and not tab.locator("#run").is_visible()
    assert "a note. The reviewed record is the evidence" in tab.locator("article").inner_text()
    context.close()


def test_runs_stand_side_by_side(tab):
    begin(tab, "1.5.0")
    tick(tab, "day-class", "first")
    begin(tab, "1.5.1")
    assert kept(tab, "day-class") == (False, "", ""), (
        "last month's ticks greet the next release: each run has its own entry"
    )
    tick(tab, "day-gates", "second")
    tab.locator("#run > label select").select_option(index=0)
    assert kept(tab, "day-class")[:2] == (True, "first") and not kept(tab, "day-gates")[0]


def test_two_tabs_stay_in_step_and_overwrite_nothing(context, tab):
    begin(tab)
    other = context.new_page()
    other.goto(PAGE)
    tick(tab, "day-class", "here")
    tick(other, "day-gates", "there")
    for page in (tab, other):
        page.wait_for_function(
            "document.querySelector('#tick-day-class').checked && document.querySelector('#tick-day-gates').checked"
        )
        assert kept(page, "day-class")[1] == "here" and kept(page, "day-gates")[1] == "there"


def test_a_pause_point_opens_when_the_one_before_is_complete(tab):
    begin(tab)
    assert (
        tab.locator("#tick-hour-health").is_disabled()
        and tab.get_by_text("closed until »A day before« is complete").is_visible()
    )
    finish(tab, "day")
    assert tab.locator("#tick-hour-health").is_enabled() and tab.get_by_text("✓ 8 of 8").first.is_visible()


def test_a_tick_without_value_does_not_count(tab):
    begin(tab)
    tick(tab, "day-class", " ", "RV")
    assert "value missing" in row(tab, "day-class").inner_text() and tab.locator(
        ".progress"
    ).first.inner_text().startswith("0 of 8")


def test_a_pause_point_is_opened_early_only_with_a_reason(tab):
    begin(tab)
    head = tab.locator(".progress", has=tab.get_by_text("closed until »A day before« is complete"))
    head.locator("summary").click()
    head.get_by_role("button", name="Open").click()
    assert (
        tab.locator("#tick-hour-health").is_disabled() and "write why" in tab.locator("#run [role=status]").inner_text()
    )
    head.get_by_label("Reason").fill("the desk asks for it")
    head.get_by_role("button", name="Open").click()
    assert tab.locator("#tick-hour-health").is_enabled()
    assert exported(tab)["overrides"]["hour"]["reason"] == "the desk asks for it"


def test_each_account_is_ticked_by_itself(tab):
    begin(tab, accounts="A1, A2")
    rewrite(tab, "it.overrides.during = { at: '2026-11-23T10:00:00Z', reason: 'test' }")
    tick(tab, "during-gap", "0.019 s")
    tab.locator("[data-pause=during]").locator("xpath=preceding-sibling::div[1]").locator("select").select_option("A2")
    assert kept(tab, "during-gap") == (False, "", "")
    assert set(exported(tab)["ticks"]) == {"A1/during-gap"}


def name_people(tab: Page, **odd) -> None:
    tab.locator("summary", has_text="People").click()
    for i, field in enumerate(tab.locator(".people input").all()):
        field.fill(odd.get(f"n{i}", f"role-{i}@example.com"))


def test_a_signature_needs_four_eyes_and_a_name(tab):
    begin(tab)
    hour = tab.locator("[data-pause=hour] + .signs")
    assert hour.get_by_role("button", name="No one named").is_disabled() and "0 of 1 signed" in hour.inner_text()
    name_people(tab, n3="role-1@example.com")
    assert "named twice: role-1@example.com" in hour.inner_text(), "the operator may not approve"
    tab.locator(".people input").nth(3).fill("approver@example.com")
    hour.get_by_role("button", name="Sign as approver@example.com").click()
    assert "✓" in hour.inner_text() and "1 of 1 signed" in hour.inner_text() and "valid until" in hour.inner_text()
    assert exported(tab)["signatures"][0]["by"] == "approver@example.com"


def test_a_sign_off_expires_before_the_reader_s_eyes(tab):
    begin(tab)
    name_people(tab)
    hour = tab.locator("[data-pause=hour] + .signs")
    hour.get_by_role("button", name="Sign as role-3").click()
    rewrite(tab, "it.signatures[0].at = new Date(Date.now() - 3601e3).toISOString().replace(/[.].*/, 'Z')")
    assert "✗ expired" in hour.inner_text() and "sign again" in hour.inner_text()


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_value_is_kept_and_never_run(tab, kind):
    value = HOSTILE[kind]
    begin(tab)
    tick(tab, "day-class", value, "AB")
    tab.locator(".people").evaluate("it => it.open = true")
    tab.get_by_label("Release operator").first.fill(value.replace("\n", " "))
    tab.reload()
    assert kept(tab, "day-class")[1] == value, f"{kind}: changed by keeping"
    record = exported(tab)
    assert record["ticks"]["day-class"]["seen"] == value, f"{kind}: changed by the export"
    text = exported(tab, "Export Markdown")
    assert "<script" not in text and "](java" not in text and "\n| two" not in text
    take_in(tab, json.dumps(record))
    assert kept(tab, "day-class")[1] == value, f"{kind}: changed by the import"
    assert tab.evaluate("window.hurt") is None, f"{kind}: it ran"


BAD_IMPORTS = {
    "empty": "", "malformed": '{"kind": "deployment record", ', "a list": "[1, 2]", "another file": '{"name": "x"}', "null": "null",
    "huge": "x" * 2_100_000, "no checklist": '{"kind": "deployment record", "run": {"release": "1"}, "sheet": {}}',
    "odd pauses": '{"kind": "deployment record", "run": {"release": "1"}, "sheet": {"pauses": [null], "people": [], "classes": {}, "signoffs": {}, "roles": {}}}',
    "deep": "[" * 200_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_IMPORTS)
def test_a_bad_import_changes_nothing_and_says_what_to_do(tab, kind):
    begin(tab)
    tick(tab, "day-class", "mine")
    said = take_in(tab, BAD_IMPORTS[kind])
    assert "Nothing was taken in" in said and re.search(r"Choose|Export", said), f"{kind}: {said}"
    assert kept(tab, "day-class")[1] == "mine" and tab.locator("#run select").first.locator("option").count() == 1


def test_an_import_brings_no_prototype(tab):
    begin(tab)
    text = json.dumps(exported(tab)).replace(
        '"ticks": {',
        '"__proto__": {"hurt": 1}, "ticks": {"__proto__": {"at": "2026-11-23T10:00:00Z", "seen": "x", "by": "y"}, "day-class": {"at": 7, "seen": {}, "by": null}',
        1,
    )
    take_in(tab, text.replace('"by": null}}', '"by": null}}'))
    assert tab.evaluate("({}).hurt === undefined && ({}).seen === undefined") and kept(tab, "day-class") == (
        False,
        "",
        "",
    )


def test_an_import_on_another_device_shows_the_same_run(browser, address, tab):
    begin(tab)
    tick(tab, "day-class", "normal", "RV")
    record = exported(tab)
    other = browser.new_context(base_url=address)
    page = other.new_page()
    page.goto(PAGE)
    assert "Taken in" in take_in(page, json.dumps(record))
    assert kept(page, "day-class") == (True, "normal", "RV")
    assert exported(page) == record
    other.close()


@pytest.mark.parametrize("how", ["denied", "full"])
def test_without_storage_it_works_in_memory_and_says_so(context, how):
    tab = context.new_page()
    tab.add_init_script(DENIED if how == "denied" else FULL)
    tab.goto(PAGE)
    begin(tab)
    tick(tab, "day-class", "normal", "RV")
    assert kept(tab, "day-class") == (True, "normal", "RV")
    assert "keeps nothing" in tab.locator("#run [role=status]").inner_text()
    assert exported(tab)["ticks"]["day-class"]["seen"] == "normal"


def older(sheet: dict) -> dict:
    """The checklist as it was before an item was reworded."""
    sheet = json.loads(json.dumps(sheet))
    sheet["pauses"][0]["items"][0]["value"] = "named"
    return {**sheet, "digest": "0000-0000-0000"}


def test_a_changed_checklist_is_announced_and_never_ticked_anew(tab):
    begin(tab)
    tick(tab, "day-class", "old words")
    tick(tab, "day-gates", "same words")
    record = exported(tab)
    take_in(tab, json.dumps({**record, "sheet": older(record["sheet"])}))
    news = tab.locator(".news")
    assert (
        "has changed since this run began" in news.inner_text()
        and "day-class: was »Change class …… named«" in news.inner_text()
    )
    assert not kept(tab, "day-class")[0] and kept(tab, "day-gates")[:2] == (True, "same words")
    assert tab.locator("#tick-day-gates").is_disabled(), "nothing is ticked before the reader has decided"
    news.get_by_role("button").click()
    after = exported(tab)
    assert (
        "day-class" not in after["ticks"]
        and after["earlier"][0]["tick"]["seen"] == "old words"
        and after["sheet"] == record["sheet"]
    )


def test_a_whole_run_exports_a_record_that_the_build_accepts(tab, copy):
    begin(tab, "1.5.0", "A1")
    name_people(tab)
    finish(tab, "day")
    finish(tab, "hour")
    tab.locator("[data-pause=hour] + .signs").get_by_role("button", name="Sign as role-3").click()
    assert tab.locator("#tick-during-gap").is_enabled()
    finish(tab, "during")
    record = exported(tab)
    assert record["through"] == "during"
    (copy / "data" / "records" / "1.5.0.json").write_text(json.dumps(record), encoding="utf-8")
    try:
        assert load(copy, "public").records["1.5.0"].through == "during"
    except FaultsError as error:
        say([str(fault) for fault in error.faults])


def test_a_run_is_printed_with_its_values(tab):
    begin(tab)
    tick(tab, "day-class", "normal", "RV")
    tab.emulate_media(media="print")
    assert row(tab, "day-class").locator("textarea").is_visible() and tab.locator("#run .title").is_visible()
    assert not tab.get_by_role("button", name="Export JSON").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_reached_and_hit(context, scheme):
    tab = context.new_page()
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size(SIZES["telephone"])
    tab.goto(PAGE)
    begin(tab)
    small = tab.eval_on_selector_all(
        ".tool button, .tool input, .tool select, .tool textarea, .tool summary, .checklist input",
        "all => all.filter(it => it.checkVisibility() && it.getBoundingClientRect().height < 44).map(it => it.outerHTML.slice(0, 80))",
    )
    say([f"docs/assets/runbook.css: smaller than a finger: {it}" for it in small])
    unnamed = tab.eval_on_selector_all(
        ".tool input, .tool textarea, .tool select, .checklist input",
        "all => all.filter(it => !it.labels?.length && !it.ariaLabel).map(it => it.outerHTML.slice(0, 80))",
    )
    say([f"the checklist: has no label: {it}" for it in unnamed])
    tab.locator("#tick-day-class").focus()
    tab.keyboard.press("Space")
    assert tab.locator("#tick-day-class").is_checked()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.checkVisibility()")


def test_our_scripts_write_no_markup():
    texts = {
        path.name: path.read_text(encoding="utf-8") for path in (ROOT / "runbook/site/frontend/scripts").glob("*.js")
    }
    say(
        [
            f"runbook/site/frontend/scripts/{name}: {word}: put text in as text"
            for name, text in texts.items()
            for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write", "new Function")
            if word in text
        ]
    )
