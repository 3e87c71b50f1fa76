// What the pages do for a reader beyond being read: mark what has grown old, open tooltips by touch, print. What it adds has the
// class "live".
"use strict";

{
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

  for (const time of all("time[data-days]")) {
    const age = Math.floor((Date.now() - Date.parse(time.dateTime)) / 86_400_000);
    const old = age > Number(time.dataset.days);
    time.after(make("span", old ? "live stale" : "live", ` (${age === 1 ? "1 day" : `${age} days`} ago${old ? `; ▲ stale: ${time.dataset.old}` : ""})`));
  }

  // Tooltips open by mouse and keyboard in the style sheet; a finger opens with the first tap, and follows with the second.
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

  for (const button of all("button.print")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}
