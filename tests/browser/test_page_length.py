"""Pages are short: measured on the built site as a telephone shows it, with nothing unfolded."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import opened
from tests.conftest import SIZES, Site, say, url, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

HUBS = [
    f"deployment/{name}.md"
    for name in ("deployment_strategy", "rollback_procedure", "deployment_checklist", "disaster_recovery")
]
REFERENCE = [f"reference/{name}.md" for name in ("thresholds", "evidence", "contacts", "alerts")]
HUB_WORDS, REFERENCE_WORDS = 1500, 4000
EMERGENCY = {"rollback", "disaster", "override"}
SCREEN = SIZES["telephone"]["height"]
EMERGENCY_SCREENS, FIRST_STEP_SCREENS, FIELDS = 8, 1.5, 2
BLOCK_LINES, BLOCK_COLUMNS = 3, 72

# Too long today. Shrink this set, never extend it: a test fails as soon as a page in it has become short enough.
LONG_PAGES: set[str] = set()
# Emergency steps whose command block is too long or too wide today. Shrink this set, too.
LONG_BLOCKS: set[str] = set()
MEASURE = """() => {
  const article = document.querySelector("article");
  const bottom = it => it ? it.getBoundingClientRect().bottom + scrollY : null;
  const step = article.querySelector("h4.step");
  // What step 1 asks for: its command, or the sentence that says what a person does.
  let does = step;
  while (does && !does.matches("div.language-bash, h4.step + .meta ~ p:not(.meta)")) does = does.nextElementSibling;
  return {
    words: article.innerText.split(/\\s+/).filter(word => /[\\p{L}\\p{N}]/u.test(word)).length,
    screens: bottom(article),
    decided: bottom(article.querySelector("ol")),
    begins: does ? does.getBoundingClientRect().top + scrollY : null,
    fields: [...document.querySelectorAll("#values input")].filter(it => it.checkVisibility()).length,
  };
}"""


@pytest.fixture
def tab(phone) -> Page:
    return phone.new_page()


def measured(tab: Page, address: str, page: str) -> dict:
    tab.goto(url(address, page))
    wake(tab)
    return tab.evaluate(MEASURE)


@pytest.mark.parametrize("page, most", [(it, HUB_WORDS) for it in HUBS] + [(it, REFERENCE_WORDS) for it in REFERENCE])
def test_a_hub_and_a_reference_page_have_few_words(tab, address, page, most):
    words = measured(tab, address, page)["words"]
    assert words <= most, f"docs/{page}: {words} visible words; at most {most}: move or fold what is not read at once"


def test_the_rollback_decision_stands_on_the_first_screen(tab, address):
    ends = measured(tab, address, "deployment/rollback_procedure.md")["decided"]
    assert ends <= SCREEN, f"docs/deployment/rollback_procedure.md: the list of paths ends at {ends:.0f} of {SCREEN}"


def test_a_procedure_begins_at_once_and_is_short(tab, address, catalog):
    faults = []
    for name, procedure in catalog.procedures.items():
        it, where = measured(tab, address, procedure.page), f"docs/{procedure.page}"
        if it["begins"] is None or it["begins"] > FIRST_STEP_SCREENS * SCREEN:
            faults.append(f"{where}: step 1 begins after {FIRST_STEP_SCREENS} screens: {it['begins']} pixels")
        if it["fields"] > FIELDS:
            faults.append(f"{where}: {it['fields']} fields to fill in before step 1; at most {FIELDS}")
        if procedure.kind not in EMERGENCY:
            continue
        screens = it["screens"] / SCREEN
        if (screens > EMERGENCY_SCREENS) != (name in LONG_PAGES):
            faults.append(
                f"{where}: {screens:.1f} screens; take {name} out of LONG_PAGES"
                if name in LONG_PAGES
                else f"{where}: {screens:.1f} screens; an emergency procedure has at most {EMERGENCY_SCREENS}"
            )
    say(faults)


def test_a_command_block_of_an_emergency_can_be_read_at_a_glance(site: Site, catalog):
    """Counted without the line that only asks for the variables."""
    faults = []
    for procedure in catalog.procedures.values():
        if procedure.kind not in EMERGENCY:
            continue
        for block in site.blocks(procedure.page):
            if "bash" not in " ".join(block.classes) or not block.id:
                continue
            lines = [line for line in block.text.rstrip("\n").split("\n") if not re.match(r'[A-Z_]+="\$\{', line)]
            # The build writes "${NAME:?set NAME}" for what the page says as $NAME.
            wide = max(len(re.sub(r'"?\$\{([A-Z_]+):\?set \1\}"?', r"$\1", line)) for line in lines or [""])
            long = len(lines) > BLOCK_LINES or wide > BLOCK_COLUMNS
            if long != (block.id in LONG_BLOCKS):
                faults.append(
                    f"docs/{procedure.page}: {block.id}: short enough now; take it out of LONG_BLOCKS"
                    if block.id in LONG_BLOCKS
                    else f"docs/{procedure.page}: {block.id}: {len(lines)} lines of up to {wide} characters; "
                    f"at most {BLOCK_LINES} of {BLOCK_COLUMNS}"
                )
    say(faults)


@pytest.mark.parametrize(
    "old, new",
    [
        ("rollback_procedure/#warm", "rollback/warm/#warm"),
        ("rollback_procedure/#step-warm-back", "rollback/warm/#step-warm-back"),
        ("disaster_recovery/#halt", "override/halt/#halt"),
    ],
)
@pytest.mark.parametrize("way", ["http", "file"])
def test_an_old_link_sends_its_reader_on(tab, address, site: Site, way, old, new):
    start = address if way == "http" else f"file://{site.folder}/"
    page, _, section = old.partition("#")
    tab.goto(f"{start}deployment/{page}{'index.html' if way == 'file' else ''}#{section}")
    tab.wait_for_url(re.compile(re.escape(new.split("#")[0]) + r"(index\.html)?#" + new.split("#")[1]))


def test_without_scripts_the_list_of_moved_sections_is_there(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = opened(context, address, "deployment/rollback_procedure.md")
    tab.get_by_text("Moved sections").click()
    tab.locator(".moved").get_by_role("link", name="Warm rollback").click()
    tab.wait_for_url("**/rollback/warm/#warm")
    context.close()
