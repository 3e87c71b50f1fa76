// Says what time it is at each contact's, and whether within their hours: the same rule as `reachable` in macros/book.py.
"use strict";

{
  const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

  const there = (zone) => {
    const [name, time] = new Date().toLocaleString("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).split(/,? /);
    return { day: DAYS.indexOf(name), name, time };
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
    for (const mark of document.querySelectorAll(".hours")) {
      const now = there(mark.dataset.zone);
      const open = within(mark.dataset, now);
      const note = mark.querySelector(".live") ?? mark.appendChild(Object.assign(document.createElement("span"), { className: "live" }));
      note.textContent = ` · there it is ${now.name} ${now.time}: ${open ? "✓ within hours" : "✗ outside hours, take the next"}`;
      mark.classList.toggle("closed", !open);
    }
  };
  clocks();
  setInterval(clocks, 20_000);
}
