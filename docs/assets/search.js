// The theme asks for the index of its search on every page: the heaviest part of a first visit, and few visits search.
// Here the request waits until the search is wanted. This must run before the theme's script.
"use strict";

{
  const wanted = new Promise((resolve) => {
    // A link into the search (?q=), or from one of its results (?h=).
    if (/[?&][qh]=/.test(location.search)) resolve();
    // A mouse on its way, a finger, and the keys that set the focus.
    for (const name of ["pointerover", "pointerdown", "focusin"])
      addEventListener(name, ({ target }) => target.closest?.('.md-search, [for="__search"]') && resolve());
  });
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    if (String(address).endsWith("/search_index.json")) this.send = (body) => wanted.then(() => send.call(this, body));
    return open.call(this, method, address, ...rest);
  };
}
