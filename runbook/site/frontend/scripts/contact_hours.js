/** Says what time it is at each contact's, and whether within their hours. */
import { make } from "./dom.js";
import { clockIn, isWithin } from "./hours_rule.js";

function render() {
  for (const mark of document.querySelectorAll("[data-zone].hours")) {
    if (!(mark instanceof HTMLElement)) continue;
    const now = clockIn(mark.dataset.zone ?? "UTC", new Date());
    const open = isWithin(mark.dataset, now);
    const note = mark.querySelector(".live") ?? mark.appendChild(make("span", { className: "live" }));
    const verdict = open ? "✓ within hours" : "✗ outside hours, take the next";
    note.textContent = ` · there it is ${now.day} ${now.time}: ${verdict}`;
    mark.classList.toggle("closed", !open);
  }
}
render();
setInterval(render, 20_000);
