"""The checklist in a real browser: what is ticked stays, what changed is told, what is exported is a record."""

import json
import re

import pytest
from playwright.sync_api import Page

from runbook.data.catalog import Catalog
from runbook.data.loader import load
from runbook.data.models.checklists import Pause
from runbook.data.models.contacts import Signoff
from runbook.diagnostics import FaultsError
from tests.conftest import FLAGS, ROOT, SIZES, say

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
PAGE = "deployment/deployment_checklist/"
# The change class that a new run offers (run_head.js).
CHANGE = "normal"
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


@pytest.fixture
def first(catalog) -> Pause:
    """The pause point that is open from the start."""
    return catalog.checklists.pauses[0]


@pytest.fixture
def item(first) -> str:
    return first.items[0].id


@pytest.fixture
def another(first) -> str:
    return first.items[1].id


@pytest.fixture
def second(catalog) -> Pause:
    """The pause point that opens after the first."""
    return catalog.checklists.pauses[1]


@pytest.fixture
def signed(catalog) -> Pause:
    """The pause point that ends with the sign-off of the change class."""
    return next(pause for pause in catalog.checklists.pauses if pause.signoff == "class")


@pytest.fixture
def each(catalog) -> Pause:
    """The pause point that is ticked for each account."""
    return next(pause for pause in catalog.checklists.pauses if pause.phase == "during")


@pytest.fixture
def rule(catalog) -> Signoff:
    """The sign-off that the change class of a new run asks for."""
    return catalog.contacts.signoffs[catalog.rollout.change_classes[CHANGE].signoff]


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
        tab.locator("summary", has_text="Import a run").click()
    if len(text) > 100_000:
        tab.get_by_label("Exported file").set_input_files(
            {"name": "run.json", "mimeType": "application/json", "buffer": text.encode()}
        )
        tab.get_by_text("imported").wait_for()
    else:
        tab.get_by_label("Or its text").fill(text)
        tab.get_by_role("button", name="Import").click()
    return tab.locator("#run [role=status]").inner_text()


@pytest.mark.parametrize("size", SIZES)
def test_a_tick_stays_through_reload_and_navigation(context, size, item):
    tab = context.new_page()
    tab.set_viewport_size(SIZES[size])
    tab.goto(PAGE)
    begin(tab)
    tick(tab, item, "normal", "RV")
    tab.reload()
    assert kept(tab, item) == (True, "normal", "RV"), "a reload loses the tick: run_store.js must write at each change"
    tab.goto("/")
    tab.goto(PAGE)
    assert kept(tab, item) == (True, "normal", "RV")
    assert re.search(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", row(tab, item).locator(".at").inner_text()), (
        "a tick shows its time with zone"
    )
    assert tab.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]


def test_a_tick_stays_when_the_browser_was_closed(browser, address, tmp_path, item):
    for visit in (1, 2):
        context = browser.browser_type.launch_persistent_context(
            str(tmp_path), executable_path="/usr/bin/chromium", args=FLAGS
        )
        tab = context.new_page()
        tab.goto(address + PAGE)
        if visit == 1:
            begin(tab)
            tick(tab, item, "09:00Z", "C")
            row(tab, item).get_by_text("✓").wait_for()
        else:
            assert kept(tab, item) == (True, "09:00Z", "C")
        context.close()


def test_with_the_network_gone_it_goes_on(context, tab, item):
    begin(tab)
    context.set_offline(True)
    tick(tab, item, "normal")
    assert exported(tab)["ticks"][item]["seen"] == "normal"


def test_without_scripts_it_is_the_list_on_paper(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address + PAGE)
    assert tab.locator(".checklist .box").first.is_visible() and not tab.locator("#run").is_visible()
    assert "a note. The reviewed record is the evidence" in tab.locator("article").inner_text()
    context.close()


def test_runs_stand_side_by_side(tab, item, another):
    begin(tab, "1.5.0")
    tick(tab, item, "first")
    begin(tab, "1.5.1")
    assert kept(tab, item) == (False, "", ""), "last month's ticks greet the next release: each run has its own entry"
    tick(tab, another, "second")
    tab.locator("#run > label select").select_option(index=0)
    assert kept(tab, item)[:2] == (True, "first") and not kept(tab, another)[0]


