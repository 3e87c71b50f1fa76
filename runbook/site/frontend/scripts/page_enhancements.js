/**
 * What the pages do for a reader beyond being read: mark what has grown old, open tooltips by touch, print, keep a copy for a time
 * without network. What it adds has the class "live".
 */
import { elementOf, make } from "./dom.js";
import { followMovedSection } from "./moved_sections.js";
import { showFilters } from "./row_filter.js";
import { answerWhatIsPasted } from "./search_answers.js";
import { holdSearchIndex } from "./search_on_demand.js";

holdSearchIndex();
answerWhatIsPasted();
showFilters();
followMovedSection();
addEventListener("hashchange", followMovedSection);

const all = (/** @type {string} */ selector) =>
  /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector));

for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time[data-days]"))) {
  const age = Math.floor((Date.now() - Date.parse(time.dateTime)) / 86_400_000);
  const stale = age > Number(time.dataset.days);
  const days = age === 1 ? "1 day" : `${age} days`;
  const what = stale ? `; ▲ stale: ${time.dataset.old}` : "";
  time.after(make("span", { className: stale ? "live stale" : "live", textContent: ` (${days} ago${what})` }));
}

// Tooltips open by mouse and keyboard in the style sheet; a finger opens with the first tap, and follows with the second.
let touched = false;
addEventListener(
  "pointerdown",
  (event) => {
    touched = event.pointerType === "touch";
  },
  true,
);
const closeAllBut = (/** @type {Element | null} */ kept) => {
  for (const tip of all(".t.open")) if (tip !== kept) tip.classList.remove("open");
};
addEventListener("click", (event) => {
  const tip = elementOf(event)?.closest(".t") ?? null;
  closeAllBut(tip);
  if (tip && touched && !tip.classList.contains("open")) {
    event.preventDefault();
    tip.classList.remove("shut");
    tip.classList.add("open");
  }
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  closeAllBut(null);
  for (const tip of all(".t:hover, .t:focus-within")) {
    tip.classList.add("shut");
    for (const end of ["focusout", "pointerleave"])
      tip.addEventListener(end, () => tip.classList.remove("shut"), { once: true });
  }
});

// What is folded is opened for the printer, and for a link that leads into it.
addEventListener("beforeprint", () => {
  for (const folded of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("article details")))
    folded.open = true;
});

for (const button of all("button.print")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Only a built site has a service worker (runbook/export/web). Private windows refuse it, and are served as ever.
const worker = document.currentScript?.dataset.worker;
if (worker && navigator.serviceWorker) {
  const keep = () => navigator.serviceWorker.register(worker).catch(() => {});
  addEventListener("load", () => (window.requestIdleCallback ?? setTimeout)(keep));
}
