/**
 * The head of the checklist: which run, begin one, take one in, its people, export it.
 *
 * @import {ChecklistState} from "./checklist_state.js"
 * @import {Run} from "./types.js"
 */
import { put, tell } from "./checklist_state.js";
import { make, makeButton } from "./dom.js";
import { toMarkdown, toRecord } from "./record_export.js";
import { LARGEST, readRun } from "./record_import.js";
import { changedItems, itemsOf, renew } from "./record_rules.js";
import { nameOf, utc } from "./run_store.js";

/**
 * A field with its words before it.
 *
 * @param {string} text
 * @param {HTMLElement} input
 */
export const makeField = (text, input) => make("label", {}, make("span", { textContent: text }), input);

/** @param {Record<string, unknown>} more */
export const makeInput = (value = "", more = {}) => make("input", { value, dir: "auto", autocomplete: "off", ...more });

/** @param {string} text */
const makeSummary = (text) => make("summary", { textContent: text });

/**
 * A run at its beginning.
 *
 * @param {ChecklistState} state
 * @param {Pick<Run["run"], "release" | "accounts" | "window" | "change">} names
 * @returns {Run}
 */
const newRun = (state, names) => ({
  kind: "deployment record",
  run: { ...names, started: utc() },
  people: {},
  deputies: {},
  ticks: {},
  overrides: {},
  signatures: [],
  clocks: [],
  earlier: [],
  sheet: state.today,
});

/** @param {ChecklistState} state */
function makeBegin(state) {
  const { facts, today } = state;
  const release = makeInput(facts.release);
  const accounts = makeInput(facts.accounts.join(", "));
  const period = makeInput(facts.window);
  const options = Object.entries(today.classes).map(([value, it]) => make("option", { value, textContent: it?.title }));
  const kind = make("select", {}, ...options);
  kind.value = "normal";
  const begin = (/** @type {Event} */ event) => {
    event.preventDefault();
    const listed = [...new Set(accounts.value.match(/[^\s,]+/g))];
    if (!release.value.trim() || !listed.length) {
      state.say("A run needs a release and at least one account.");
      return;
    }
    state.add(newRun(state, { release: release.value, accounts: listed, window: period.value, change: kind.value }));
    box.open = false;
    state.say("The run has begun. Name the people first.");
  };
  const form = make(
    "form",
    { onsubmit: begin },
    makeField("Release", release),
    makeField("Accounts, in the order of their handover", accounts),
    makeField("Window", period),
    makeField("Change class", kind),
    make("button", { textContent: "Begin" }),
  );
  const box = make("details", {}, makeSummary("Begin a run"), form);
  return box;
}

/** @param {ChecklistState} state */
function makeImport(state) {
  const pasted = make("textarea", { rows: 2, dir: "auto" });
  const takeIn = (/** @type {string} */ source) => {
    try {
      const run = readRun(source, state.today);
      state.add(run);
      state.say(`Imported as a run of its own: ${nameOf(run).slice(0, 200)}. What was here is untouched.`);
    } catch (error) {
      state.say(`Nothing was imported, nothing was changed. ${error instanceof Error ? error.message : error}`);
    }
  };
  const file = make("input", { type: "file", accept: ".json,application/json" });
  file.onchange = async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    takeIn(await chosen.slice(0, LARGEST + 1).text());
    file.value = "";
  };
  return make(
    "details",
    {},
    makeSummary("Import a run from another device"),
    makeField("Exported file", file),
    makeField("Or its text", pasted),
    makeButton("Import", () => takeIn(pasted.value)),
  );
}

/** @param {ChecklistState} state */
function makePeople(state) {
  const { facts, today } = state;
  const box = make("details", { className: "people" }, makeSummary("People: nobody is two of these"));
  const signers = new Set(Object.values(today.signoffs).flatMap((rule) => rule?.roles ?? []));
  /** @type {{part: "people" | "deputies", role: string, input: HTMLInputElement}[]} */
  const fields = [];
  for (const role of today.people)
    for (const part of /** @type {const} */ (["people", "deputies"])) {
      if (part === "deputies" && !signers.has(role)) continue;
      const holder = facts.deputies[role]?.[part === "people" ? 0 : 1];
      const input = makeInput();
      input.oninput = () =>
        state.change((run) => {
          run[part][role] = input.value;
        });
      const label = `${part === "people" ? "" : "Deputy: "}${today.roles[role]}${holder ? ` (${holder})` : ""}`;
      box.append(makeField(label, input));
      fields.push({ part, role, input });
    }
  return { box, fields };
}

