// Makes the site work without its server: asks the network first, answers from the copy when that fails.
// offline_copy.py writes one line before it: `const EDITION = {...};`, the edition that the copy is of.

/** @type {ServiceWorkerGlobalScope} */
const worker = /** @type {any} */ (self);
const { registration } = worker;

const OWN = `runbook ${new URL(registration.scope).pathname} `;
const CACHE = `${OWN}${EDITION.audience} ${EDITION.version}`;
// Milliseconds. A network that neither answers nor fails is worse than none.
const PATIENCE = 4000;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(
        EDITION.files.map((file) => new Request(new URL(file, registration.scope), { cache: "reload" })),
      );
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      // Older editions and the other audience at this address; never the caches of a neighbour on the same host.
      const old = (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== CACHE);
      await Promise.all(old.map((name) => caches.delete(name)));
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !url.href.startsWith(registration.scope)) return;
  event.respondWith(answer(request, url));
});

/**
 * @param {Request} request
 * @param {URL} url
 */
async function answer(request, url) {
  let live;
  try {
    // Asks the server even where the browser's own cache has something: that one cannot say how old it is.
    live = await fetch(request, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE) });
    if (live.status < 500) return live;
  } catch {
    // No network, or too slow a one: the copy below.
  }
  const kept = await copy(url);
  if (!kept) return live || Response.error();
  return request.mode === "navigate" ? marked(kept) : kept;
}

/**
 * The copy of a file of this edition, whatever follows the question mark; a folder with or without its slash.
 *
 * @param {URL} url
 */
async function copy(url) {
  const cache = await caches.open(CACHE);
  const path = url.origin + url.pathname.replace(/index\.html$/, "");
  return (await cache.match(path)) || cache.match(`${path}/`);
}

/**
 * A page from the copy says so, at its top, in words.
 *
 * @param {Response} response
 */
async function marked(response) {
  const style = "background:#000;color:#fff;font-weight:700;margin:0;padding:.5rem 1rem;text-align:center";
  const note = `<p role="status" data-offline-copy style="${style}">Offline copy of ${EDITION.made}. The site could not be reached.</p>`;
  const text = (await response.text()).replace(/<body[^>]*>/, (tag) => tag + note);
  return new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}
