"""What the site promises to a reader at night, checked as a person would: typing, tapping, copying, in a real browser."""

import re
import subprocess
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from runbook.data.loader import reachable
from runbook.site.search_tags import answers, location
from tests.conftest import PAGES, ROOT, SIZES, Site, build, html_of, say, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

DISASTER = "deployment/disaster_recovery.md"
ROLLBACK = "deployment/rollback_procedure.md"
SCHEMES = ["default", "slate", "night", "contrast"]
HOSTILE = {
    "a command": "'; rm -rf / #", "quotes": "A\"'`", "a line break": "A1\nrm -rf /", "a script": "<script>alert(1)</script>",
    "right to left": "\u202eA1", "ten kilobytes": "A" * 10_240, "a substitution": "$(reboot)", "a space": "A1 A2", "small letters": "a1", "a stray sign": "A1;",
}  # fmt: skip


@pytest.fixture
def desk(browser: Browser):
    context = browser.new_context(viewport=SIZES["desk"], permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser):
    context = browser.new_context(viewport=SIZES["telephone"], has_touch=True, is_mobile=True)
    context.set_default_timeout(10_000)
    yield context
    context.close()


def opened(context: BrowserContext, address: str, page: str) -> Page:
    tab = context.new_page()
    tab.goto(url(address, page))
    return tab


# ------------------------------------------------------------ something is wrong


def test_from_every_page_two_taps_lead_to_a_procedure(phone, address, book):
    faults = []
    tab = phone.new_page()
    for i, page in enumerate(PAGES):
        name = list(book.scenarios.scenarios)[i % len(book.scenarios.scenarios)]
        procedure = book.procedures[name]
        try:
            tab.goto(url(address, page))
            tab.get_by_role("link", name="Something is wrong").first.tap()
            tab.wait_for_url("**/disaster_recovery/#triage")
            tab.locator(".triage li").get_by_role("link", name=procedure.title, exact=True).tap()
            tab.wait_for_url(f"**/{location(book, name)}")
        except Exception as error:  # noqa: BLE001  every page is tried
            faults.append(
                f'docs/{page}: "Something is wrong", then "{procedure.title}", does not lead to {location(book, name)}: {str(error).splitlines()[0]}'
            )
    say(faults)


def test_the_money_question_comes_before_every_symptom(phone, address, book):
    tab = opened(phone, address, DISASTER)
    assert tab.locator(".triage").inner_text().startswith(book.scenarios.money[0].ask), (
        "the triage list begins with the first question of `money` in data/scenarios.yml"
    )


def test_typing_an_alert_or_a_line_of_the_log_finds_its_procedure_first(desk, address, book):
    """Typed into the search; the first section of the first page found is the one that answers."""
    faults = []
    tab = desk.new_page()
    for typed, procedures in answers(book).items():
        tab.goto(url(address, "index.md"))
        tab.keyboard.press("/")
        tab.keyboard.type(typed)
        tab.locator(".md-search-result__link").first.wait_for(state="attached")
        tab.wait_for_timeout(150)
        item = tab.locator(".md-search-result__item").first.locator(".md-search-result__link")
        found = [
            re.sub(r"\?[^#]*", "", link).removeprefix(address)
            for link in item.evaluate_all("links => links.map(link => link.href)")
        ]
        first = next((link for link in found if "#" in link), "nothing")
        wanted = [location(book, name) for name in procedures]
        if first not in wanted:
            faults.append(
                f'typing "{typed}" finds {first} first, not {wanted[0]}; its words are too common: see runbook/site/search_tags.py, or change the line in data/'
            )
    say(faults)


def test_every_alert_and_line_is_asked_for(book):
    typed = answers(book)
    lines = {
        book.system.log_events[sight.what].line
        for it in book.scenarios.scenarios.values()
        for sight in it.see
        if sight.kind == "log"
    }
    assert set(book.alerts) | lines == set(typed)


# ---------------------------------------------------------------------- commands


def block_text(site: Site, page: str, name: str) -> str:
    return next(block.text for block in site.blocks(page) if block.id == name)


def copied(tab: Page, block: str) -> str:
    wake(tab)
    tab.evaluate("navigator.clipboard.writeText('nothing was copied')")
    button = tab.locator(f"#{block} button[data-md-type=copy], #{block} .md-clipboard").first
    button.scroll_into_view_if_needed()
    button.click()
    tab.wait_for_timeout(50)
    return tab.evaluate("navigator.clipboard.readText()")


