/** A run to change in a test: the one that the shared cases start from, with everything done and signed. */
import { readFileSync } from "node:fs";

const HOME = new URL("../fixtures/record_cases/", import.meta.url);

/** What a file of the shared cases holds. */
export const shared = (name) => JSON.parse(readFileSync(new URL(name, HOME), "utf8"));

/** A copy of a value with some parts changed: objects part by part, all else is put in its place. */
export function merged(value, patch) {
  const isObject = (it) => it !== null && typeof it === "object" && !Array.isArray(it);
  if (!isObject(value) || !isObject(patch)) return structuredClone(patch);
  const whole = structuredClone(value);
  for (const [key, part] of Object.entries(patch)) whole[key] = merged(whole[key], part);
  return whole;
}

/** The bare run of the cases, changed. */
export const bareRun = (patch = {}) =>
  merged({ overrides: {}, clocks: [], earlier: [], ...shared("base.json") }, patch);

/** A run that is complete through "during": ticked for each account, and signed. */
export function completeRun(patch = {}) {
  const tick = (at) => ({ at, seen: "yes", by: "V" });
  const signature = { signoff: "normal", role: "trading_approver", deputy: false, by: "trading-approver@example.com" };
  const done = {
    ticks: { "hour-ready": tick("2026-11-23T09:50:00Z"), "A1/during-gap": tick("2026-11-23T10:20:00Z") },
    signatures: [{ ...signature, at: "2026-11-23T10:00:00Z" }],
  };
  return merged(bareRun(done), patch);
}
