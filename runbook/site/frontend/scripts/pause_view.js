/**
 * A pause point of the checklist: its items with what was seen, how far it is, its sign-off.
 *
 * @import {ChecklistState} from "./checklist_state.js"
 * @import {Item, Pause, Run, Tick} from "./types.js"
 */
import { put, tell } from "./checklist_state.js";
import { make, makeButton, makeTool } from "./dom.js";
import { accountsOf, changedItems, countDone, isOpen, tickKey } from "./record_rules.js";
import { makeField, makeInput } from "./run_head.js";
import { utc } from "./run_store.js";
import { isVoid, judgeSignoff, namedTwice } from "./signoff_rule.js";

/**
 * Puts the fields of an item into its line of the list.
 *
 * @param {ChecklistState} state
 * @param {Element} list
 * @param {Pause} pause
 * @param {Item} item
 * @param {number} number
 */
function setUpItem(state, list, pause, item, number) {
  const { store } = state;
  const key = () => tickKey(pause.each ? state.account : "", item);
  const tick = (/** @type {(tick: Tick) => void} */ how) =>
    state.change((run) => {
      run.ticks[key()] ??= { at: null, seen: "", by: "" };
      how(/** @type {Tick} */ (run.ticks[key()]));
    });
  const label = `${number}. ${item.check}`;
  const box = make("input", { type: "checkbox", id: `tick-${item.id}` });
  box.onchange = () =>
    tick((it) => {
      it.at = box.checked ? utc() : null;
      if (box.checked) it.by ||= store.get("initials") ?? "";
    });
  const seen = make("textarea", {
    rows: 1,
    dir: "auto",
    "aria-label": `${label}: seen, ${item.evidence}`,
    placeholder: item.evidence,
  });
  seen.oninput = () =>
    tick((it) => {
      it.seen = seen.value;
    });
  const by = makeInput("", { className: "by", "aria-label": `${label}: initials`, placeholder: "initials" });
  by.oninput = () => {
    tick((it) => {
      it.by = by.value;
    });
    store.set("initials", by.value);
  };
  const at = make("span", { className: "at" });
  const words = list.querySelector(`#item-${item.id}`);
  const handle = make("label", { htmlFor: box.id });
  words?.replaceWith(handle);
  if (words) handle.append(words);
  handle.before(box);
  handle.closest("li")?.append(makeTool("seen", seen, by, at));

  return (/** @type {Run | null} */ run, /** @type {boolean} */ changed, /** @type {boolean} */ open) => {
    const it = run && !changed ? run.ticks[key()] : null;
    box.checked = Boolean(it?.at);
    put(seen, it?.seen ?? "");
    put(by, it?.by ?? "");
    let text = "";
    if (it?.at) {
      const missing = it.seen.trim() ? (it.by.trim() ? "" : "initials") : "value";
      text = missing ? `${it.at} · ▲ ${missing} missing` : `✓ ${it.at}`;
    }
    tell(at, text);
    box.disabled = seen.disabled = by.disabled = !open;
  };
}

/**
 * Draws the sign-off of a pause point.
 *
 * @param {ChecklistState} state
 * @param {HTMLElement} host
 * @param {Run} run
 * @param {Pause} pause
 */
