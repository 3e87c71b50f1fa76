/** What the browser keeps, and what happens where it refuses. */
import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";
import { RunStore, spaceOf, utc } from "../../runbook/site/frontend/scripts/run_store.js";

/** A storage of a browser: its keys are properties of its own. */
class Storage {
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }
  setItem(key, text) {
    if (this.full?.()) throw new Error("full");
    this[key] = text;
  }
  removeItem(key) {
    delete this[key];
  }
}
const denied = () => {
  throw new Error("denied");
};

let local;
let listening;
beforeEach(() => {
  local = new Storage();
  listening = [];
  globalThis.addEventListener = (_, listener) => listening.push(listener);
});
const store = (session = new Storage()) =>
  new RunStore(
    "site:",
    () => local,
    () => session,
  );

test("a value is kept for the next tab, and for no other site", () => {
  store().set("run:1", { a: 1 });
  assert.deepEqual(store().get("run:1"), { a: 1 });
  assert.deepEqual(store().list("run:"), ["run:1"]);
  assert.equal(new RunStore("other:", () => local, denied).get("run:1"), null);
});

test("a change starts from what another tab has written", () => {
  const [one, other] = [store(), store()];
  one.set("run:1", { a: 1, b: 1 });
  other.change("run:1", (run) => {
    run.a = 2;
  });
  one.change("run:1", (run) => {
    run.b = 2;
  });
  assert.deepEqual(other.get("run:1"), { a: 2, b: 2 });
});

test("what is not there is not changed into being", () => {
  const it = store();
  it.change("run:1", () => assert.fail());
  assert.deepEqual(it.list(""), []);
});

test("where the browser refuses, memory keeps it and the reader is told", () => {
  const it = new RunStore("site:", denied, denied);
  it.set("run:1", 7);
  it.current = "run:1";
  assert.deepEqual([it.kept, it.get("run:1"), it.list("run:"), it.current], [false, 7, ["run:1"], "run:1"]);
});

test("a browser that is full keeps in memory from then on", () => {
  const it = store();
  it.set("run:1", 1);
  Object.defineProperty(local, "full", { value: () => true });
  it.set("run:1", 2);
  assert.deepEqual([it.kept, it.get("run:1")], [false, 2]);
});

test("what is no JSON is nothing", () => {
  local["site:run:1"] = "{";
  assert.equal(store().get("run:1"), null);
});

test("each tab shows its own run; a new one begins with the last", () => {
  const [one, other] = [store(), store()];
  one.set("run:1", 1);
  one.set("run:2", 2);
  one.current = "run:1";
  other.current = "run:2";
  assert.deepEqual([one.current, other.current, store().current], ["run:1", "run:2", "run:2"]);
  other.remove("run:2");
  assert.equal(other.current, null);
});

test("a listener hears of this tab and of another, and not of a neighbour's", () => {
  let heard = 0;
  const it = store();
  it.watch(() => heard++);
  it.set("a", 1);
  for (const key of ["site:a", null, "other:a"]) for (const listener of listening) listener({ key });
  assert.equal(heard, 3);
});

test("a site is told from another on the same host by its folder", () =>
  assert.equal(spaceOf("https://host.example/runbook/assets/a.js"), "runbook:/runbook/:"));

test("times are UTC in whole seconds", () => assert.equal(utc(1_700_000_000_999), "2023-11-14T22:13:20Z"));
