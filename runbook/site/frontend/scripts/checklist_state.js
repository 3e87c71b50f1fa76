/**
 * What the parts of the checklist page share: the run that is shown, and how it is changed.
 *
 * @import {Run, RunFacts} from "./types.js"
 */
import { RunStore } from "./run_store.js";

export class ChecklistState {
  /** The account whose items are shown where each account has its own. */
  account = "";
  /** What was said last to the reader. */
  message = "";
  /** Draws the page anew. */
  render = () => {};

  /**
   * @param {string} space where the browser keeps the runs
   * @param {RunFacts} facts
   */
  constructor(space, facts) {
    this.store = new RunStore(space);
    this.facts = facts;
    this.today = facts.sheet;
  }

  /** @returns {Run | null} */
  get run() {
    return this.store.current ? this.store.get(this.store.current) : null;
  }

  /** @param {(run: Run) => void} how changes the run in place */
  change(how) {
    if (this.store.current) this.store.change(this.store.current, how);
  }

  /**
   * Keeps a run as a new one and shows it.
   *
   * @param {Run} run
   */
  add(run) {
    const key = `run:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    this.store.set(key, run);
    this.show(key);
  }

  /** @param {string | null} key */
  show(key) {
    this.account = "";
    this.store.current = key;
  }

  /** @param {string} text */
  say(text) {
    this.message = text;
    this.render();
  }
}

/**
 * Sets a field where it differs, so that the place of the cursor stays.
 *
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {string} value
 */
export function put(field, value) {
  if (field.value !== value) field.value = value;
}

/**
 * Sets a text where it differs, so that nothing is read aloud twice.
 *
 * @param {Element} element
 * @param {string} text
 */
export function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
