/** Says what time it is at the exchange and at the desk, and beside each window whether a change may begin now. */
import { make } from "./dom.js";
import { clockIn } from "./hours_rule.js";
import { windowVerdict } from "./window_verdict.js";

const SIGNS = { open: "✓", closed: "✗", frozen: "✗", unknown: "▲" };
const holder = document.getElementById("windows-facts");
/** @type {import("./window_verdict.js").WindowFacts} */
const facts = JSON.parse(holder?.textContent ?? "");

/** @param {string} name @param {string} zone @param {Date} now */
function clock(name, zone, now) {
  const { day, time } = clockIn(zone, now);
  return `${name} ${day} ${time}`;
}

function render() {
  const now = new Date();
  const clocks = document.querySelector(".clocks");
  if (clocks) {
    const times = [clock("exchange", facts.exchange, now), clock("desk", facts.desk, now), clock("UTC", "UTC", now)];
    clocks.textContent = `Now: ${times.join(" · ")}`;
  }
  for (const name of document.querySelectorAll("[data-window]")) {
    if (!(name instanceof HTMLElement)) continue;
    const { state, text } = windowVerdict(facts, name.dataset.window ?? "", now.getTime() / 1000);
    const note = name.querySelector(".live") ?? name.appendChild(make("div", { className: "live" }));
    note.textContent = `${SIGNS[state]} ${text}`;
  }
}
render();
setInterval(render, 20_000);
