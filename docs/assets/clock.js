// A clock beside a procedure: what should be done by now. The times are the page's own; nothing is triggered.
"use strict";

for (const head of document.querySelectorAll("[data-clock]")) {
  const { make, now } = Runs;
  const id = head.dataset.clock;
  const key = `clock:${id}`;
  const budget = Number(head.dataset.budget);
  let before = 0;
  const steps = [...document.querySelectorAll(`[data-of="${id}"]`)].map((meta) => {
    before += Number(meta.dataset.budget);
    return { id: meta.dataset.step, title: meta.dataset.title, budget: Number(meta.dataset.budget), ends: before };
  });
  const span = (seconds) => `${String(Math.floor(Math.abs(seconds) / 60)).padStart(2, "0")}:${String(Math.floor(Math.abs(seconds) % 60)).padStart(2, "0")}`;
  const change = (how) => Runs.change(key, how);
  const button = (textContent, onclick) => make("button", { type: "button", textContent, onclick });

  const face = make("p", { role: "timer", className: "face" });
  const said = make("p", { role: "status" });
  const start = button("Start the clock: decided now", () => Runs.set(key, { started: now(), ended: null, done: {} }));
  const sooner = button("1 minute earlier", () => change((it) => (it.started = now(Date.parse(it.started) - 60000))));
  const end = button("End", () => change((it) => (it.ended = now())));
  const record = button("Write the times into the run", () => {
    const run = Runs.current;
    if (!run) return (said.textContent = "No run is open in this browser. Begin one on the checklist page, then come back: these times stay.");
    const it = Runs.get(key);
    const clock = { procedure: id, title: head.dataset.title, budget, started: it.started, ended: it.ended, steps: steps.map((step) => ({ id: step.id, title: step.title, budget: step.budget, at: it.done[step.id] ?? null })) };
    Runs.change(run, (to) => (to.clocks = [...to.clocks.filter((old) => old.procedure !== id || old.started !== it.started), clock]));
    said.textContent = `Written into the run ${Runs.name(Runs.get(run))}.`;
  });
  const clear = button("Clear", () => (!Runs.get(key)?.ended || confirm("Clear this clock? Write its times into the run first if you need them.")) && Runs.remove(key));
  const lines = steps.map((step, i) => {
    const text = make("span");
    const done = button("", () => change((it) => (it.done[step.id] ? delete it.done[step.id] : (it.done[step.id] = now()))));
    return { step, text, done, line: make("li", {}, done, make("a", { href: `#step-${step.id}`, textContent: `${i + 1}. ${step.title}` }), text) };
  });
  const list = make("ol", {}, ...lines.map((it) => it.line));
  const box = make("div", { className: "tool clock" }, start, face, said, list, make("p", { className: "acts" }, sooner, end, record, clear));
  box.dataset.tool = "";
  head.after(box);

  let late = "";
  function render() {
    const it = Runs.get(key);
    start.hidden = Boolean(it);
    face.hidden = list.hidden = record.hidden = clear.hidden = !it;
    sooner.hidden = end.hidden = !it || Boolean(it.ended);
    box.classList.toggle("on", Boolean(it && !it.ended));
    if (!it) return (late = "");
    const passed = ((it.ended ? Date.parse(it.ended) : Date.now()) - Date.parse(it.started)) / 1000;
    const left = budget - passed;
    const due = steps.filter((step) => step.ends <= passed).length;
    face.textContent = `${it.ended ? "■ Ended" : "▶ Running"}: ${span(passed)} of ${span(budget)} · ${left < 0 ? `▲ OVERDUE by ${span(left)}` : `${span(left)} left`} · by now ${due ? `steps 1 to ${due} should be done` : "step 1 runs"}${Runs.kept ? "" : " · ▲ not kept by this browser"}`;
    const next = steps.find((step) => !it.done[step.id]);
    let overdue = "";
    for (const { step, text, done, line } of lines) {
      const at = it.done[step.id];
      const rest = step.ends - passed;
      const took = at && (Date.parse(at) - Date.parse(it.started)) / 1000;
      const behind = !at && rest < 0;
      if (behind) overdue += step.id;
      done.textContent = at ? "Undo" : "Done";
      done.setAttribute("aria-label", `${at ? "Undo" : "Done"}: ${step.title}`);
      line.className = behind ? "late" : "";
      text.textContent = `${step === next && !it.ended ? " ▶" : ""} budget ${span(step.budget)}, done by ${span(step.ends)}: ${at ? `✓ at ${span(took)}${took > step.ends ? `, ▲ ${span(took - step.ends)} late` : ""}` : behind ? `▲ OVERDUE by ${span(rest)}` : `${span(rest)} left`}`;
    }
    // Said once, when it becomes true, not each second.
    if (overdue && overdue !== late) said.textContent = `▲ Overdue: ${lines.filter((it) => it.line.className).map((it) => it.step.title).join(", ")}.`;
    late = overdue;
  }
  Runs.watch(render);
  setInterval(render, 500);
  render();
}