function renderSignoff(state, host, run, pause) {
  const signoff = judgeSignoff(run, pause, Date.now());
  host.hidden = !signoff;
  if (!signoff) return;
  const focused = host.contains(document.activeElement) && document.activeElement?.getAttribute("data-as");
  const frozen = changedItems(run, state.today).length > 0;

  const makeSign = (/** @type {string} */ role, /** @type {boolean} */ deputy) => {
    const who = ((deputy ? run.deputies : run.people)[role] ?? "").trim();
    const text = who ? `Sign as ${deputy ? "deputy " : ""}${who}` : `No ${deputy ? "deputy" : "one"} named`;
    const sign = () =>
      state.change((to) => {
        to.signatures.push({ signoff: signoff.name, role, deputy, by: who, at: utc() });
      });
    return makeButton(text, sign, { disabled: !who || frozen, "data-as": `${role} ${deputy}` });
  };
  const makeRole = (/** @type {string} */ role) => {
    const sign = signoff.signed.get(role);
    let text = "○ not signed ";
    if (sign) {
      const by = `${sign.by}${sign.deputy ? ", deputy" : ""}`;
      text = isVoid(run, sign) ? `✗ void: ${by} signed and is not named here ` : `✓ ${by}, ${sign.at} `;
    }
    return make("p", {}, `${run.sheet.roles[role]}: ${text}`, makeSign(role, false), makeSign(role, true));
  };

  const twice = namedTwice(run);
  const { reasons, until } = signoff;
  let time = until ? `valid until ${utc(until)}` : "";
  if (reasons.has("late")) time = "✗ signed after the first handover: a sign-off comes before it";
  if (until && reasons.has("expired")) time = `✗ expired at ${utc(until)}: sign again`;
  const summary = [
    `${signoff.holds ? "✓" : "○"} Sign-off: ${signoff.rule.title}.`,
    `${signoff.counted.length} of ${signoff.rule.quorum} signed.`,
    time,
  ];
  const eyes = twice.length
    ? `✗ Four eyes: named twice: ${twice.join(", ")}. Name somebody else.`
    : "✓ Four eyes: nobody is named twice.";
  host.replaceChildren(
    make("strong", { textContent: summary.join(" ") }),
    make("p", { textContent: eyes }),
    ...signoff.rule.roles.map(makeRole),
  );
  if (focused) /** @type {HTMLElement | null} */ (host.querySelector(`[data-as="${focused}"]`))?.focus();
}

/**
 * Makes a pause point a tool; returns what draws it anew, or null where the page does not have it.
 *
 * @param {ChecklistState} state
 * @param {Pause} pause
 * @param {number} number
 */
export function setUpPause(state, pause, number) {
  const { today } = state;
  const list = document.querySelector(`.checklist[data-pause="${pause.id}"]`);
  if (!list) return null;
  const items = pause.items.map((item, i) => ({ item, render: setUpItem(state, list, pause, item, i + 1) }));
  const bar = make("progress", { max: pause.items.length, "aria-label": `${pause.title}: items done` });
  const told = make("span");
  const chosen = make("select");
  chosen.onchange = () => {
    state.account = chosen.value;
    state.render();
  };
  const account = makeField("Account", chosen);
  const reason = make("textarea", { rows: 1, dir: "auto" });
  const openEarly = () => {
    if (!reason.value.trim()) {
      state.say("Opening early needs a reason: write why.");
      return;
    }
    state.change((run) => {
      run.overrides[pause.id] = { at: utc(), reason: reason.value };
    });
  };
  const early = make(
    "details",
    {},
    make("summary", { textContent: "Open it now, with a reason" }),
    makeField("Reason, for the record", reason),
    makeButton("Open", openEarly),
  );
  const head = makeTool("progress", account, make("p", {}, bar, told), early);
  const signs = makeTool("signs");
  list.before(head);
  list.after(signs);

  return (/** @type {Run | null} */ run) => {
    const stale = Boolean(run && run.sheet.digest !== today.digest);
    const changed = new Set(run ? changedItems(run, today) : []);
    const open = Boolean(run && !stale && isOpen(run, number, Date.now()));
    head.hidden = signs.hidden = !run;
    for (const { item, render } of items) render(run, changed.has(item.id), open);
    if (!run) return;
    const own = run.sheet.pauses.find((each) => each.id === pause.id) ?? pause;
    const size = own.items.length;
    const counts = accountsOf(run, pause).map((each) => ({ each, done: countDone(run, own, each) }));
    const here = counts.find(({ each }) => each === (pause.each ? state.account : ""))?.done ?? 0;
    bar.max = size;
    bar.value = here;
    const override = run.overrides[pause.id];
    const sums = counts.length > 1 ? ` (${counts.map(({ each, done }) => `${each} ${done}/${size}`).join(", ")})` : "";
    const because = override ? ` · opened early at ${override.at}: ${override.reason}` : "";
    const closed = open || stale ? "" : ` · closed until »${today.pauses[number - 1]?.title}« is complete`;
    tell(told, `${here === size ? "✓ " : ""}${here} of ${size}${sums}${because}${closed}`);
    early.hidden = open || stale;
    account.hidden = !pause.each;
    if (pause.each) {
      chosen.replaceChildren(
        ...run.run.accounts.map((value) => make("option", { value, textContent: value.slice(0, 120) })),
      );
      chosen.value = state.account;
    }
    if (stale) signs.hidden = true;
    else renderSignoff(state, signs, run, pause);
  };
}
