/** Whether a change may begin now: the cases that the daemon's command line is held to as well. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { windowVerdict } from "../../runbook/site/frontend/scripts/window_verdict.js";

const file = new URL("../fixtures/windows/verdicts.json", import.meta.url);
const { facts, cases } = JSON.parse(readFileSync(file, "utf8"));

for (const { name, now, state, text } of cases)
  test(`a window ${name}`, () => assert.deepEqual(windowVerdict(facts, "canary", now), { state, text }));