def test_two_tabs_stay_in_step_and_overwrite_nothing(context, tab, item, another):
    begin(tab)
    other = context.new_page()
    other.goto(PAGE)
    tick(tab, item, "here")
    tick(other, another, "there")
    for page in (tab, other):
        page.wait_for_function(
            f"document.querySelector('#tick-{item}').checked && document.querySelector('#tick-{another}').checked"
        )
        assert kept(page, item)[1] == "here" and kept(page, another)[1] == "there"


def test_a_pause_point_opens_when_the_one_before_is_complete(tab, first, second):
    begin(tab)
    assert (
        tab.locator(f"#tick-{second.items[0].id}").is_disabled()
        and tab.get_by_text(f"closed until »{first.title}« is complete").is_visible()
    )
    finish(tab, first.id)
    assert tab.locator(f"#tick-{second.items[0].id}").is_enabled() and (
        tab.get_by_text(f"✓ {len(first.items)} of {len(first.items)}").first.is_visible()
    )


def test_a_tick_without_value_does_not_count(tab, first, item):
    begin(tab)
    tick(tab, item, " ", "RV")
    assert "value missing" in row(tab, item).inner_text() and tab.locator(".progress").first.inner_text().startswith(
        f"0 of {len(first.items)}"
    )


def test_a_pause_point_is_opened_early_only_with_a_reason(tab, first, second):
    begin(tab)
    head = tab.locator(".progress", has=tab.get_by_text(f"closed until »{first.title}« is complete"))
    head.locator("summary").click()
    head.get_by_role("button", name="Open").click()
    assert (
        tab.locator(f"#tick-{second.items[0].id}").is_disabled()
        and "write why" in tab.locator("#run [role=status]").inner_text()
    )
    head.get_by_label("Reason").fill("the desk asks for it")
    head.get_by_role("button", name="Open").click()
    assert tab.locator(f"#tick-{second.items[0].id}").is_enabled()
    assert exported(tab)["overrides"][second.id]["reason"] == "the desk asks for it"


def test_each_account_is_ticked_by_itself(tab, each):
    begin(tab, accounts="A1, A2")
    rewrite(tab, f"it.overrides['{each.id}'] = {{ at: '2026-11-23T10:00:00Z', reason: 'test' }}")
    item = each.items[0].id
    tick(tab, item, "0.019 s")
    head = tab.locator(f"[data-pause={each.id}]").locator("xpath=preceding-sibling::div[1]")
    head.locator("select").select_option("A2")
    assert kept(tab, item) == (False, "", "")
    assert set(exported(tab)["ticks"]) == {f"A1/{item}"}


def name_people(tab: Page) -> None:
    tab.locator("summary", has_text="People").click()
    for i, field in enumerate(tab.locator(".people input").all()):
        field.fill(f"role-{i}@example.com")


def person(tab: Page, catalog: Catalog, role: str):
    """The field for who holds a role in this run."""
    return tab.locator(".people").get_by_label(re.compile(f"^{re.escape(catalog.contacts.roles[role].title)}"))


def sign(tab: Page, catalog: Catalog, pause: Pause, rule: Signoff) -> None:
    """Signs for as many roles as the rule wants."""
    signs = tab.locator(f"[data-pause={pause.id}] + .signs")
    for role in rule.roles[: int(catalog.thresholds[rule.quorum].value.number)]:
        name = person(tab, catalog, role).input_value()
        signs.get_by_role("button", name=f"Sign as {name}").click()


def test_a_signature_needs_four_eyes_and_a_name(tab, catalog, signed, rule):
    begin(tab)
    signs, quorum = tab.locator(f"[data-pause={signed.id}] + .signs"), catalog.thresholds[rule.quorum].value.number
    assert (
        signs.get_by_role("button", name="No one named").first.is_disabled()
        and f"0 of {quorum} signed" in signs.inner_text()
    )
    name_people(tab)
    approver = person(tab, catalog, rule.roles[0])
    twice = person(tab, catalog, rule.not_[0]).input_value()
    approver.fill(twice)
    assert f"named twice: {twice}" in signs.inner_text(), "who wrote or runs the change may not approve it"
    approver.fill("approver@example.com")
    signs.get_by_role("button", name="Sign as approver@example.com").click()
    assert (
        "✓" in signs.inner_text()
        and f"1 of {quorum} signed" in signs.inner_text()
        and "valid until" in signs.inner_text()
    )
    assert exported(tab)["signatures"][0]["by"] == "approver@example.com"


