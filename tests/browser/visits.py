"""One visit to a page, for all tests that judge every page: what each of them asks is asked while the page is open.

Opening a page costs more than asking it something, so no test goes round the whole site by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Browser, Page

from tests.conftest import PAGES, SIZES, Site, html_of, settled, wake

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# What a scheme can change.
COLOURS = ["color-contrast", "link-in-text-block"]
# What the size of the window can change, beside the colours.
SIZED = ["target-size", "scrollable-region-focusable", "aria-hidden-focus"]
# A colour that is still on its way is neither the old nor the new one.
STILL = "*, *::before, *::after { transition: none !important; animation: none !important }"
# What looks like what was seen is not judged again, which saves most of the time: a token of a class in a kind
# of block becomes plain text, and a row of a table goes that has the same elements and classes as an earlier one, with
# and without words in the same places.
ONE_OF_EACH = """() => {
  const seen = new Set();
  const known = (kind) => seen.has(kind) || !seen.add(kind);
  for (const token of document.querySelectorAll(".highlight code span[class]"))
    if (known(`${token.className} in ${token.closest(".highlight").className}`))
      token.replaceWith(...token.childNodes);
  const look = (it) => [it.localName, it.className, it.innerText?.trim() ? "words" : "", ...[...it.children].map(look)];
  document.querySelectorAll("article tbody").forEach((body, number) => {
    for (const row of [...body.rows]) if (known(`${number} ${JSON.stringify(look(row))}`)) row.remove();
  });
}"""
SCHEMES = """() => [...document.querySelectorAll('input[name="__palette"]')].map(it => (
  { scheme: it.dataset.mdColorScheme, primary: it.dataset.mdColorPrimary, accent: it.dataset.mdColorAccent }))"""
WEAR = """colour => {
  for (const [key, value] of Object.entries(colour)) document.body.setAttribute(`data-md-color-${key}`, value);
}"""
# The theme's script gives every block of code a navigation without a name. All else that axe calls best practice holds.
# The colours are judged by themselves, in every scheme.
LEFT_OUT = ["landmark-unique", *COLOURS]
RUN = """async ([only, left_out]) => {
  const rules = only.type === "tag" ? Object.fromEntries(left_out.map(it => [it, { enabled: false }])) : {};
  const { violations } = await axe.run({ runOnly: only, rules, resultTypes: ["violations"] });
  return violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.split("\\n")[1].trim()}`));
}"""
# Far quicker than axe, and stricter: it knows no large text.
CONTRAST = """limit => {
  const linear = (c) => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = (rgb) => { const [r, g, b] = rgb.map(linear); return .2126 * r + .7152 * g + .0722 * b };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return parse(getComputedStyle(document.body).backgroundColor);
  };
  const low = [];
  const walk = document.createTreeWalker(document.querySelector('article'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (!text || !node.checkVisibility() || node.closest('svg')) continue;
    const both = [light(parse(getComputedStyle(node).color).slice(0, 3)), light(behind(node).slice(0, 3))];
    const ratio = (Math.max(...both) + .05) / (Math.min(...both) + .05);
    if (ratio < limit) low.push(`${ratio.toFixed(1)}: ${text.slice(0, 30)} (${node.tagName} ${node.className})`);
  }
  return [...new Set(low)].slice(0, 6);
}"""
# Our own controls: what a finger must hit at night. The theme's keep WCAG's 24 pixels.
TOUCHED = (
    ".md-banner a, .door, .md-typeset .tel, article button:not(.md-clipboard):not(.md-code__button), article summary, "
    "article select, article input"
)
SMALL = """list => list.filter(it => it.checkVisibility({ visibilityProperty: true }))
  .map(it => [it.outerHTML.slice(0, 90), it.getBoundingClientRect().height, it.getBoundingClientRect().width])
  .filter(([, height, width]) => height < 44 || width < 44)"""
NO_CARDS = """() => {
  const cards = (it) =>
    getComputedStyle(it.querySelector('tbody tr')).display === 'block' && it.querySelector('td[data-label]');
  const tables = [...document.querySelectorAll('article table:not([class])')];
  return tables.filter(it => it.querySelector('tbody td') && !cards(it)).map(it => it.innerText.slice(0, 40));
}"""
# A cell's name may be longer than what stands in the cell. All names are put in before any is measured.
RUN_OVER = """() => {
  const cells = [...document.querySelectorAll('article td[data-label]')].filter(it => it.checkVisibility());
  const names = cells.map(cell => {
    const name = Object.assign(document.createElement('span'), { textContent: cell.dataset.label });
    const { width, fontSize, fontWeight } = getComputedStyle(cell, '::before');
    Object.assign(name.style, { display: 'block', position: 'absolute', width, fontSize, fontWeight });
    return name;
  });
  cells.forEach((cell, i) => cell.append(names[i]));
  const height = it => it.getBoundingClientRect().height;
  const short = cells.filter((cell, i) => height(names[i]) > height(cell) + 1);
  names.forEach(name => name.remove());
  return short.map(cell => cell.innerText.slice(0, 40));
}"""
# The door to the procedures, as a finger finds it: on the first screen, with nothing over it.
DOOR = """() => {
  const link = [...document.querySelectorAll("a")].find(it => it.textContent.trim() === "Something is wrong");
  if (!link) return "there is none";
  scrollTo(0, 0);
  const { x, y, width, height } = link.getBoundingClientRect();
  const hit = document.elementFromPoint(x + width / 2, y + height / 2);
  return link.contains(hit) ? link.href : `${hit?.outerHTML.slice(0, 60) ?? "the edge of the screen"} is in its place`;
}"""
MOVED = """window.moved = [];
  const name = ({ node }) => node?.outerHTML?.slice(0, 60) ?? "";
  const note = (it) => moved.push([it.value, it.sources.map(name).join(", ")]);
  new PerformanceObserver(list => list.getEntries().filter(it => !it.hadRecentInput).forEach(note))
    .observe({ type: "layout-shift", buffered: true })"""
WIDE = "document.documentElement.scrollWidth"
SLOW = {"offline": False, "latency": 150, "downloadThroughput": -1, "uploadThroughput": -1}
FAST = {**SLOW, "latency": 0}
# The scheme that the reader's system has while a page opens; then it changes to the other.
SYSTEM = {"telephone": ("light", "dark"), "desk": ("dark", "light")}
# Width of the window and how much everything is enlarged: a desk's window, to twice, three and four times its size.
ENLARGED = ((640, 2), (390, 3), (320, 4))


@dataclass
class Seen:
    """What was seen of one page at one size.

    widths: what was changed -> (pixels of the page, pixels of the screen). asked: addresses. told: errors of scripts.
    moved: (score of the layout shift, what moved). low: the scheme -> texts of low contrast. axe: faults, in words.
    no_cards, run_over, small: tables, cells and controls that fail; on a telephone alone, as is the next.
    door: where a tap on "Something is wrong" leads, or why a finger does not hit it.
    """

    page: str
    size: str
    widths: dict[str, tuple[int, int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    moved: list[tuple[float, str]] = field(default_factory=list)
    low: dict[str, list[str]] = field(default_factory=dict)
    axe: list[str] = field(default_factory=list)
    no_cards: list[str] = field(default_factory=list)
    run_over: list[str] = field(default_factory=list)
    small: list[tuple[str, float, float]] = field(default_factory=list)
    door: str = ""

    @property
    def where(self) -> str:
        """The page's file and the size, to begin a fault with."""
        return f"{self.page}, {self.size}"


class Reader:
    """A reader with one window of one size, who goes from page to page."""

    def __init__(self, browser: Browser, address: str, size: str) -> None:
        # Not `is_mobile`: with it the browser tells of no layout shift.
        self.context = browser.new_context(viewport=SIZES[size], has_touch=size == "telephone")
        self.context.set_default_timeout(30_000)
        self.context.add_init_script(MOVED)
        self.tab = self.context.new_page()
        self.wire = self.context.new_cdp_session(self.tab)
        self.wire.send("Network.enable")
        self.address, self.size, self.seen = address, size, Seen("", size)
        # What a page does late is seen while the next one is open.
        self.context.on("request", lambda it: self.seen.asked.append(it.url))
        self.context.on("console", lambda it: self.seen.told.append(it.text) if it.type == "error" else None)
        self.context.on("weberror", lambda it: self.seen.told.append(str(it.error)))

    def visit(self, page: str, turn: int | None) -> Seen:
        """Opens a page of the site and asks it everything. What changes the page for good comes last.

        turn: axe judges the page in depth, also at a desk, and in those schemes whose turn (0 or 1) it is.
        """
        self.seen = seen = Seen(page, self.size)
        for step in (self.opens, self.system_changes, self.is_enlarged if self.size == "desk" else self.is_touched):
            step(seen)
        self.tab.add_style_tag(content=STILL)
        for name in dressed(self.tab):
            seen.low[name] = self.tab.evaluate(CONTRAST, 7 if name == "contrast" else 4.5)
        seen.axe = judge(self.tab, everything=turn is not None or self.size == "telephone", turn=turn)
        return seen

    def opens(self, seen: Seen) -> None:
        """The page comes over a slow line, and its scripts late: what they add must find its room."""
        self.tab.emulate_media(color_scheme=SYSTEM[self.size][0])
        self.wire.send("Network.emulateNetworkConditions", SLOW)
        self.tab.goto(self.address + html_of(seen.page).removesuffix("index.html"), wait_until="load")
        wake(self.tab)
        # The first sign of a person is no reason to move either; a key's own half second would excuse it.
        self.tab.mouse.wheel(0, 1)
        settled(self.tab)
        seen.moved = [(score, what) for score, what in self.tab.evaluate("moved")]
        self.wire.send("Network.emulateNetworkConditions", FAST)

    def system_changes(self, seen: Seen) -> None:
        """The page is as wide as its screen in one scheme of the system, and when that changes to the other."""
        for scheme in SYSTEM[self.size]:
            self.tab.emulate_media(color_scheme=scheme)
            settled(self.tab)
            seen.widths[scheme] = (self.tab.evaluate(WIDE), SIZES[self.size]["width"])

    def is_enlarged(self, seen: Seen) -> None:
        """The window is enlarged, and made as it was."""
        for wide, ratio in ENLARGED:
            self.resize(wide, 700, ratio)
            assert self.tab.evaluate("[innerWidth, devicePixelRatio]") == [wide, ratio]
            seen.widths[f"enlarged {ratio} times"] = (self.tab.evaluate(WIDE), wide)
        self.resize(SIZES["desk"]["width"], SIZES["desk"]["height"], 1)

    def resize(self, wide: int, high: int, ratio: int) -> None:
        screen = {"width": wide, "height": high, "deviceScaleFactor": ratio, "mobile": False}
        self.wire.send("Emulation.setDeviceMetricsOverride", screen)
        settled(self.tab)

    def is_touched(self, seen: Seen) -> None:
        """Tables and controls, as a telephone shows them."""
        seen.door = self.tab.evaluate(DOOR)
        seen.no_cards = self.tab.evaluate(NO_CARDS)
        seen.run_over = self.tab.evaluate(RUN_OVER)
        seen.small = [tuple(each) for each in self.tab.eval_on_selector_all(TOUCHED, SMALL)]


def dressed(tab: Page, first: int = 0, step: int = 1) -> Iterator[str]:
    """Puts a page into its colour schemes, one after the other, and gives the name of each while it is worn.

    first, step: which of them, counted as the page offers them.
    """
    schemes = {it["scheme"]: it for it in tab.evaluate(SCHEMES)}
    assert len(schemes) > 1, f"{tab.url}: no choice of colour schemes"
    for name in [*schemes][first::step]:
        tab.evaluate(WEAR, schemes[name])
        yield name


def judge(tab: Page, everything: bool = True, turn: int | None = 0) -> list[str]:
    """What axe finds on a page as it stands now. The page is good for nothing else afterwards.

    everything: by every rule, not only by those that the size of the window decides. turn: which schemes' colours are
    judged, 0 for the first, third and so on, 1 for the others, None for none.
    """
    tab.add_style_tag(content=STILL)
    tab.evaluate(AXE)
    tab.evaluate(ONE_OF_EACH)
    only = {"type": "tag", "values": TAGS} if everything else {"type": "rule", "values": SIZED}
    faults = tab.evaluate(RUN, [only, LEFT_OUT])
    if turn is not None:
        by_colour = {"type": "rule", "values": COLOURS}
        for name in dressed(tab, turn, 2):
            faults += [f"scheme {name}: {fault}" for fault in tab.evaluate(RUN, [by_colour, []])]
    return faults


def one_of_each_kind(site: Site) -> list[str]:
    """Pages that together have every kind of element of the site: all that styles and scripts can tell apart."""
    found = {page: kinds_of(site, page) for page in PAGES}
    left, chosen = set().union(*found.values()), []
    while left:
        best = max(PAGES, key=lambda page: len(found[page] & left))
        chosen.append(best)
        left -= found[best]
    return chosen


def kinds_of(site: Site, page: str) -> set[str]:
    """The kinds of elements of a page: each class and each data attribute with the name of its element."""
    kinds = set()
    for element in site.trees[page].iter("*"):
        marks = [f".{name}" for name in element.get("class", "").split()]
        marks += [f"[{name}]" for name in element.attrib if name.startswith("data-")]
        kinds |= {f"{element.tag}{mark}" for mark in marks or [""]}
    return kinds
