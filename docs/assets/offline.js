// Keeps a copy of the site in the browser, so that pages, search and checklists work without the network.
// export/offline.py writes sw.js beside the start page; a live preview has none, and nothing happens there.
"use strict";

if ("serviceWorker" in navigator && location.protocol.startsWith("http")) {
  const worker = new URL("../sw.js", document.currentScript.src);
  addEventListener("load", () => {
    navigator.serviceWorker.register(worker).catch(() => {
      // Private windows and plain addresses without encryption refuse; the site works as any other.
    });
  });
}
