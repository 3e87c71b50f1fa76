/**
 * What must hold in a run besides its sign-offs (signoff_rule.js): what is done, what is open, what has changed.
 * runbook/data/checks/deployment_records.py asks the same of the record that is exported.
 *
 * @import {Item, Pause, Run, Sheet} from "./types.js"
 */
import { judgeSignoff } from "./signoff_rule.js";

/**
 * The accounts for which a pause point is gone through; one without a name where it is gone through once.
 *
 * @param {Run} run
 * @param {Pause} pause
 */
export const accountsOf = (run, pause) => (pause.each ? run.run.accounts : [""]);

/**
 * The key of the tick of an item.
 *
 * @param {string} account
 * @param {Item} item
 */
export const tickKey = (account, item) => (account ? `${account}/${item.id}` : item.id);

/**
 * @param {Run} run
 * @param {string} key
 */
export function isDone(run, key) {
  const tick = run.ticks[key];
  return Boolean(tick?.at && tick.seen.trim() && tick.by.trim());
}

/**
 * How many items of a pause point are done for an account.
 *
 * @param {Run} run
 * @param {Pause} pause
 * @param {string} account
 */
export const countDone = (run, pause, account) =>
  pause.items.filter((item) => isDone(run, tickKey(account, item))).length;

/**
 * Whether a pause point is complete for an account.
 *
 * @param {Run} run
 * @param {Pause} pause
 * @param {string} account
 * @param {number} now
 */
export const isComplete = (run, pause, account, now) =>
  countDone(run, pause, account) === pause.items.length && (judgeSignoff(run, pause, now)?.holds ?? true);

/**
 * Whether a pause point may be worked on: the one before is complete, or it was opened early with a reason.
 *
 * @param {Run} run
 * @param {number} number
 * @param {number} now
 */
export function isOpen(run, number, now) {
  const before = run.sheet.pauses[number - 1];
  const here = run.sheet.pauses[number];
  if (!before || (here && run.overrides[here.id])) return true;
  const account = accountsOf(run, before)[0] ?? "";
  return countDone(run, before, account) === before.items.length && (judgeSignoff(run, before, now)?.opens ?? true);
}

/**
 * The last pause point up to which all is complete, or was opened early.
 *
 * @param {Run} run
 * @param {number} now
 */
export function completeThrough(run, now) {
  const { pauses } = run.sheet;
  let last = pauses[0]?.id ?? "";
  for (const [number, pause] of pauses.entries()) {
    if (accountsOf(run, pause).every((account) => isComplete(run, pause, account, now))) last = pause.id;
    else if (!run.overrides[pauses[number + 1]?.id ?? ""]) break;
  }
  return last;
}

/**
 * The items of a checklist by their id.
 *
 * @param {Sheet} sheet
 */
export const itemsOf = (sheet) =>
  new Map(sheet.pauses.flatMap((pause) => pause.items.map((item) => /** @type {[string, Item]} */ ([item.id, item]))));

/** @param {Item | undefined} item */
const words = (item) => item && JSON.stringify([item.check, item.value, item.by, item.evidence]);

/**
 * The items whose words are no longer those that were ticked.
 *
 * @param {Run} run
 * @param {Sheet} today
 */
export function changedItems(run, today) {
  if (run.sheet.digest === today.digest) return [];
  const [old, fresh] = [itemsOf(run.sheet), itemsOf(today)];
  return [...new Set([...old.keys(), ...fresh.keys()])].filter((id) => words(old.get(id)) !== words(fresh.get(id)));
}

/**
 * Goes over to today's checklist; what was ticked on other words is kept as it was, and signatures are void.
 *
 * @param {Run} run changed in place
 * @param {Sheet} today
 */
export function renew(run, today) {
  const changed = new Set(changedItems(run, today));
  const old = itemsOf(run.sheet);
  const { version } = run.sheet;
  for (const [key, tick] of Object.entries(run.ticks)) {
    const id = key.slice(key.lastIndexOf("/") + 1);
    if (!changed.has(id) || !tick) continue;
    const item = old.get(id);
    run.earlier.push({ item: key, version, check: item ? `${item.check} …… ${item.value}` : "", tick });
    delete run.ticks[key];
  }
  for (const sign of run.signatures)
    run.earlier.push({
      item: `${sign.signoff}/${sign.role}`,
      version,
      check: "signature",
      tick: { at: sign.at, seen: "", by: sign.by },
    });
  run.signatures = [];
  run.sheet = today;
}