def test_a_sign_off_expires_before_the_reader_s_eyes(tab, catalog, signed, rule):
    begin(tab)
    name_people(tab)
    sign(tab, catalog, signed, rule)
    too_long = int(catalog.thresholds["signoff.valid"].value.base) + 1
    then = f"new Date(Date.now() - {too_long}e3).toISOString().replace(/[.].*/, 'Z')"
    rewrite(tab, f"for (const signature of it.signatures) signature.at = {then}")
    text = tab.locator(f"[data-pause={signed.id}] + .signs").inner_text()
    assert "✗ expired" in text and "sign again" in text


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_value_is_kept_and_never_run(tab, catalog, kind, item):
    value = HOSTILE[kind]
    begin(tab)
    tick(tab, item, value, "AB")
    tab.locator(".people").evaluate("it => it.open = true")
    person(tab, catalog, catalog.checklists.people[0]).fill(value.replace("\n", " "))
    tab.reload()
    assert kept(tab, item)[1] == value, f"{kind}: changed by keeping"
    record = exported(tab)
    assert record["ticks"][item]["seen"] == value, f"{kind}: changed by the export"
    text = exported(tab, "Export Markdown")
    assert "<script" not in text and "](java" not in text and "\n| two" not in text
    take_in(tab, json.dumps(record))
    assert kept(tab, item)[1] == value, f"{kind}: changed by the import"
    assert tab.evaluate("window.hurt") is None, f"{kind}: it ran"


NO_SHEET = {"kind": "deployment record", "run": {"release": "1"}, "sheet": {}}
ODD_SHEET = {"pauses": [None], "people": [], "classes": {}, "signoffs": {}, "roles": {}}
BAD_IMPORTS = {
    "empty": "",
    "malformed": '{"kind": "deployment record", ',
    "a list": "[1, 2]",
    "another file": '{"name": "x"}',
    "null": "null",
    "huge": "x" * 2_100_000,
    "no checklist": json.dumps(NO_SHEET),
    "odd pauses": json.dumps({**NO_SHEET, "sheet": ODD_SHEET}),
    "deep": "[" * 200_000,
}


@pytest.mark.parametrize("kind", BAD_IMPORTS)
def test_a_bad_import_changes_nothing_and_says_what_to_do(tab, kind, item):
    begin(tab)
    tick(tab, item, "mine")
    said = take_in(tab, BAD_IMPORTS[kind])
    assert "Nothing was imported" in said and re.search(r"Choose|Export", said), f"{kind}: {said}"
    assert kept(tab, item)[1] == "mine" and tab.locator("#run select").first.locator("option").count() == 1


def test_an_import_brings_no_prototype(tab, item):
    begin(tab)
    # As text: a dict of Python has no second key of one name.
    ticks = (
        '"ticks": {"__proto__": {"at": "2026-11-23T10:00:00Z", "seen": "x", "by": "y"}, '
        f'"{item}": {{"at": 7, "seen": {{}}, "by": null}}'
    )
    text = json.dumps(exported(tab))
    assert text.count('"ticks": {}') == 1
    take_in(tab, text.replace('"ticks": {}', '"__proto__": {"hurt": 1}, ' + ticks + "}"))
    assert tab.evaluate("({}).hurt === undefined && ({}).seen === undefined") and kept(tab, item) == (
        False,
        "",
        "",
    )


def test_an_import_on_another_device_shows_the_same_run(browser, address, tab, item):
    begin(tab)
    tick(tab, item, "normal", "RV")
    record = exported(tab)
    other = browser.new_context(base_url=address)
    page = other.new_page()
    page.goto(PAGE)
    assert "Imported" in take_in(page, json.dumps(record))
    assert kept(page, item) == (True, "normal", "RV")
    assert exported(page) == record
    other.close()


