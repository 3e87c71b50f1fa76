/** What is left of a pasted line, and which answers stand in it. */
import assert from "node:assert/strict";
import test from "node:test";
import { answersTo, known, putFirst, wordsOf } from "../../runbook/site/frontend/scripts/search_answers.js";

for (const [pasted, wanted] of /** @type {[string, string][]} */ ([
  ["canary", "canary"],
  ["2026-11-25T03:12:01Z broker link lost", "broker link lost"],
  ["Nov 25 03:12:01 trade-1 traderd[812]: broker link lost: timeout", "broker link lost timeout"],
  ['{"ts":"2026-11-25T03:12:01Z","level":"error","msg":"clock jumped: 4 s"}', "error clock jumped"],
  ['level=warn msg="event gap" request=0x7f3a9c0d12ab', "warn event gap"],
  ["clock~jumped^5 +mismatch -broker title:x*", "clock jumped mismatch broker title"],
  ["2026-11-25T03:12:01Z", ""],
]))
  test(`"${pasted}" is asked as "${wanted}"`, () => assert.equal(wordsOf(pasted), wanted));

const ANSWERS = known([
  { location: "slow/", answers: [[], ["slow", "link lost for long"]] },
  { location: "link/", answers: [["link lost"], []] },
  { location: "plain/" },
]);
const places = (/** @type {string} */ text) => answersTo(text, ANSWERS).map(({ location }) => location);

test("what this system prints is surer than what people say", () =>
  assert.deepEqual(places("link lost, and slow"), ["link/", "slow/"]));
test("a phrase within a longer one says nothing of its own", () =>
  assert.deepEqual(places("Link lost for long"), ["slow/"]));
test("a phrase is found between signs", () => assert.deepEqual(places('"link: LOST"'), ["link/"]));
test("half a word is no phrase", () => assert.deepEqual(places("slower"), []));

test("the section of an answer comes first, and its page before the others", () => {
  const pages = [
    [{ location: "a/", score: 9 }],
    [
      { location: "b/", score: 5 },
      { location: "b/#x", score: 1 },
    ],
  ];
  putFirst(pages, [{ phrase: "x", sure: true, location: "b/#x" }]);
  assert.deepEqual(
    pages.map((page) => page.map(({ location }) => location)),
    [["b/#x", "b/"], ["a/"]],
  );
});
