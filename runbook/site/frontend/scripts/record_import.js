/**
 * A run that somebody hands in, put together anew: only what a run has, each part of its kind.
 *
 * @import {Run, Sheet, Tick} from "./types.js"
 */
import { utc } from "./run_store.js";

/** Characters. A run with every value filled in has a tenth of it. */
export const LARGEST = 2e6;

// Keys of a run: "item", or "account/item". So no key is "__proto__".
const KEY = /^(.*\/)?[a-z][a-z0-9_-]*$/s;

// What JSON.parse gives may be anything: each part is asked for what it is before it is used.
/** @typedef {any} Unknown */

const isObject = (/** @type {Unknown} */ value) => Boolean(value) && typeof value === "object" && !Array.isArray(value);

const textOf = (/** @type {Unknown} */ value) => (typeof value === "string" ? value : "");

const numberOf = (/** @type {Unknown} */ value) => Number(value) || 0;

/** A moment, or null. */
const momentOf = (/** @type {Unknown} */ value) => (Date.parse(textOf(value)) ? utc(Date.parse(value)) : null);

/**
 * @template Part
 * @param {Unknown} value
 * @param {(part: Unknown) => Part} each
 */
const listOf = (value, each) => (Array.isArray(value) ? value.map(each) : []);

/**
 * @template Part
 * @param {Unknown} value
 * @param {(part: Unknown) => Part} each
 * @returns {Record<string, Part>}
 */
const entriesOf = (value, each) =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {})
      .filter(([key]) => KEY.test(key))
      .map(([key, part]) => [key, each(part)]),
  );

/** @returns {Tick} */
const tickOf = (/** @type {Unknown} */ it) => ({ at: momentOf(it?.at), seen: textOf(it?.seen), by: textOf(it?.by) });

const hasId = (/** @type {Unknown} */ it) => typeof it?.id === "string" && KEY.test(it.id);

const isPause = (/** @type {Unknown} */ it) => hasId(it) && Array.isArray(it.items) && it.items.every(hasId);

const isRule = (/** @type {Unknown} */ it) => Array.isArray(it?.roles) && typeof it.quorum === "number";

/** Whether something is a checklist that the page can show. */
const isSheet = (/** @type {Unknown} */ it) =>
  Array.isArray(it?.pauses) &&
  it.pauses.length > 0 &&
  it.pauses.every(isPause) &&
  Array.isArray(it.people) &&
  isObject(it.classes) &&
  isObject(it.roles) &&
  isObject(it.signoffs) &&
  Object.values(it.signoffs).every(isRule);

/**
 * The run in an exported text.
 *
 * @param {string} source
 * @param {Sheet} today the checklist of the page
 * @returns {Run}
 * @throws {Error} that says to the reader what is wrong and what to do
 */
export function readRun(source, today) {
  if (source.length > LARGEST) throw new Error("A run has less than 2 MB. Choose the file that »Export JSON« made.");
  /** @type {Unknown} */
  let it;
  try {
    it = JSON.parse(source);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 80) : error;
    throw new Error(`This is not a whole export (${why}). Export the run again and take the whole file.`);
  }
  if (it?.kind !== "deployment record" || !textOf(it.run?.release) || !isSheet(it.sheet))
    throw new Error("This file is no run of this checklist. Choose the file that »Export JSON« made.");
  return {
    kind: it.kind,
    run: {
      release: textOf(it.run.release),
      accounts: listOf(it.run.accounts, textOf).filter(Boolean),
      window: textOf(it.run.window),
      change: Object.hasOwn(today.classes, textOf(it.run.change)) ? it.run.change : "normal",
      started: momentOf(it.run.started) ?? utc(),
    },
    people: entriesOf(it.people, textOf),
    deputies: entriesOf(it.deputies, textOf),
    ticks: entriesOf(it.ticks, tickOf),
    overrides: entriesOf(it.overrides, (part) => ({ at: momentOf(part?.at) ?? utc(), reason: textOf(part?.reason) })),
    signatures: listOf(it.signatures, (part) => ({
      signoff: textOf(part?.signoff),
      role: textOf(part?.role),
      deputy: part?.deputy === true,
      by: textOf(part?.by),
      at: momentOf(part?.at) ?? utc(),
    })),
    clocks: listOf(it.clocks, (part) => ({
      procedure: textOf(part?.procedure),
      title: textOf(part?.title),
      budget: numberOf(part?.budget),
      started: momentOf(part?.started) ?? utc(),
      ended: momentOf(part?.ended),
      steps: listOf(part?.steps, (step) => ({
        id: textOf(step?.id),
        title: textOf(step?.title),
        budget: numberOf(step?.budget),
        at: momentOf(step?.at),
      })),
    })),
    earlier: listOf(it.earlier, (part) => ({
      item: textOf(part?.item),
      version: numberOf(part?.version),
      check: textOf(part?.check),
      tick: tickOf(part?.tick),
    })),
    sheet: it.sheet.digest === today.digest ? today : it.sheet,
  };
}
