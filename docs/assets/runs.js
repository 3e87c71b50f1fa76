// What the checklist and the clocks keep in this browser: an entry for each run and clock, so that tabs do not overwrite one another.
// Where the browser refuses, memory keeps it, and `kept` says so.
"use strict";

const Runs = (() => {
  // Other sites may share the host.
  const space = `runbook:${new URL("..", document.currentScript.src).pathname}:`;
  const memory = new Map();
  const listeners = [];
  let storage = null;
  try {
    storage = window.localStorage;
    storage.setItem(`${space}test`, "1");
    storage.removeItem(`${space}test`);
  } catch {
    storage = null;
  }

  const self = {
    kept: Boolean(storage),

    get(key) {
      const text = memory.has(key) ? memory.get(key) : storage?.getItem(space + key);
      try {
        return JSON.parse(text ?? "null");
      } catch {
        return null;
      }
    },

    set(key, value) {
      const text = JSON.stringify(value);
      try {
        storage.setItem(space + key, text);
        memory.delete(key);
      } catch {
        self.kept = false; // denied, or full
        memory.set(key, text);
      }
      listeners.forEach((listener) => listener());
    },

    // Reads again before it writes: another tab may have written since.
    change(key, how) {
      const value = self.get(key);
      if (value) {
        how(value);
        self.set(key, value);
      }
    },

    remove(key) {
      memory.delete(key);
      storage?.removeItem(space + key);
      listeners.forEach((listener) => listener());
    },

    list(prefix) {
      const stored = storage ? Object.keys(storage).filter((key) => key.startsWith(space)) : [];
      const keys = new Set([...stored.map((key) => key.slice(space.length)), ...memory.keys()]);
      return [...keys].filter((key) => key.startsWith(prefix)).sort();
    },

    // Calls back after every change, of this tab or of another.
    watch(listener) {
      listeners.push(listener);
      addEventListener("storage", (event) => (event.key === null || event.key.startsWith(space)) && listener());
    },

    // The run that this tab shows; a new tab begins with the one that was shown last.
    get current() {
      let key = null;
      try {
        key = sessionStorage.getItem(space);
      } catch {} // refused: the last one serves
      key ??= self.get("last");
      return key && self.get(key) ? key : null;
    },

    set current(key) {
      try {
        sessionStorage.setItem(space, key ?? "");
      } catch {}
      self.set("last", key);
    },

    now: (at = Date.now()) => new Date(at).toISOString().replace(/\.\d+/, ""),

    name: (it) => `${it.run.release} · ${it.run.accounts.join(", ")} · ${it.run.window}`,

    // An element; text is only ever text.
    make(tag, properties = {}, ...children) {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(properties)) {
        if (name in element) element[name] = value;
        else element.setAttribute(name, value);
      }
      element.append(...children);
      return element;
    },
  };
  return self;
})();
