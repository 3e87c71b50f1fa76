// Values for the commands of a page: entered once, matched against the pattern of data/system.yml, kept by this tab alone.
// The page is complete without it: a command whose value is missing fails closed.
"use strict";

{
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text });

  const form = document.getElementById("values");
  const space = `runbook:${new URL("..", document.currentScript.src).pathname}:`;
  const memory = {};

  // Private windows may refuse storage: then the values last as long as the page.
  const kept = (name) => {
    try { return sessionStorage.getItem(space + name) ?? ""; } catch { return memory[name] ?? ""; }
  };
  const keep = (name, value) => {
    memory[name] = value;
    try {
      if (value) sessionStorage.setItem(space + name, value);
      else sessionStorage.removeItem(space + name);
    } catch { /* see above */ }
  };
  const fits = (field, value) => new RegExp(`^(?:${field.dataset.pattern})$`, "u").test(value);
  const value = (field) => (fits(field, kept(field.name)) ? kept(field.name) : "");
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

  // A step says which variables it takes (macros/procedures.py); a block outside of the steps takes those that it reads.
  const wanted = (block) => {
    const meta = document.getElementById(`step-${block.id}`)?.nextElementSibling;
    if (meta?.matches(".meta")) return (meta.dataset.values ?? "").split(" ").filter(Boolean);
    return [...new Set([...block.textContent.matchAll(/\$\{([A-Z_]+):\?/g)].map((match) => match[1]))];
  };

  const blocks = form ? all("div.language-bash[id]").map((block) => ({ block, names: wanted(block).filter((name) => form.elements[name]) })) : [];

  const show = () => {
    for (const { block, names } of blocks) {
      if (!names.length) continue;
      const set = names.filter((name) => value(form.elements[name]));
      const missing = names.filter((name) => !set.includes(name));
      const code = block.querySelector("code");
      let line = code.querySelector(".entered");
      if (!line) {
        line = make("span", "entered", "");
        code.prepend(line);
        const link = make("a", "fill live screen-only", "");
        link.href = "#values";
        block.before(link);
        block.fill = link;
      }
      // One line before the block, joined to it: whoever pastes it, whole or line by line, pastes one command.
      line.textContent = set.length ? `${set.map((name) => `${name}=${quote(value(form.elements[name]))}`).join(" ")} &&\n` : "";
      block.fill.textContent = missing.length ? `Fill in ${missing.join(", ")}` : "Change the values";
    }
  };

  const say = (field, text, refused) => {
    document.getElementById(`said-${field.name}`).textContent = text;
    field.setAttribute("aria-invalid", String(refused));
  };

  const accept = (field) => {
    const entered = field.value.trim();
    const before = value(field);
    if (entered && !fits(field, entered)) {
      const still = before ? `The commands keep ${field.name}=${before}.` : `The commands stay without ${field.name}.`;
      say(field, `Refused: only what looks like ${field.dataset.example} may be filled in (${field.dataset.pattern}). ${still}`, true);
      return;
    }
    keep(field.name, entered);
    say(field, entered ? `The commands carry ${field.name}=${quote(entered)}.` : `e.g. ${field.dataset.example}`, false);
    show();
  };

  if (form) {
    const fields = all("input", form);
    for (const field of fields) {
      field.value = value(field);
      accept(field);
      field.addEventListener("change", () => accept(field));
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      fields.forEach(accept);
      (fields.find((field) => field.matches("[aria-invalid=true]")) ?? fields.find((field) => !field.value))?.focus();
    });
    form.addEventListener("reset", () => setTimeout(() => fields.forEach((field) => {
      field.value = "";
      accept(field);
    })));
    form.hidden = false;
    show();
  }
}
