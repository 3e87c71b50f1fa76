/** What must hold in a run besides its sign-offs. */
import assert from "node:assert/strict";
import test from "node:test";
import { changedItems, completeThrough, isOpen, renew } from "../../runbook/site/frontend/scripts/record_rules.js";
import { completeRun } from "./sample_run.js";

const NOW = Date.parse("2026-11-23T10:30:00Z");

test("a run is complete through the last pause point of which every account is done", () => {
  const run = completeRun({ run: { accounts: ["A1", "A2"] } });
  assert.equal(completeThrough(run, NOW), "hour");
  run.ticks["A2/during-gap"] = { ...run.ticks["A1/during-gap"] };
  assert.equal(completeThrough(run, NOW), "during");
});

for (const part of ["at", "seen", "by"])
  test(`a tick without "${part}" does not count`, () => {
    const run = completeRun({ ticks: { "A1/during-gap": { [part]: "" } } });
    assert.equal(completeThrough(run, NOW), "hour");
  });

test("a pause point stays closed until the one before is done and signed, or a reason is given", () => {
  const unsigned = completeRun({ signatures: [] });
  const open = completeRun({ ticks: { "hour-ready": { at: null } } });
  for (const run of [unsigned, open]) {
    assert.equal(isOpen(run, 1, NOW), false);
    run.overrides.during = { at: "2026-11-23T10:00:00Z", reason: "the desk asks for it" };
    assert.equal(isOpen(run, 1, NOW), true);
  }
});

test("two forged roles open nothing", () => {
  const run = completeRun();
  const [{ at, ...sign }] = run.signatures;
  run.signatures = ["release_author", "release_operator"].map((role) => ({ ...sign, at, role, by: run.people[role] }));
  assert.deepEqual([isOpen(run, 1, NOW), completeThrough(run, NOW)], [false, "hour"]);
});

test("where the others may sign later, the first opens the way and completes nothing", () => {
  const [sign] = completeRun().signatures;
  const run = completeRun({ run: { change: "emergency" }, signatures: [{ ...sign, signoff: "emergency" }] });
  assert.equal(isOpen(run, 1, NOW), true);
  run.overrides.during = undefined;
  assert.equal(completeThrough(run, NOW), "hour");
});

test("a changed item opens again, what was ticked is kept, and signatures are void", () => {
  const run = completeRun();
  const today = structuredClone(run.sheet);
  today.digest = "1111-1111-1111";
  today.pauses[0].items[0].value = "other words";
  assert.deepEqual(changedItems(run, today), ["hour-ready"]);
  renew(run, today);
  assert.deepEqual(Object.keys(run.ticks), ["A1/during-gap"]);
  assert.deepEqual(
    run.earlier.map(({ item }) => item),
    ["hour-ready", "normal/trading_approver"],
  );
  assert.deepEqual([run.signatures, run.sheet.digest], [[], today.digest]);
});
