/**
 * Whether a sign-off of a run holds: the rule of runbook/data/signoff_rule.py, which judges the exported record in the build.
 * Both are tested with the cases in tests/fixtures/record_cases: a change of the rule begins there.
 *
 * @import {Pause, Run, Signature} from "./types.js"
 */

/** @typedef {"quorum" | "void" | "expired" | "late" | "four-eyes"} Reason why a sign-off does not hold */

/** @param {string} name */
const folded = (name) => name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase().toUpperCase();

/**
 * Whether two names are one person's: spaces, case and the width of letters make no difference.
 *
 * @param {string} one
 * @param {string} other
 */
export const isSamePerson = (one, other) => folded(one) === folded(other);

/**
 * The names that stand in two roles, each once.
 *
 * @param {Run} run
 */
export function namedTwice(run) {
  const names = [...Object.values(run.people), ...Object.values(run.deputies)].filter((name) => name?.trim());
  const seen = /** @type {string[]} */ (names);
  return [...new Set(seen.filter((name, i) => seen.findIndex((other) => isSamePerson(other, name)) < i))];
}

/**
 * When the first account was handed over, or null: the first tick of an item that is asked for each account.
 *
 * @param {Run} run
 */
export function firstHandover(run) {
  const items = run.sheet.pauses.filter((pause) => pause.each).flatMap((pause) => pause.items);
  const ticks = run.run.accounts.flatMap((account) => items.map((item) => run.ticks[`${account}/${item.id}`]));
  const times = ticks.map((tick) => tick?.at).filter((at) => typeof at === "string" && at !== "");
  return times.sort()[0] ?? null;
}

/**
 * The sign-off that ends a pause point in this run; null where none is asked for, e.g. no verdict without a soak.
 *
 * @param {Run} run
 * @param {Pause} pause
 */
export function askedSignoff(run, pause) {
  const change = run.sheet.classes[run.run.change];
  if (pause.signoff === "class") return change?.signoff ?? null;
  return change?.soak ? pause.signoff : null;
}

/**
 * Whether a signature is not by the person, or the deputy, who is named for its role.
 *
 * @param {Run} run
 * @param {Signature} sign
 */
export function isVoid(run, sign) {
  const named = (sign.deputy ? run.deputies : run.people)[sign.role] ?? "";
  return !sign.by.trim() || !isSamePerson(sign.by, named);
}

/**
 * What is wrong with the time of a signature; null when nothing is.
 *
 * @param {string} at
 * @param {boolean} first whether it is the earliest of its sign-off
 * @param {number} compared milliseconds: the first handover, or now when there was none
 * @param {boolean} begun whether there was a handover
 * @param {number} valid seconds
 * @param {number | null} late seconds within which all but the first may follow the handover
 * @returns {"expired" | "late" | null}
 */
function timeReason(at, first, compared, begun, valid, late) {
  const age = (compared - Date.parse(at)) / 1000;
  if (age > valid) return "expired";
  return begun && age < 0 && (late === null || first || -age > late) ? "late" : null;
}

/**
 * Applies the rule to the sign-off of one pause point; null where none is asked for, or its rule is missing.
 * signed: the last signature of each role of the rule. counted: those roles whose signatures count, in the order of the rule.
 * reasons: why it does not hold, each once. opens: whether the run may go on, also with a signature that may follow later.
 * until: when it expires, in milliseconds, or null.
 *
 * @param {Run} run
 * @param {Pause} pause
 * @param {number} now milliseconds
 */
export function judgeSignoff(run, pause, now) {
  const name = askedSignoff(run, pause);
  const rule = name ? run.sheet.signoffs[name] : undefined;
  if (!name || !rule) return null;
  const late = run.sheet.classes[run.run.change]?.late ?? null;
  /** @type {Map<string, Signature>} */
  const signed = new Map();
  for (const sign of run.signatures)
    if (sign.signoff === name && rule.roles.includes(sign.role)) signed.set(sign.role, sign);
  const valid = [...signed.values()].filter((sign) => !isVoid(run, sign));
  const counted = rule.roles.filter((role) => valid.some((sign) => sign.role === role));

  /** @type {Set<Reason>} */
  const reasons = new Set();
  if (valid.length < signed.size) reasons.add("void");
  if (counted.length < rule.quorum) reasons.add("quorum");
  if (namedTwice(run).length) reasons.add("four-eyes");
  const handover = firstHandover(run);
  const compared = handover ? Date.parse(handover) : now;
  const times = valid.map((sign) => sign.at).sort();
  const timed = pause.signoff === "class";
  for (const [i, at] of timed ? times.entries() : []) {
    const reason = timeReason(at, i === 0, compared, handover !== null, run.sheet.valid, late);
    if (reason) reasons.add(reason);
  }
  const holds = reasons.size === 0;
  const mayFollow = late !== null && counted.length > 0 && (now - compared) / 1000 <= late;
  return {
    name,
    rule,
    signed,
    counted,
    reasons,
    holds,
    opens: holds || (mayFollow && reasons.size === 1 && reasons.has("quorum")),
    until: timed && times[0] ? Date.parse(times[0]) + run.sheet.valid * 1000 : null,
  };
}
