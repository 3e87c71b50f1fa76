// The theme asks for the index of its search on every page; it is the heaviest part of a first visit, and few visits search.
// This one holds the request back until the search is wanted. It must run before the theme's script.
"use strict";

{
  const wanted = new Promise((resolve) => {
    // A link into the search (?q=), or from one of its results (?h=), needs the index at once.
    if (/[?&][qh]=/.test(location.search)) resolve();
    const search = (event) => event.target.closest?.('[data-md-component="search"], [for="__search"]') && resolve();
    // A mouse on its way there, a finger, and the keys "/", "f" and "s", which set the focus.
    for (const name of ["pointerover", "pointerdown", "focusin"]) addEventListener(name, search, { passive: true });
  });
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    if (new URL(address, location.href).pathname.endsWith("/search/search_index.json")) this.send = (body) => wanted.then(() => send.call(this, body));
    return open.call(this, method, address, ...rest);
  };
}
