/** An element with its properties, attributes and children. Text is only ever text. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} properties those that an element of this kind has become properties, the others attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) Object.assign(element, { [name]: value });
    else element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * @param {string} text
 * @param {() => unknown} onclick
 * @param {Record<string, unknown>} more
 */
export const makeButton = (text, onclick, more = {}) =>
  make("button", { type: "button", textContent: text, onclick, ...more });

/** Marks what needs scripts, so that nothing counts it among the words of the page. */
export const makeTool = (/** @type {string} */ kind, /** @type {(Node | string)[]} */ ...children) =>
  make("div", { className: `tool ${kind}`, "data-tool": "" }, ...children);

/** Says whether an event came from an element, rather than from the window or the document. */
export const elementOf = (/** @type {Event} */ event) => (event.target instanceof Element ? event.target : null);

/** Where the running script was loaded from; to be called while it is. */
export const ownAddress = () => /** @type {HTMLScriptElement} */ (document.currentScript).src;
