/** The checklist as a run: named, ticked with values, signed, exported. What it needs to know stands in #run-facts. */
import { ChecklistState } from "./checklist_state.js";
import { ownAddress } from "./dom.js";
import { setUpPause } from "./pause_view.js";
import { setUpHead } from "./run_head.js";
import { spaceOf } from "./run_store.js";

/**
 * @param {HTMLElement} host
 * @param {ChecklistState} state
 */
function setUp(host, state) {
  const renderHead = setUpHead(host, state);
  const parts = state.today.pauses.map((pause, number) => setUpPause(state, pause, number));
  state.render = () => {
    const { run } = state;
    if (run && !run.run.accounts.includes(state.account)) state.account = run.run.accounts[0] ?? "";
    renderHead(run);
    document.body.classList.toggle("running", Boolean(run));
    for (const render of parts) render?.(run);
  };
  state.store.watch(() => state.render());
  // A sign-off expires while nobody touches the page.
  setInterval(() => state.run?.signatures.length && state.render(), 30_000);
  document.body.classList.add("ticking");
  state.render();
}

const host = document.getElementById("run");
const facts = document.getElementById("run-facts")?.textContent;
if (host && facts) setUp(host, new ChecklistState(spaceOf(ownAddress()), JSON.parse(facts)));
