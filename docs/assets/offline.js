// Keeps a copy of the site in the browser, so that pages, search and checklists work without the network.
// export/offline.py writes sw.js beside the start page; a live preview has none, and its pages do not ask for this script.
"use strict";

if ("serviceWorker" in navigator && location.protocol.startsWith("http")) {
  const worker = new URL("../sw.js", document.currentScript.src);
  const keep = () => navigator.serviceWorker.register(worker).catch(() => {
    // Private windows and plain addresses without encryption refuse; the site works as any other.
  });
  // The copy waits until the page is there and the browser has nothing better to do: it must not compete with the first visit.
  addEventListener("load", () => (window.requestIdleCallback ? requestIdleCallback(keep) : setTimeout(keep, 2000)));
}
