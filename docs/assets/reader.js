// What the pages do for a reader beyond being read: fill in values, tell whose hours it is, mark what has grown old,
// open tooltips by touch, print. Every page is complete without it; what it adds has the class "live".
"use strict";

{
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

  // ---------------------------------------------------------------- values
  // Entered once for a page, matched against the pattern of data/system.yml, kept by this tab alone.

  const form = document.getElementById("values");
  const space = `runbook:${new URL("..", document.currentScript.src).pathname}:`;
  const memory = {};

  // Private windows may refuse storage: then the values last as long as the page.
  const kept = (name) => {
    try { return sessionStorage.getItem(space + name) ?? ""; } catch { return memory[name] ?? ""; }
  };
  const keep = (name, value) => {
    memory[name] = value;
    try {
      if (value) sessionStorage.setItem(space + name, value);
      else sessionStorage.removeItem(space + name);
    } catch { /* see above */ }
  };
  const fits = (field, value) => new RegExp(`^(?:${field.dataset.pattern})$`, "u").test(value);
  const value = (field) => (fits(field, kept(field.name)) ? kept(field.name) : "");
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

  // A step says which variables it takes (macros/procedures.py); a block outside of the steps takes those that it reads.
  const wanted = (block) => {
    const meta = document.getElementById(`step-${block.id}`)?.nextElementSibling;
    if (meta?.matches(".meta")) return (meta.dataset.values ?? "").split(" ").filter(Boolean);
    return [...new Set([...block.textContent.matchAll(/\$\{([A-Z_]+):\?/g)].map((match) => match[1]))];
  };

  const blocks = form ? all("div.language-bash[id]").map((block) => ({ block, names: wanted(block).filter((name) => form.elements[name]) })) : [];

  const show = () => {
    for (const { block, names } of blocks) {
      if (!names.length) continue;
      const set = names.filter((name) => value(form.elements[name]));
      const missing = names.filter((name) => !set.includes(name));
      const code = block.querySelector("code");
      let line = code.querySelector(".entered");
      if (!line) {
        line = make("span", "entered", "");
        code.prepend(line);
        const link = make("a", "fill live screen-only", "");
        link.href = "#values";
        block.before(link);
        block.fill = link;
      }
      // One line before the block, joined to it: whoever pastes it, whole or line by line, pastes one command.
      line.textContent = set.length ? `${set.map((name) => `${name}=${quote(value(form.elements[name]))}`).join(" ")} &&\n` : "";
      block.fill.textContent = missing.length ? `Fill in ${missing.join(", ")}` : "Change the values";
    }
  };

  const say = (field, text, refused) => {
    document.getElementById(`said-${field.name}`).textContent = text;
    field.setAttribute("aria-invalid", String(refused));
  };

  const accept = (field) => {
    const entered = field.value.trim();
    const before = value(field);
    if (entered && !fits(field, entered)) {
      const still = before ? `The commands keep ${field.name}=${before}.` : `The commands stay without ${field.name}.`;
      say(field, `Refused: only what looks like ${field.dataset.example} may be filled in (${field.dataset.pattern}). ${still}`, true);
      return;
    }
    keep(field.name, entered);
    say(field, entered ? `The commands carry ${field.name}=${quote(entered)}.` : `e.g. ${field.dataset.example}`, false);
    show();
  };

  if (form) {
    const fields = all("input", form);
    for (const field of fields) {
      field.value = value(field);
      accept(field);
      field.addEventListener("change", () => accept(field));
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      fields.forEach(accept);
      (fields.find((field) => field.matches("[aria-invalid=true]")) ?? fields.find((field) => !field.value))?.focus();
    });
    form.addEventListener("reset", () => setTimeout(() => fields.forEach((field) => {
      field.value = "";
      accept(field);
    })));
    form.hidden = false;
    show();
  }

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