/**
 * Hands a text to the reader as a file.
 *
 * @param {Run} run
 * @param {string} text
 * @param {string} type
 * @param {string} ending
 */
function save(run, text, type, ending) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  const name = run.run.release.replace(/[^\w.-]+/g, "_").slice(0, 60) || "run";
  make("a", { href, download: `${name}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

/** @param {ChecklistState} state */
function makeActs(state) {
  const withRun = (/** @type {(run: Run) => void} */ act) => () => {
    const { run } = state;
    if (run) act(run);
  };
  const json = (/** @type {Run} */ run) =>
    save(run, `${JSON.stringify(toRecord(run, Date.now()), null, 1)}\n`, "application/json", "json");
  const markdown = (/** @type {Run} */ run) => save(run, toMarkdown(run, Date.now()), "text/markdown", "md");
  const remove = () => {
    const { store } = state;
    if (!store.current || !confirm("Delete this run from this browser? Export it first if you need it.")) return;
    store.remove(store.current);
    store.current = store.list("run:").at(-1) ?? null;
  };
  return make(
    "div",
    { className: "acts" },
    makeButton("Export JSON", withRun(json)),
    makeButton("Export Markdown", withRun(markdown)),
    makeButton("Print", () => print()),
    makeButton("Delete this run", remove),
  );
}

/**
 * What is to be read when the checklist is no longer that of the run.
 *
 * @param {ChecklistState} state
 * @param {Run} run
 */
function describeChange(state, run) {
  const { today } = state;
  const changed = changedItems(run, today);
  const [old, fresh] = [itemsOf(run.sheet), itemsOf(today)];
  const words = (/** @type {import("./types.js").Item | undefined} */ item) =>
    item ? `»${item.check} …… ${item.value}«` : "nothing";
  const news = [
    "▲ The checklist has changed since this run began:",
    `version ${run.sheet.version}, ${run.sheet.digest}, is now version ${today.version}, ${today.digest}.`,
    `Nothing was ticked anew. ${changed.length} items read otherwise:`,
  ];
  return [
    make("p", { textContent: news.join(" ") }),
    make(
      "ul",
      {},
      ...changed.map((id) =>
        make("li", { textContent: `${id}: was ${words(old.get(id))}, is ${words(fresh.get(id))}` }),
      ),
    ),
    makeButton("Go on with the new version: these items open again, and signatures are void", () =>
      state.change((it) => renew(it, today)),
    ),
  ];
}

/**
 * Builds the head into its place; returns what draws it anew.
 *
 * @param {HTMLElement} host
 * @param {ChecklistState} state
 */
export function setUpHead(host, state) {
  const { store } = state;
  const select = make("select");
  select.onchange = () => state.show(select.value);
  const which = makeField("Run", select);
  const status = make("p", { role: "status" });
  const title = make("p", { className: "title" });
  const news = make("div", { className: "news" });
  const people = makePeople(state);
  const acts = makeActs(state);
  const begin = makeBegin(state);
  host.classList.remove("screen-only");
  host.dataset.tool = "";
  host.append(status, which, title, news, people.box, acts, begin, makeImport(state));
  let offered = false;

  return (/** @type {Run | null} */ run) => {
    const stale = Boolean(run && run.sheet.digest !== state.today.digest);
    const runs = store.list("run:").map((key) => ({ key, run: /** @type {Run | null} */ (store.get(key)) }));
    select.replaceChildren(
      ...runs.flatMap(({ key, run }) =>
        run?.run ? [make("option", { value: key, textContent: nameOf(run).slice(0, 120) })] : [],
      ),
    );
    if (store.current) select.value = store.current;
    which.hidden = people.box.hidden = acts.hidden = title.hidden = !run;
    if (!run && !offered) begin.open = offered = true;
    const lost = "▲ This browser keeps nothing: what you enter is gone when the page is left. Export before you leave.";
    tell(status, [store.kept ? "" : lost, state.message].filter(Boolean).join(" "));
    const facts = run && [
      `Run ${nameOf(run)}`,
      run.sheet.classes[run.run.change]?.title ?? run.run.change,
      `began ${run.run.started}`,
      `checklist version ${run.sheet.version}, ${run.sheet.digest}`,
    ];
    tell(title, facts ? facts.join(" · ") : "");
    news.replaceChildren(...(run && stale ? describeChange(state, run) : []));
    for (const { part, role, input } of people.fields) {
      put(input, run?.[part][role] ?? "");
      input.disabled = !run || stale;
    }
  };
}
