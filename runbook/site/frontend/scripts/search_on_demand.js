/**
 * The index of the search is the heaviest part of a visit: two thirds as much again as everything else together. The theme asks for
 * it on every page as soon as its script runs; here it waits until somebody turns to the search.
 * tests/browser names what this relies on in the theme.
 */

const INDEX = "search/search_index.json";
const SEARCH = '.md-search, [for="__search"]';

/** Fulfilled when the search is wanted: pointed at, in focus by a key, or named in the address. */
const wanted = new Promise((resolve) => {
  // A link into the search, or from one of its results.
  if (/[?&][qh]=/.test(location.search)) resolve(undefined);
  for (const name of ["pointerover", "focusin"])
    addEventListener(
      name,
      ({ target }) => target instanceof Element && target.closest(SEARCH) && resolve(undefined),
      true,
    );
});

/** To be called before the theme's script runs. */
export function holdSearchIndex() {
  window.XMLHttpRequest = class extends XMLHttpRequest {
    #waits = false;

    /**
     * @param {string} method
     * @param {string | URL} url
     * @param {any[]} rest
     */
    open(method, url, ...rest) {
      this.#waits = String(url).endsWith(INDEX);
      super.open(method, url, .../** @type {[boolean]} */ (rest.length ? rest : [true]));
    }

    /** @param {Document | XMLHttpRequestBodyInit | null} [body] */
    send(body) {
      if (this.#waits) wanted.then(() => super.send(body));
      else super.send(body);
    }
  };
}