def test_copying_gives_what_was_drilled_and_the_values_as_one_command(desk, address, site):
    tab = opened(desk, address, ROLLBACK)
    name = "warm-safe"
    drilled = block_text(site, ROLLBACK, name).strip()
    assert copied(tab, name) == drilled
    for variable, value in {"ACCOUNT": "A1", "BAD": "1.5.0", "OLD": "1.4.2"}.items():
        tab.locator(f"#value-{variable}").fill(value)
    tab.get_by_role("button", name="Fill in").click()
    text = copied(tab, name)
    line, _, rest = text.partition("\n")
    assert rest == drilled, "the block itself changes; only one line before it may be added"
    assert line.startswith("ACCOUNT='A1' ") and line.endswith(" &&"), line
    assert line in tab.locator(f"#{name} code").inner_text(), "what is copied is not what is shown"


def test_a_filled_block_is_still_one_command_and_carries_its_values(desk, address, site, book):
    """Cut after any line the rest is missing to the shell; and a derived variable is never replaced by an entered one."""
    faults = []
    values = {name: it.example for name, it in book.system.variables.items()}
    tab = desk.new_page()
    for page in [page for page in PAGES if any("drill" in block.classes for block in site.blocks(page))]:
        tab.goto(url(address, page))
        fields = tab.locator("#values input").evaluate_all("fields => fields.map(field => field.name)")
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
                if book.system.variables[name].from_ == "block"
            ]
    say(faults)


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_value_is_refused_with_a_reason_and_changes_nothing(desk, address, value):
    tab = opened(desk, address, DISASTER)
    asked = []
    tab.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    tab.locator("#value-ACCOUNT").fill("A1")
    tab.keyboard.press("Enter")
    before = tab.locator("#crash-slots code").text_content()
    assert before.startswith("ACCOUNT='A1' &&\n")
    # As a paste would set it; a text field itself takes line breaks out.
    tab.locator("#value-ACCOUNT").evaluate(
        "(field, value) => { field.value = value; field.dispatchEvent(new Event('change')) }", value
    )
    said = tab.locator("#said-ACCOUNT")
    entered = tab.locator("#value-ACCOUNT").input_value()
    if re.fullmatch(r"[A-Z][A-Z0-9-]{0,15}", entered):
        pytest.fail(f"the browser made {entered!r} of it, which fits the pattern: choose another value")
    assert said.inner_text().startswith("✗ Refused") or "Refused" in said.inner_text(), said.inner_text()
    assert "keep ACCOUNT=A1" in said.inner_text() and len(said.inner_text()) < 300
    assert tab.locator("#value-ACCOUNT").get_attribute("aria-invalid") == "true"
    assert tab.locator("#crash-slots code").text_content() == before
    assert not asked and tab.locator("article script").count() == 0
    tab.reload()
    assert tab.locator("#value-ACCOUNT").input_value() == "A1"


def test_values_survive_a_reload_and_end_with_the_tab(desk, address):
    tab = opened(desk, address, DISASTER)
    tab.locator("#value-ACCOUNT").fill("A2")
    tab.keyboard.press("Enter")
    tab.reload()
    assert tab.locator("#crash-slots code").text_content().startswith("ACCOUNT='A2' &&\n")
    other = opened(desk, address, DISASTER)
    assert other.locator("#value-ACCOUNT").input_value() == "", "a value must not reach another tab"
    assert other.locator("#crash-slots .entered").text_content() == ""
    assert not tab.evaluate("Object.keys(localStorage).some(key => key.includes('ACCOUNT'))")
    tab.get_by_role("button", name="Forget all").click()
    tab.wait_for_function("document.querySelector('#crash-slots .entered').textContent === ''")
    assert tab.evaluate("sessionStorage.length") == 0 or not tab.evaluate(
        "Object.keys(sessionStorage).some(key => key.includes('ACCOUNT'))"
    )


def test_a_value_kept_by_somebody_else_is_not_trusted(desk, address):
    tab = opened(desk, address, DISASTER)
    tab.locator("#value-ACCOUNT").fill("A2")
    tab.keyboard.press("Enter")
    tab.evaluate(
        "for (const key of Object.keys(sessionStorage)) if (key.endsWith('ACCOUNT')) sessionStorage.setItem(key, \"'; rm -rf /\")"
    )
    tab.reload()
    assert tab.locator("#crash-slots .entered").text_content() == ""


