/** A run that comes from elsewhere: taken in whole, or not at all. */
import assert from "node:assert/strict";
import test from "node:test";
import { toMarkdown, toRecord } from "../../runbook/site/frontend/scripts/record_export.js";
import { LARGEST, readRun } from "../../runbook/site/frontend/scripts/record_import.js";
import { completeRun, merged } from "./sample_run.js";

const NOW = Date.parse("2026-11-23T10:30:00Z");
const text = (change) => JSON.stringify(merged({ ...toRecord(completeRun(), NOW) }, change ?? {}));
const today = completeRun().sheet;

test("an exported run comes back as it was", () => {
  const run = completeRun();
  assert.deepEqual(toRecord(readRun(text(), today), NOW), toRecord(run, NOW));
});

for (const [what, source] of [
  ["nothing", ""],
  ["a part", '{"kind": "deployment record", '],
  ["a list", "[1, 2]"],
  ["null", "null"],
  ["another file", '{"name": "x"}'],
  ["no checklist", '{"kind": "deployment record", "run": {"release": "1"}, "sheet": {}}'],
  ["a pause point that is none", text({ sheet: { pauses: [null] } })],
  ["a rule that is none", text({ sheet: { signoffs: { normal: 7 } } })],
  ["too much", "x".repeat(LARGEST + 1)],
])
  test(`${what} is refused, and the reader told what to do`, () =>
    assert.throws(() => readRun(source, today), /Choose the file|Export the run again/));

test("no part of another kind comes in", () => {
  const run = readRun(
    text({
      ticks: { "hour-ready": { at: 7, seen: {}, by: null } },
      people: { release_operator: ["x"] },
      signatures: [null],
      clocks: 7,
    }),
    today,
  );
  assert.deepEqual(run.ticks["hour-ready"], { at: null, seen: "", by: "" });
  assert.deepEqual([run.people.release_operator, run.clocks, run.signatures[0].by], ["", [], ""]);
});

test("no prototype comes in", () => {
  const run = readRun(
    text().replace('"ticks":{', '"ticks":{"__proto__":{"at":"2026-11-23T10:00:00Z","seen":"x","by":"y"},'),
    today,
  );
  assert.equal(Object.hasOwn(run.ticks, "__proto__"), false);
  assert.equal({}.seen, undefined);
});

test("a class that the checklist does not know is the normal one", () =>
  assert.equal(readRun(text({ run: { change: "__proto__" } }), today).run.change, "normal"));

test("Markdown stays text", () => {
  const run = completeRun({ ticks: { "hour-ready": { seen: "| a | [b](javascript:x)\n<script>" } } });
  const out = toMarkdown(run, NOW);
  assert.ok(!/<script|\]\(java|\n\| a/.test(out));
});
