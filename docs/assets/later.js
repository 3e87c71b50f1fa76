// What can wait: the theme's script (search, colours, copying), which keeps a telephone busy while its reader looks for the step; the
// index of the search, the heaviest part of a first visit; the offline copy.
"use strict";

{
  // Only a built site has a service worker (export/offline.py). Private windows refuse it, and are served as ever.
  const { worker } = document.currentScript.dataset;
  const keep = () => navigator.serviceWorker.register(worker).catch(() => {});
  if (worker && navigator.serviceWorker) addEventListener("load", () => (window.requestIdleCallback ?? setTimeout)(keep));
}

addEventListener("DOMContentLoaded", () => {
  const theme = document.getElementById("theme");
  const toggle = document.getElementById("__search");
  const field = document.querySelector(".md-search__input");
  const label = '[for="__search"]';
  // A link into the search, or from one of its results.
  const searched = /[?&][qh]=/.test(location.search);
  const on = (names, how) => names.forEach((name) => addEventListener(name, how, true));

  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    const script = document.createElement("script");
    script.onload = () => {
      theme.remove();
      document$.next(document); // a moment that it waits for, and has missed
      // At a section's address it closes the search first.
      if (toggle.checked) setTimeout(() => toggle.checked || (toggle.click(), field.focus()), 150);
    };
    script.src = theme.href;
    document.body.append(script);
  };
  setTimeout(begin, searched ? 0 : 10_000);
  // A finger on a link goes elsewhere, and at once.
  on(["pointermove", "pointerdown", "touchmove", "wheel", "keydown"], ({ pointerType, target }) => (pointerType === "touch" && target.closest("a")) || begin());

  // The search opens with the first press, and takes what is typed from then on.
  on(["click"], ({ target }) => target.closest(`header ${label}`) && field.focus());
  on(["keydown"], (event) => {
    if (!theme.isConnected || !"/fs".includes(event.key) || event.ctrlKey || event.metaKey || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    if (!toggle.checked) toggle.click();
    field.focus();
  });

  // Nothing but the index is asked for in this way.
  const wanted = new Promise((resolve) => {
    if (searched) resolve();
    on(["pointerover", "focusin"], ({ target }) => target.closest(`.md-search, ${label}`) && resolve());
  });
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function () {
    wanted.then(() => send.call(this));
  };

  document.documentElement.classList.replace("no-js", "js");
});
