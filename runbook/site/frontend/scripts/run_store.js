/**
 * What the checklist and the clocks keep in this browser: an entry for each run and clock, so that tabs do not overwrite one another.
 * Where the browser refuses, memory keeps it, and `kept` says so.
 *
 * @import {Run} from "./types.js"
 */

/** The time as a record has it: UTC, whole seconds. */
export const utc = (at = Date.now()) => new Date(at).toISOString().replace(/\.\d+/, "");

/** @param {Run} it */
export const nameOf = (it) => `${it.run.release} · ${it.run.accounts.join(", ")} · ${it.run.window}`;

/**
 * What is before each key that a page of this site keeps: other sites may share the host.
 *
 * @param {string} script the address of a script in assets/
 */
export const spaceOf = (script) => `runbook:${new URL("..", script).pathname}:`;

export class RunStore {
  /** Whether the browser keeps what is entered. */
  kept = true;
  /** @type {Map<string, string>} */
  #memory = new Map();
  /** @type {(() => void)[]} */
  #listeners = [];

  /**
   * @param {string} space what stands before each key
   * @param {() => Storage} local gives the storage of all tabs; may throw
   * @param {() => Storage} session gives the storage of this tab; may throw
   */
  constructor(space, local = () => window.localStorage, session = () => window.sessionStorage) {
    this.space = space;
    this.session = session;
    /** @type {Storage | null} */
    this.storage = null;
    try {
      const storage = local();
      storage.setItem(`${space}test`, "1");
      storage.removeItem(`${space}test`);
      this.storage = storage;
    } catch {
      this.kept = false;
    }
  }

  /**
   * The value of a key, or null.
   *
   * @param {string} key
   * @returns {any}
   */
  get(key) {
    const text = this.#memory.get(key) ?? this.storage?.getItem(this.space + key);
    try {
      return JSON.parse(text ?? "null");
    } catch {
      return null;
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   */
  set(key, value) {
    const text = JSON.stringify(value);
    try {
      if (!this.storage) throw new Error("denied");
      this.storage.setItem(this.space + key, text);
      this.#memory.delete(key);
    } catch {
      this.kept = false; // denied, or full
      this.#memory.set(key, text);
    }
    this.#tell();
  }

  /**
   * Reads again before it writes: another tab may have written since.
   *
   * @param {string} key
   * @param {(value: any) => void} how changes the value in place
   */
  change(key, how) {
    const value = this.get(key);
    if (!value) return;
    how(value);
    this.set(key, value);
  }

  /** @param {string} key */
  remove(key) {
    this.#memory.delete(key);
    this.storage?.removeItem(this.space + key);
    this.#tell();
  }

  /**
   * The keys that begin with a prefix, in order.
   *
   * @param {string} prefix
   */
  list(prefix) {
    const { space } = this;
    const stored = this.storage ? Object.keys(this.storage).filter((key) => key.startsWith(space)) : [];
    const keys = new Set([...stored.map((key) => key.slice(space.length)), ...this.#memory.keys()]);
    return [...keys].filter((key) => key.startsWith(prefix)).sort();
  }

  /**
   * Calls back after every change, of this tab or of another.
   *
   * @param {() => void} listener
   */
  watch(listener) {
    this.#listeners.push(listener);
    addEventListener("storage", (event) => (event.key === null || event.key.startsWith(this.space)) && listener());
  }

  /** The key of the run that this tab shows; a new tab begins with the one that was shown last. */
  get current() {
    let key = null;
    try {
      key = this.session().getItem(this.space);
    } catch {
      // refused: the last one serves
    }
    key ??= this.get("last");
    return key && this.get(key) ? key : null;
  }

  set current(key) {
    try {
      this.session().setItem(this.space, key ?? "");
    } catch {
      // refused: the last one serves
    }
    this.set("last", key);
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}
