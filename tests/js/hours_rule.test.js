/** Whether a contact can be reached: at the edges of hours, over midnight, over the end of a week. */
import assert from "node:assert/strict";
import test from "node:test";
import { clockIn, isWithin } from "../../runbook/site/frontend/scripts/hours_rule.js";

const OFFICE = { days: "Mon-Fri", from: "08:00", to: "18:00" };
const NIGHT = { days: "Sun-Fri", from: "22:00", to: "06:00" };

for (const [what, hours, day, time, within] of [
  ["at any time", {}, "Sun", "03:00", true],
  ["at their beginning", OFFICE, "Mon", "08:00", true],
  ["at their end", OFFICE, "Fri", "18:00", false],
  ["on another day", OFFICE, "Sat", "12:00", false],
  ["in the evening on which they begin", NIGHT, "Sun", "22:00", true],
  ["in the morning on which they end", NIGHT, "Mon", "05:59", true],
  ["on the last morning", NIGHT, "Fri", "05:59", true],
  ["on the last evening", NIGHT, "Fri", "22:00", false],
  ["before the first evening", NIGHT, "Sun", "05:00", false],
  ["on one day alone", { days: "Wed", from: "09:00", to: "10:00" }, "Wed", "09:30", true],
  ["on the day after one day alone", { days: "Wed", from: "09:00", to: "10:00" }, "Thu", "09:30", false],
  ["over the end of the week", { days: "Sat-Mon", from: "09:00", to: "10:00" }, "Sun", "09:30", true],
])
  test(`hours ${what}`, () => assert.equal(isWithin(hours, { day, time }), within));

test("a zone's clock follows its summer time", () => {
  assert.deepEqual(clockIn("Europe/London", new Date("2026-07-15T23:30:00Z")), { day: "Thu", time: "00:30" });
  assert.deepEqual(clockIn("Europe/London", new Date("2026-11-25T23:30:00Z")), { day: "Wed", time: "23:30" });
});
