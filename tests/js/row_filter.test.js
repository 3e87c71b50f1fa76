/** Which rows a filter leaves. */
import assert from "node:assert/strict";
import test from "node:test";
import { holds } from "../../runbook/site/frontend/scripts/row_filter.js";

const ROW = "canary.soak 24 hours Soak of the canary account";

for (const [typed, wanted] of /** @type {[string, boolean][]} */ ([
  ["", true],
  ["SOAK", true],
  ["account canary", true],
  ["soak wave", false],
]))
  test(`"${typed}" ${wanted ? "leaves" : "hides"} the row`, () => assert.equal(holds(ROW, typed), wanted));
