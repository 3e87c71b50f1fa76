/** What may be filled into a command. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { assignments, fits, quoted, required } from "../../runbook/site/frontend/scripts/value_rules.js";

test("a value fits only as a whole", () => {
  assert.ok(fits("[A-Z]+|x", "AB") && fits("[A-Z]+|x", "x"));
  for (const value of ["ABx", "AB\n", " AB", "A;B", ""]) assert.ok(!fits("[A-Z]+|x", value), JSON.stringify(value));
});

for (const value of ["A1", "it's", "$(reboot)", '"`\\', "one\ntwo", "'; echo hurt; '"])
  test(`the shell reads back ${JSON.stringify(value)}`, () => {
    const said = execFileSync("bash", ["-c", `${assignments([["V", value]])}printf %s "$V"`], { encoding: "utf8" });
    assert.equal(said, value);
    assert.ok(quoted(value).startsWith("'"));
  });

test("without values there is no line", () => assert.equal(assignments([]), ""));

test("a block requires what it fails without, each once", () =>
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a block of the shell
  assert.deepEqual(required('a "${ONE:?set ONE}" ${TWO} "${ONE:?}" ${THREE:-x} ${FOUR:?}'), ["ONE", "FOUR"]));