def test_with_storage_denied_the_values_still_fill_in(desk, address):
    desk.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError') } })"
    )
    tab = opened(desk, address, DISASTER)
    tab.locator("#value-ACCOUNT").fill("A1")
    tab.keyboard.press("Enter")
    assert tab.locator("#crash-slots code").text_content().startswith("ACCOUNT='A1' &&\n")


def test_without_scripts_nothing_offers_what_cannot_work(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = opened(context, address, DISASTER)
    assert not tab.locator("#values").is_visible() and not tab.locator("button.print").is_visible()
    assert 'ACCOUNT="${ACCOUNT:?set ACCOUNT}"' in tab.locator("#crash-slots code").inner_text()
    context.close()


def test_expected_output_cannot_be_copied_by_mistake(desk, address):
    tab = opened(desk, address, ROLLBACK)
    wake(tab)
    assert tab.locator(".md-code__nav, .md-clipboard").count()
    shown = [
        button for button in tab.locator(".expect .md-clipboard, .expect .md-code__nav").all() if button.is_visible()
    ]
    assert not shown, "an expected output has a copy button; hide it in docs/assets/runbook.css"


# ---------------------------------------------------------------------- contacts


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-23T03:00:00Z",
        "2026-11-25T10:30:00Z",
        "2026-11-27T23:30:00Z",
        "2026-11-28T12:00:00Z",
        "2026-11-29T22:59:00Z",
        "2026-11-29T23:01:00Z",
        "2026-07-15T06:30:00Z",
        "2026-03-29T06:10:00Z",
    ],
)
def test_the_browser_says_of_every_contact_what_the_data_says(desk, address, book, moment):
    tab = desk.new_page()
    tab.clock.set_fixed_time(moment)
    tab.goto(url(address, "reference/contacts.md"))
    now = datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(UTC)
    faults = []
    for name, contact in book.contacts.contacts.items():
        text = tab.locator(f"#c-{name.replace('_', '-')} + .procedure .hours").inner_text()
        if ("within hours" in text) != reachable(contact, now):
            faults.append(
                f"at {moment} the page says of {name}: {text}; `reachable` in runbook/data/loader.py says {reachable(contact, now)}"
            )
    say(faults)


@pytest.mark.parametrize("moment, stale", [("2027-01-20T12:00:00Z", False), ("2027-02-20T12:00:00Z", True)])
def test_a_contact_that_nobody_called_for_too_long_is_marked(desk, address, moment, stale):
    tab = desk.new_page()
    tab.clock.set_fixed_time(moment)
    tab.goto(url(address, "reference/contacts.md"))
    assert ("stale" in tab.locator("#c-broker-desk + .procedure").inner_text()) == stale


def test_numbers_and_channels_can_be_tapped(phone, address, book):
    tab = opened(phone, address, "reference/contacts.md")
    links = tab.locator("a.tel").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert "tel:+13125550142" in links and book.contacts.meeting.chat.replace("%s", "trading-daemon") in links


def test_a_scannable_card_is_in_the_internal_edition_alone(site, copy, tmp_path):
    done = build(copy, tmp_path / "internal", RUNBOOK_AUDIENCE="internal")
    assert done.returncode == 0, done.stderr
    name = html_of("reference/contacts.md")
    assert 'class="vcard"' in (tmp_path / "internal" / name).read_text(encoding="utf-8")
    assert 'class="vcard"' not in (site.folder / name).read_text(encoding="utf-8")


# -------------------------------------------------------------------- everywhere

CONTRAST = """() => {
  const light = (rgb) => { const [r, g, b] = rgb.map((c) => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (node) => { for (; node; node = node.parentElement) { const c = parse(getComputedStyle(node).backgroundColor); if (c.length < 4 || c[3] === 1) return c } return parse(getComputedStyle(document.body).backgroundColor) };
  const low = [];
  const walk = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.checkVisibility() || node.closest('svg')) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color).slice(0, 3)), light(behind(node).slice(0, 3))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < LIMIT) low.push(`${ratio.toFixed(1)}: ${walk.currentNode.data.trim().slice(0, 30)} (${node.tagName} ${node.className})`);
  }
  return [...new Set(low)].slice(0, 6);
}"""


