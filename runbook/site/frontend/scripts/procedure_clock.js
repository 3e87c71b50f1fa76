/**
 * A clock beside a procedure: what should be done by now. The times are the page's own; nothing is triggered.
 *
 * @import {Run, RunningClock} from "./types.js"
 */
import { faceText, stepStatus, withEnds } from "./clock_arithmetic.js";
import { make, makeButton, makeTool, ownAddress } from "./dom.js";
import { nameOf, RunStore, spaceOf, utc } from "./run_store.js";

const store = new RunStore(spaceOf(ownAddress()));

/** @param {HTMLElement} head the title of the procedure, with its budget */
function setUp(head) {
  const id = head.dataset.clock ?? "";
  const key = `clock:${id}`;
  const budget = Number(head.dataset.budget);
  const marks = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-of="${id}"]`));
  const steps = withEnds(
    [...marks].map(({ dataset }) => ({
      id: dataset.step ?? "",
      title: dataset.title ?? "",
      budget: Number(dataset.budget),
    })),
  );
  /** @returns {RunningClock | null} */
  const running = () => store.get(key);
  const change = (/** @type {(clock: RunningClock) => void} */ how) => store.change(key, how);

  const face = make("p", { role: "timer", className: "face" });
  const said = make("p", { role: "status" });
  const start = makeButton("Start the clock: decided now", () =>
    store.set(key, { started: utc(), ended: null, done: {} }),
  );
  const sooner = makeButton("1 minute earlier", () =>
    change((clock) => {
      clock.started = utc(Date.parse(clock.started) - 60_000);
    }),
  );
  const end = makeButton("End", () =>
    change((clock) => {
      clock.ended = utc();
    }),
  );
  const record = makeButton("Write the times into the run", writeDown);
  const clear = makeButton("Clear", () => {
    const sure = "Clear this clock? Write its times into the run first if you need them.";
    if (!running()?.ended || confirm(sure)) store.remove(key);
  });
  const lines = steps.map((step, i) => {
    const text = make("span");
    const done = makeButton("", () =>
      change((clock) => {
        if (clock.done[step.id]) delete clock.done[step.id];
        else clock.done[step.id] = utc();
      }),
    );
    const link = make("a", { href: `#step-${step.id}`, textContent: `${i + 1}. ${step.title}` });
    return { step, text, done, line: make("li", {}, done, link, text) };
  });
  const list = make("ol", {}, ...lines.map(({ line }) => line));
  const acts = make("p", { className: "acts" }, sooner, end, record, clear);
  const box = makeTool("clock", start, face, said, list, acts);
  head.after(box);

  function writeDown() {
    const [key, clock] = [store.current, running()];
    if (!key) {
      said.textContent =
        "No run is open in this browser. Begin one on the checklist page, then come back: these times stay.";
      return;
    }
    if (!clock) return;
    const { started, ended } = clock;
    const times = steps.map((step) => ({
      id: step.id,
      title: step.title,
      budget: step.budget,
      at: clock.done[step.id] ?? null,
    }));
    store.change(key, (/** @type {Run} */ run) => {
      const others = run.clocks.filter((old) => old.procedure !== id || old.started !== started);
      run.clocks = [
        ...others,
        { procedure: id, title: head.dataset.title ?? "", budget, started, ended, steps: times },
      ];
    });
    said.textContent = `Written into the run ${nameOf(store.get(key))}.`;
  }

  let told = "";
  function render() {
    const clock = running();
    start.hidden = Boolean(clock);
    face.hidden = list.hidden = record.hidden = clear.hidden = !clock;
    sooner.hidden = end.hidden = !clock || Boolean(clock.ended);
    box.classList.toggle("on", Boolean(clock && !clock.ended));
    if (!clock) {
      told = "";
      return;
    }
    const now = Date.now();
    face.textContent = faceText(clock, budget, steps, now) + (store.kept ? "" : " · ▲ not kept by this browser");
    const next = steps.find((step) => !clock.done[step.id]);
    const late = [];
    for (const { step, text, done, line } of lines) {
      const status = stepStatus(clock, step, now);
      if (status.overdue) late.push(step.title);
      done.textContent = status.done ? "Undo" : "Done";
      done.setAttribute("aria-label", `${done.textContent}: ${step.title}`);
      line.className = status.overdue ? "late" : "";
      text.textContent = `${step === next && !clock.ended ? " ▶" : ""} ${status.text}`;
    }
    // Said once, when it becomes true, not each second.
    const overdue = late.length ? `▲ Overdue: ${late.join(", ")}.` : "";
    if (overdue && overdue !== told) said.textContent = overdue;
    told = overdue;
  }
  store.watch(render);
  setInterval(render, 500);
  render();
}

for (const head of document.querySelectorAll("[data-clock]")) if (head instanceof HTMLElement) setUp(head);
