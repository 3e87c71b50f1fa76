/**
 * Values for the commands of a page: entered once, matched against the pattern of data/system.yml, kept by this tab alone.
 * The page is complete without it: a command whose value is missing fails closed.
 */
import { make, ownAddress } from "./dom.js";
import { spaceOf } from "./run_store.js";
import { assignments, fits, quoted, required } from "./value_rules.js";

const space = spaceOf(ownAddress());
/** @type {Map<string, string>} */
const memory = new Map();

/** Private windows may refuse storage: then the values last as long as the page. */
function kept(/** @type {string} */ name) {
  try {
    return sessionStorage.getItem(space + name) ?? "";
  } catch {
    return memory.get(name) ?? "";
  }
}

function keep(/** @type {string} */ name, /** @type {string} */ value) {
  memory.set(name, value);
  try {
    if (value) sessionStorage.setItem(space + name, value);
    else sessionStorage.removeItem(space + name);
  } catch {
    // memory has it
  }
}

const isAllowed = (/** @type {HTMLInputElement} */ field, /** @type {string} */ value) =>
  fits(field.dataset.pattern ?? "", value);

const acceptedValue = (/** @type {HTMLInputElement} */ field) =>
  isAllowed(field, kept(field.name)) ? kept(field.name) : "";

/** A step says which variables it takes (data-values); a block outside of the steps takes those that it reads. */
function namesFor(/** @type {Element} */ block) {
  const meta = document.getElementById(`step-${block.id}`)?.nextElementSibling;
  if (meta instanceof HTMLElement && meta.matches(".meta"))
    return (meta.dataset.values ?? "").split(" ").filter(Boolean);
  return required(block.textContent ?? "");
}

/** Puts a line before a command, and a link before the block; returns what shows the values in them. */
function prepare(/** @type {Element} */ block, /** @type {HTMLInputElement[]} */ fields) {
  const line = make("span", { className: "entered" });
  const link = make("a", { className: "fill live screen-only", href: "#values" });
  block.querySelector("code")?.prepend(line);
  block.before(link);
  return () => {
    const set = fields.filter(acceptedValue);
    const missing = fields.filter((field) => !set.includes(field)).map((field) => field.name);
    line.textContent = assignments(set.map((field) => [field.name, acceptedValue(field)]));
    link.textContent = missing.length ? `Fill in ${missing.join(", ")}` : "Change the values";
  };
}

function setUp(/** @type {HTMLFormElement} */ form) {
  const fields = [...form.querySelectorAll("input")];
  const blocks = [...document.querySelectorAll("div.language-bash[id]")]
    .map((block) => ({ block, names: namesFor(block) }))
    .map(({ block, names }) => ({ block, own: names.flatMap((name) => fields.filter((it) => it.name === name)) }))
    .filter(({ own }) => own.length)
    .map(({ block, own }) => prepare(block, own));
  const show = () => {
    for (const render of blocks) render();
  };

  const say = (/** @type {HTMLInputElement} */ field, /** @type {string} */ text, /** @type {boolean} */ refused) => {
    const said = document.getElementById(`said-${field.name}`);
    if (said) said.textContent = text;
    field.setAttribute("aria-invalid", String(refused));
  };

  const accept = (/** @type {HTMLInputElement} */ field) => {
    const entered = field.value.trim();
    const before = acceptedValue(field);
    const { example, pattern } = field.dataset;
    if (entered && !isAllowed(field, entered)) {
      const still = before ? `The commands keep ${field.name}=${before}.` : `The commands stay without ${field.name}.`;
      say(field, `Refused: only what looks like ${example} may be filled in (${pattern}). ${still}`, true);
      return;
    }
    keep(field.name, entered);
    say(field, entered ? `The commands carry ${field.name}=${quoted(entered)}.` : "", false);
    show();
  };

  for (const field of fields) {
    field.value = acceptedValue(field);
    accept(field);
    field.addEventListener("change", () => accept(field));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fields.forEach(accept);
    const wanting =
      fields.find((field) => field.matches("[aria-invalid=true]")) ?? fields.find((field) => !field.value);
    wanting?.closest("details")?.setAttribute("open", "");
    wanting?.focus();
  });
  // The form empties its fields after the event, to what they were in the page.
  form.addEventListener("reset", () =>
    setTimeout(() => {
      for (const field of fields) {
        field.value = "";
        accept(field);
      }
    }),
  );
  form.hidden = false;
}

const form = document.getElementById("values");
if (form instanceof HTMLFormElement) setUp(form);
