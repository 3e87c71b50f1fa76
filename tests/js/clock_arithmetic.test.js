/** How a procedure stands against its clock. */
import assert from "node:assert/strict";
import test from "node:test";
import { faceText, minutes, stepStatus, withEnds } from "../../runbook/site/frontend/scripts/clock_arithmetic.js";

const START = Date.parse("2026-11-23T10:00:00Z");
const STEPS = withEnds([
  { id: "hold", budget: 30 },
  { id: "back", budget: 90 },
]);
const clock = (more = {}) => ({ started: "2026-11-23T10:00:00Z", ended: null, done: {}, ...more });

test("minutes and seconds have two digits, and more when there are hours", () => {
  assert.deepEqual([0, 59.9, -61, 3600, 7260].map(minutes), ["00:00", "00:59", "01:01", "60:00", "121:00"]);
});

test("a step ends with the budgets up to it", () =>
  assert.deepEqual(
    STEPS.map(({ ends }) => ends),
    [30, 120],
  ));

test("the face says what should be done by now", () => {
  assert.match(
    faceText(clock(), 120, STEPS, START + 29e3),
    /^▶ Running: 00:29 of 02:00 · 01:31 left · by now step 1 runs$/,
  );
  assert.match(faceText(clock(), 120, STEPS, START + 30e3), /steps 1 to 1 should be done$/);
  assert.match(faceText(clock(), 120, STEPS, START + 125e3), /▲ OVERDUE by 00:05 · by now steps 1 to 2/);
});

test("an ended clock stands still", () => {
  const ended = clock({ ended: "2026-11-23T10:01:00Z" });
  assert.equal(faceText(ended, 120, STEPS, START + 1e6), faceText(ended, 120, STEPS, START + 2e6));
});

test("a step is overdue until it is done, and then late", () => {
  assert.equal(stepStatus(clock(), STEPS[0], START + 30e3).overdue, false);
  assert.equal(stepStatus(clock(), STEPS[0], START + 31e3).overdue, true);
  const done = stepStatus(clock({ done: { hold: "2026-11-23T10:00:40Z" } }), STEPS[0], START + 50e3);
  assert.deepEqual([done.done, done.overdue], [true, false]);
  assert.match(done.text, /✓ at 00:40, ▲ 00:10 late$/);
});
