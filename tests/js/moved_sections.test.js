import assert from "node:assert/strict";
import { test } from "node:test";
import { movedSection } from "../../runbook/site/frontend/scripts/moved_sections.js";

const MOVED = ["warm", "not-enforcing", "message-hold"];

for (const [id, wanted] of [
  ["warm", "warm"],
  ["step-warm-back", "warm"],
  ["warm-back", "warm"],
  ["step-not-enforcing-hold", "not-enforcing"],
  ["message-hold", "message-hold"],
  ["unknown-section", undefined],
  ["", undefined],
])
  test(`#${id} leads to ${wanted ?? "where it was"}`, () => {
    assert.equal(movedSection(/** @type {string} */ (id), MOVED), wanted);
  });