@pytest.mark.parametrize("how", ["denied", "full"])
def test_without_storage_it_works_in_memory_and_says_so(context, how, item):
    tab = context.new_page()
    tab.add_init_script(DENIED if how == "denied" else FULL)
    tab.goto(PAGE)
    begin(tab)
    tick(tab, item, "normal", "RV")
    assert kept(tab, item) == (True, "normal", "RV")
    assert "keeps nothing" in tab.locator("#run [role=status]").inner_text()
    assert exported(tab)["ticks"][item]["seen"] == "normal"


OLDER = "read otherwise"


def older(sheet: dict) -> dict:
    """The checklist as it was before an item was reworded."""
    sheet = json.loads(json.dumps(sheet))
    sheet["pauses"][0]["items"][0]["value"] = OLDER
    return {**sheet, "digest": "0000-0000-0000"}


def test_a_changed_checklist_is_announced_and_never_ticked_anew(tab, item, another):
    begin(tab)
    tick(tab, item, "old words")
    tick(tab, another, "same words")
    record = exported(tab)
    check = record["sheet"]["pauses"][0]["items"][0]["check"]
    take_in(tab, json.dumps({**record, "sheet": older(record["sheet"])}))
    news = tab.locator(".news")
    assert (
        "has changed since this run began" in news.inner_text()
        and f"{item}: was »{check} …… {OLDER}«" in news.inner_text()
    )
    assert not kept(tab, item)[0] and kept(tab, another)[:2] == (True, "same words")
    assert tab.locator(f"#tick-{another}").is_disabled(), "nothing is ticked before the reader has decided"
    news.get_by_role("button").click()
    after = exported(tab)
    assert (
        item not in after["ticks"]
        and after["earlier"][0]["tick"]["seen"] == "old words"
        and after["sheet"] == record["sheet"]
    )


def test_a_whole_run_exports_a_record_that_the_build_accepts(tab, copy, catalog, each, rule):
    begin(tab, "1.5.0", "A1")
    name_people(tab)
    for pause in catalog.checklists.pauses:
        assert tab.locator(f"#tick-{pause.items[0].id}").is_enabled()
        finish(tab, pause.id)
        if pause.signoff == "class":
            sign(tab, catalog, pause, rule)
        if pause == each:
            break
    record = exported(tab)
    assert record["through"] == each.id
    (copy / "data" / "records" / "1.5.0.json").write_text(json.dumps(record), encoding="utf-8")
    try:
        assert load(copy, "public").records["1.5.0"].through == each.id
    except FaultsError as error:
        say([str(fault) for fault in error.faults])


def test_a_run_is_printed_with_its_values(tab, item):
    begin(tab)
    tick(tab, item, "normal", "RV")
    tab.emulate_media(media="print")
    assert row(tab, item).locator("textarea").is_visible() and tab.locator("#run .title").is_visible()
    assert not tab.get_by_role("button", name="Export JSON").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_reached_and_hit(context, scheme, item):
    tab = context.new_page()
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size(SIZES["telephone"])
    tab.goto(PAGE)
    begin(tab)
    small = tab.eval_on_selector_all(
        ".tool button, .tool input, .tool select, .tool textarea, .tool summary, .checklist input",
        """all => all.filter(it => it.checkVisibility() && it.getBoundingClientRect().height < 44)
          .map(it => it.outerHTML.slice(0, 80))""",
    )
    say([f"docs/assets/runbook.css: smaller than a finger: {it}" for it in small])
    unnamed = tab.eval_on_selector_all(
        ".tool input, .tool textarea, .tool select, .checklist input",
        "all => all.filter(it => !it.labels?.length && !it.ariaLabel).map(it => it.outerHTML.slice(0, 80))",
    )
    say([f"the checklist: has no label: {it}" for it in unnamed])
    tab.locator(f"#tick-{item}").focus()
    tab.keyboard.press("Space")
    assert tab.locator(f"#tick-{item}").is_checked()
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