def choose(tab: Page, scheme: str) -> None:
    """Goes round with the button in the header, as a reader does."""
    wake(tab)
    for _ in SCHEMES:
        if tab.locator("body").get_attribute("data-md-color-scheme") == scheme:
            return
        tab.locator(".md-header__option label:not([hidden])").click()
    assert tab.locator("body").get_attribute("data-md-color-scheme") == scheme, (
        f"the button in the header never comes to the scheme {scheme}"
    )


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page", ["index.md", DISASTER, "reference/contacts.md"])
def test_text_can_be_read_in_every_scheme(desk, address, scheme, page):
    tab = opened(desk, address, page)
    choose(tab, scheme)
    tab.add_style_tag(content="* { transition: none !important }")
    tab.wait_for_timeout(400)
    low = tab.evaluate(CONTRAST.replace("LIMIT", "7" if scheme == "contrast" else "4.5"))
    say(
        [
            f"docs/{page} in the scheme {scheme}: contrast {fault}; change the colour in docs/assets/runbook.css"
            for fault in low
        ]
    )


def test_a_scheme_stays_chosen(desk, address):
    tab = opened(desk, address, "index.md")
    choose(tab, "night")
    tab.goto(url(address, DISASTER))
    assert tab.locator("body").get_attribute("data-md-color-scheme") == "night"


@pytest.mark.parametrize("wide, ratio", [(640, 2), (390, 3), (320, 4)])
def test_no_page_scrolls_sideways_when_it_is_enlarged(browser, address, wide, ratio):
    context = browser.new_context(viewport={"width": wide, "height": 700}, device_scale_factor=ratio)
    faults = []
    tab = context.new_page()
    for page in PAGES:
        tab.goto(url(address, page))
        wake(tab)
        if (over := tab.evaluate("document.documentElement.scrollWidth")) > wide:
            faults.append(f"docs/{page}: {over} pixels wide on {wide}; something must wrap or scroll inside")
    context.close()
    say(faults)


def test_every_table_is_cards_on_a_telephone(phone, address):
    tab = phone.new_page()
    faults = []
    for page in PAGES:
        tab.goto(url(address, page))
        for fault in tab.evaluate(
            "() => [...document.querySelectorAll('article table:not([class])')].filter(it => it.querySelector('tbody td') && (getComputedStyle(it.querySelector('tbody tr')).display !== 'block' || !it.querySelector('td[data-label]'))).map(it => it.innerText.slice(0, 40))"
        ):
            faults.append(f"docs/{page}: this table does not become cards: {fault}")
        # A cell's name may be longer than what stands in the cell.
        for fault in tab.evaluate("""() => [...document.querySelectorAll('article td[data-label]')].filter(it => it.checkVisibility()).flatMap(cell => {
            const name = Object.assign(document.createElement('span'), { textContent: cell.dataset.label });
            const { width, fontSize, fontWeight } = getComputedStyle(cell, '::before');
            Object.assign(name.style, { display: 'block', position: 'absolute', width, fontSize, fontWeight });
            cell.append(name);
            const short = name.getBoundingClientRect().height > cell.getBoundingClientRect().height + 1;
            name.remove();
            return short ? [cell.innerText.slice(0, 40)] : [];
          })"""):
            faults.append(
                f"docs/{page}: the name of this cell runs over the next one: {fault}; let it take room in docs/assets/runbook.css"
            )
    say(faults)


TARGETS = ".md-banner a, label.md-header__button, .tel, .door, .triage li > p:first-child a, #values input, #values button, button.print, .fill, .md-code__button, .md-clipboard, .md-footer__link"


@pytest.mark.parametrize("page", ["index.md", DISASTER, "reference/contacts.md"])
def test_a_finger_hits_what_it_aims_at(phone, address, page):
    tab = opened(phone, address, page)
    wake(tab)
    small = tab.locator(TARGETS).evaluate_all(
        "all => all.filter(it => it.checkVisibility({ visibilityProperty: true }) && it.getBoundingClientRect().width).map(it => [it.getBoundingClientRect(), it]).filter(([box]) => box.height < 43.5 || box.width < 43.5).map(([box, it]) => `${it.className || it.tagName} ${Math.round(box.width)} × ${Math.round(box.height)} ${it.innerText.slice(0, 20)}`)"
    )
    say([f"docs/{page}: less than 44 pixels: {fault}" for fault in sorted(set(small))])


