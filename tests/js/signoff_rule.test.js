/** The sign-off rule of the browser, by the cases that the rule of the build is tested with too (tests/unit/test_signoff_rule.py). */
import assert from "node:assert/strict";
import test from "node:test";
import { isSamePerson, judgeSignoff } from "../../runbook/site/frontend/scripts/signoff_rule.js";
import { bareRun, shared } from "./sample_run.js";

for (const { id, patch, pause, now, expect } of shared("signoffs.json"))
  test(`the browser judges a sign-off: ${id}`, () => {
    const run = bareRun(patch);
    const asked = run.sheet.pauses.find((each) => each.id === pause);
    const verdict = judgeSignoff(run, asked, Date.parse(now));
    const { name, counted, reasons, holds, opens } = verdict ?? {};
    assert.deepEqual(verdict && { signoff: name, counted, reasons: [...reasons].sort(), holds, opens }, expect);
  });

for (const { id, one, other, same } of shared("names.json"))
  test(`the browser tells whether two names are one person's: ${id}`, () =>
    assert.equal(isSamePerson(one, other), same));

test("a sign-off whose rule is missing is none", () => {
  const run = bareRun({ sheet: { classes: { normal: { signoff: "unknown" } } } });
  assert.equal(judgeSignoff(run, run.sheet.pauses[0], Date.now()), null);
});
