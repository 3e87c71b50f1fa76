// What the pages do for a reader beyond being read: tell whose hours it is, mark what has grown old, open tooltips by
// touch, print. Every page is complete without it; what it adds has the class "live".
"use strict";

{
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

  // -------------------------------------------------------------- contacts
  // The same rule as `reachable` in macros/book.py.

  const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

  const there = (zone) => {
    const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const parts = Object.fromEntries(format.formatToParts(Date.now()).map((part) => [part.type, part.value]));
    return { day: DAYS.indexOf(parts.weekday), time: `${parts.hour}:${parts.minute}`, name: parts.weekday };
  };

  const within = ({ days, from, to }, now) => {
    if (!days) return true;
    const [first, last = first] = days.split("-").map((day) => DAYS.indexOf(day));
    const length = (last - first + 7) % 7;
    const into = (now.day - first + 7) % 7;
    if (from < to) return into <= length && from <= now.time && now.time < to;
    // Past midnight: the last day is the one on which they end.
    const nights = length || 1;
    return (into < nights && now.time >= from) || ((into + 6) % 7 < nights && now.time < to);
  };

  const clocks = () => {
    for (const mark of all(".hours")) {
      const now = there(mark.dataset.zone);
      const open = within(mark.dataset, now);
      const note = mark.querySelector(".live") ?? mark.appendChild(make("span", "live", ""));
      note.textContent = ` · there it is ${now.name} ${now.time}: ${open ? "✓ within hours" : "✗ outside hours, take the next"}`;
      mark.classList.toggle("closed", !open);
    }
  };
  clocks();
  setInterval(clocks, 20_000);

  // ------------------------------------------------------------------- age

  for (const time of all("time[data-days]")) {
    const age = Math.floor((Date.now() - Date.parse(time.dateTime)) / 86_400_000);
    const old = age > Number(time.dataset.days);
    time.after(make("span", old ? "live stale" : "live", ` (${age === 1 ? "1 day" : `${age} days`} ago${old ? `; ▲ stale: ${time.dataset.old}` : ""})`));
  }

  // -------------------------------------------------------------- tooltips
  // By mouse and keyboard they open in the style sheet. A finger opens with the first tap and follows the link with the second.

  let touched = false;
  addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; }, true);
  const close = (but) => all(".t.open").forEach((tip) => tip === but || tip.classList.remove("open"));
  addEventListener("click", (event) => {
    const tip = event.target.closest?.(".t");
    close(tip);
    if (tip && touched && !tip.classList.contains("open")) {
      event.preventDefault();
      tip.classList.remove("shut");
      tip.classList.add("open");
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    all(".t:hover, .t:focus-within").forEach((tip) => {
      tip.classList.add("shut");
      for (const end of ["focusout", "pointerleave"]) tip.addEventListener(end, () => tip.classList.remove("shut"), { once: true });
    });
  });

  // ----------------------------------------------------------------- print

  for (const button of all("button.print")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}