def test_a_tooltip_opens_with_the_first_tap_and_the_second_follows_the_link(phone, address):
    tab = opened(phone, address, "index.md")
    link = tab.locator("article .t a").first
    before = tab.url
    link.tap()
    tip = "link => getComputedStyle(link.parentElement, '::after').content"
    assert tab.url == before and link.evaluate(tip) != "none"
    link.tap()
    tab.wait_for_url("**/thresholds/#*")


def test_escape_closes_a_tooltip(desk, address):
    tab = opened(desk, address, "index.md")
    link = tab.locator("article .t a").first
    link.focus()
    shown = "link => { const style = getComputedStyle(link.parentElement, '::after'); return style.content !== 'none' && style.display !== 'none' }"
    assert link.evaluate(shown)
    tab.keyboard.press("Escape")
    assert not link.evaluate(shown)


def test_motion_stops_for_who_asks(browser, address):
    context = browser.new_context(reduced_motion="reduce")
    tab = opened(context, address, "index.md")
    wake(tab)
    assert tab.evaluate(
        "[...document.querySelectorAll('*')].every(it => getComputedStyle(it).transitionDuration === '0s')"
    )
    context.close()


def test_a_system_that_asks_for_contrast_gets_it(browser, address):
    context = browser.new_context(contrast="more")
    tab = opened(context, address, "index.md")
    assert tab.evaluate("getComputedStyle(document.body).getPropertyValue('--rb-line')") == "#000", (
        "the lines stay pale; see prefers-contrast in docs/assets/runbook.css"
    )
    say([f"with more contrast asked for: {fault}" for fault in tab.evaluate(CONTRAST.replace("LIMIT", "7"))])
    context.close()


def test_with_the_keyboard_alone_a_value_is_filled_in_and_copied(desk, address):
    tab = opened(desk, address, DISASTER)
    tab.locator("#value-ACCOUNT").focus()
    tab.keyboard.type("A1")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Fill in"
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "focus is not visible"
    tab.keyboard.press("Enter")
    tab.locator("#crash-slots button[data-md-type=copy], #crash-slots .md-clipboard").first.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_timeout(100)
    assert tab.evaluate("navigator.clipboard.readText()").startswith("ACCOUNT='A1' &&\n")


def test_the_print_button_prints(desk, address):
    desk.add_init_script("window.print = () => { window.printed = true }")
    tab = opened(desk, address, DISASTER)
    tab.get_by_role("button", name="Print this page").click()
    assert tab.evaluate("window.printed")


def test_the_foot_of_every_page_says_how_old_it_is_whose_and_how_proven(site, book):
    faults = []
    for page in PAGES:
        text = " ".join(site.article(page).xpath("string(.//ul[@class='foot'])").split())
        faults += [
            f'docs/{page}: the foot does not say "{words}"; see runbook/site/theme/main.html'
            for words in (
                "Page last changed: ",
                f"Owner: {book.contacts.roles[book.site.owner(page)].title}",
                "Last proven: ",
                "Edition: ",
                "public",
            )
            if words not in text
        ]
    say(faults)


def test_without_git_the_foot_says_so(copy, tmp_path):
    done = build(copy, tmp_path / "out", GIT_CEILING_DIRECTORIES=str(copy.parent))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out" / html_of(DISASTER)).read_text(encoding="utf-8")
    assert "unknown, built without the history of git" in text and "public, unknown" in text


@pytest.mark.parametrize("years, stale", [(0, False), (3, True)])
def test_an_old_page_says_so(desk, address, site, years, stale):
    changed = site.article(DISASTER).xpath("string(.//ul[@class='foot']//time/@datetime)")
    if not changed:
        pytest.skip("built without the history of git")
    tab = desk.new_page()
    tab.clock.set_fixed_time(f"{int(changed[:4]) + years}{changed[4:]}T12:00:00Z")
    tab.goto(url(address, DISASTER))
    assert ("stale" in tab.locator(".foot").inner_text()) == stale


def test_our_scripts_stay_small():
    import gzip

    size = len(gzip.compress((ROOT / "docs/assets/reader.js").read_bytes()))
    assert size <= 4096, f"docs/assets/reader.js has {size} bytes compressed; 4096 are enough"
