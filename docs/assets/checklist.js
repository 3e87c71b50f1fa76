// The checklist as a run: named, ticked with values, signed, exported. What it needs to know stands in #run-facts.
"use strict";

(() => {
  const host = document.getElementById("run");
  if (!host) return;
  const { make, now } = Runs;
  const facts = JSON.parse(document.getElementById("run-facts").textContent);
  const today = facts.sheet;
  const LARGEST = 2e6;
  let account = "";
  let message = "";

  const run = () => (Runs.current ? Runs.get(Runs.current) : null);
  const change = (how) => Runs.change(Runs.current, how);
  const button = (text, onclick, more = {}) => make("button", { type: "button", textContent: text, onclick, ...more });
  const field = (text, input) => make("label", {}, make("span", { textContent: text }), input);
  const input = (value = "", more = {}) => make("input", { value, dir: "auto", autocomplete: "off", ...more });
  const say = (text) => {
    message = text;
    render();
  };

  // What holds in a run

  const accounts = (it, pause) => (pause.each ? it.run.accounts : [""]);
  const keys = (pause, which) => pause.items.map((item) => (which ? `${which}/${item.id}` : item.id));
  const done = (it, key) => {
    const tick = it.ticks[key];
    return Boolean(tick?.at && tick.seen.trim() && tick.by.trim());
  };
  const count = (it, pause, which) => keys(pause, which).filter((key) => done(it, key)).length;
  const same = (name) => name.trim().replace(/\s+/g, " ").toLowerCase();

  // The names that stand twice.
  function twice(it) {
    const names = [...Object.values(it.people), ...Object.values(it.deputies)].filter((name) => name.trim());
    return [...new Set(names.filter((name, i) => names.findIndex((other) => same(other) === same(name)) < i))];
  }

  // When the first account was handed over.
  function handover(it) {
    const ticked = it.sheet.pauses.filter((pause) => pause.each).flatMap((pause) => accounts(it, pause).flatMap((which) => keys(pause, which)));
    return ticked.map((key) => it.ticks[key]?.at).filter(Boolean).sort()[0];
  }

  // The sign-off that a pause point asks for.
  function signoff(it, pause) {
    const kind = it.sheet.classes[it.run.change];
    if (!pause.signoff || !kind || (pause.signoff !== "class" && !kind.soak)) return null;
    const name = pause.signoff === "class" ? kind.signoff : pause.signoff;
    const rule = it.sheet.signoffs[name];
    const signed = {};
    it.signatures.filter((sign) => sign.signoff === name).forEach((sign) => (signed[sign.role] = sign));
    const times = Object.values(signed).map((sign) => Date.parse(sign.at)).sort();
    const until = pause.signoff === "class" && times.length ? times[0] + it.sheet.valid * 1000 : null;
    const expired = until !== null && Date.parse(handover(it) ?? now()) > until;
    // Where the rule lets the others sign afterwards, the first one opens the way.
    const enough = times.length >= (kind.late ? 1 : rule.quorum);
    return { name, rule, signed, count: times.length, until, expired, holds: enough && !expired && !twice(it).length };
  }

  const complete = (it, pause, which) => count(it, pause, which) === pause.items.length && (signoff(it, pause)?.holds ?? true);
  function opened(it, number) {
    const before = it.sheet.pauses[number - 1];
    return !before || complete(it, before, accounts(it, before)[0]) || Boolean(it.overrides[it.sheet.pauses[number].id]);
  }

  // The last pause point up to which all is complete, or opened early.
  function through(it) {
    let last = it.sheet.pauses[0].id;
    for (const [number, pause] of it.sheet.pauses.entries()) {
      if (accounts(it, pause).every((which) => complete(it, pause, which))) last = pause.id;
      else if (!it.overrides[it.sheet.pauses[number + 1]?.id]) break;
    }
    return last;
  }

  // Items whose words are not those that were ticked.
  const words = (item) => item && JSON.stringify([item.check, item.value, item.by, item.evidence]);
  const items = (sheet) => new Map(sheet.pauses.flatMap((pause) => pause.items.map((item) => [item.id, item])));
  function changed(it) {
    if (it.sheet.digest === today.digest) return [];
    const [old, fresh] = [items(it.sheet), items(today)];
    return [...new Set([...old.keys(), ...fresh.keys()])].filter((id) => words(old.get(id)) !== words(fresh.get(id)));
  }

  // Export, import

  function record(it) {
    const { kind, run, people, deputies, ticks, overrides, signatures, clocks, earlier, sheet } = it;
    return { kind, run, through: through(it), people, deputies, ticks, overrides, signatures, clocks, earlier, sheet };
  }

  // Everything that Markdown or HTML could take for markup.
  const md = (text) => String(text).replace(/[^\p{L}\p{N} .,:;()/+-]/gu, (char) => `&#${char.codePointAt(0)};`);
  const row = (...cells) => `| ${cells.map((cell) => md(cell ?? "")).join(" | ")} |`;
  const rows = (title, head, lines) => (lines.length ? ["", `## ${md(title)}`, "", row(...head), `|${" --- |".repeat(head.length)}`, ...lines] : []);
  function markdown(it) {
    const role = (id) => it.sheet.roles[id] ?? id;
    return [
      `# Deployment record: ${md(it.run.release)}`,
      "",
      `Accounts ${md(it.run.accounts.join(", "))}. Window ${md(it.run.window)}. Class ${md(it.run.change)}. Began ${it.run.started}. Checklist version ${md(it.sheet.version)}, ${md(it.sheet.digest)}. Complete to: ${md(through(it))}.`,
      ...rows("People", ["Role", "Name", "Deputy"], it.sheet.people.map((id) => row(role(id), it.people[id], it.deputies[id]))),
      ...it.sheet.pauses.flatMap((pause) =>
        accounts(it, pause).flatMap((which) =>
          rows([pause.title, which].filter(Boolean).join(": "), ["Item", "Must be", "Seen", "By", "Ticked"], keys(pause, which).map((key, i) => {
            const tick = it.ticks[key];
            return row(pause.items[i].check, pause.items[i].value, tick?.seen, tick?.by, tick?.at ?? "open");
          })),
        ),
      ),
      ...rows("Signatures", ["Sign-off", "Role", "By", "At"], it.signatures.map((sign) => row(sign.signoff, role(sign.role) + (sign.deputy ? ", deputy" : ""), sign.by, sign.at))),
      ...rows("Opened early", ["Pause point", "At", "Reason"], Object.entries(it.overrides).map(([id, early]) => row(id, early.at, early.reason))),
      ...it.clocks.flatMap((clock) => rows(`${clock.title}: began ${clock.started}, ended ${clock.ended ?? "open"}`, ["Step", "Budget, s", "Done"], clock.steps.map((step) => row(step.title, step.budget, step.at)))),
      ...rows("Ticks on items that changed", ["Item", "Version", "Was", "Seen", "By", "Ticked"], it.earlier.map((old) => row(old.item, old.version, old.check, old.tick.seen, old.tick.by, old.tick.at))),
      "",
    ].join("\n");
  }

  function save(text, type, ending) {
    const it = run();
    const href = URL.createObjectURL(new Blob([text], { type }));
    make("a", { href, download: `${it.run.release.replace(/[^\w.-]+/g, "_").slice(0, 60) || "run"}.${ending}` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10000);
  }

  // What somebody hands in, put together anew: only what a run has, each part of its kind.
  const KEY = /^([^]*\/)?[a-z][a-z0-9_-]*$/;
  const object = (value) => (value && typeof value === "object" && !Array.isArray(value) ? value : {});
  const text = (value) => (typeof value === "string" ? value : "");
  const list = (value, each) => (Array.isArray(value) ? value.map(each) : []);
  const pick = (value, each) => Object.fromEntries(Object.entries(object(value)).filter(([key]) => KEY.test(key)).map(([key, part]) => [key, each(part)]));
  const tick = (it) => ({ at: Date.parse(text(it?.at)) ? now(Date.parse(it.at)) : null, seen: text(it?.seen), by: text(it?.by) });
  const has = (it) => typeof it?.id === "string" && KEY.test(it.id);
  const shaped = (sheet) =>
    Array.isArray(sheet?.pauses) && sheet.pauses.length && sheet.pauses.every((pause) => has(pause) && Array.isArray(pause.items) && pause.items.every(has)) && Array.isArray(sheet.people) && sheet.classes && sheet.signoffs && sheet.roles;
  function taken(source) {
    if (source.length > LARGEST) throw new Error("A run has less than 2 MB. Choose the file that »Export JSON« made.");
    let it;
    try {
      it = JSON.parse(source);
    } catch (error) {
      throw new Error(`This is not a whole export (${error.message.slice(0, 80)}). Export the run again and take the whole file.`);
    }
    if (it?.kind !== "deployment record" || !text(it.run?.release) || !shaped(it.sheet)) throw new Error("This file is no run of this checklist. Choose the file that »Export JSON« made.");
    return {
      kind: it.kind,
      run: { release: text(it.run.release), accounts: list(it.run.accounts, text).filter(Boolean), window: text(it.run.window), change: it.run.change in object(today.classes) ? it.run.change : "normal", started: tick({ at: it.run.started }).at ?? now() },
      people: pick(it.people, text),
      deputies: pick(it.deputies, text),
      ticks: pick(it.ticks, tick),
      overrides: pick(it.overrides, (part) => ({ at: tick(part).at ?? now(), reason: text(part?.reason) })),
      signatures: list(it.signatures, (part) => ({ signoff: text(part?.signoff), role: text(part?.role), deputy: part?.deputy === true, by: text(part?.by), at: tick(part).at ?? now() })),
      clocks: list(it.clocks, (part) => ({ procedure: text(part?.procedure), title: text(part?.title), budget: Number(part?.budget) || 0, started: tick({ at: part?.started }).at ?? now(), ended: tick({ at: part?.ended }).at, steps: list(part?.steps, (step) => ({ id: text(step?.id), title: text(step?.title), budget: Number(step?.budget) || 0, at: tick(step).at })) })),
      earlier: list(it.earlier, (part) => ({ item: text(part?.item), version: Number(part?.version) || 0, check: text(part?.check), tick: tick(part?.tick) })),
      sheet: it.sheet.digest === today.digest ? today : it.sheet,
    };
  }

  function bring(source) {
    try {
      const it = taken(source);
      add(it);
      say(`Taken in as a run of its own: ${Runs.name(it).slice(0, 200)}. What was here is untouched.`);
    } catch (error) {
      say(`Nothing was taken in, nothing was changed. ${error.message}`);
    }
  }

  function add(it) {
    const key = `run:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    Runs.set(key, it);
    account = "";
    Runs.current = key;
  }

  // Head

  const select = make("select", { onchange: () => ((account = ""), (Runs.current = select.value)) });
  const names = { release: input(facts.release), accounts: input(facts.accounts.join(", ")), window: input(facts.window) };
  const kind = make("select", {}, ...Object.entries(today.classes).map(([value, it]) => make("option", { value, textContent: it.title })));
  kind.value = "normal";
  const begin = make(
    "details",
    {},
    make("summary", { textContent: "Begin a run" }),
    make(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          const listed = [...new Set(names.accounts.value.match(/[^\s,]+/g))];
          if (!names.release.value.trim() || !listed.length) return say("A run needs a release and at least one account.");
          add({ kind: "deployment record", run: { release: names.release.value, accounts: listed, window: names.window.value, change: kind.value, started: now() }, people: {}, deputies: {}, ticks: {}, overrides: {}, signatures: [], clocks: [], earlier: [], sheet: today });
          begin.open = false;
          say("The run has begun. Name the people first.");
        },
      },
      field("Release", names.release), field("Accounts, in the order of their handover", names.accounts), field("Window", names.window), field("Change class", kind),
      make("button", { textContent: "Begin" }),
    ),
  );
  const pasted = make("textarea", { rows: 2, dir: "auto" });
  const file = make("input", { type: "file", accept: ".json,application/json", onchange: async () => file.files[0] && (bring(await file.files[0].slice(0, LARGEST + 1).text()), (file.value = "")) });
  const hand = make("details", {}, make("summary", { textContent: "Take in a run from another device" }), field("Exported file", file), field("Or its text", pasted), button("Take in", () => bring(pasted.value)));
  const people = make("details", { className: "people" });
  const status = make("p", { role: "status" });
  const news = make("div", { className: "news" });
  const act = make("div", { className: "acts" },
    button("Export JSON", () => save(JSON.stringify(record(run()), null, 1) + "\n", "application/json", "json")),
    button("Export Markdown", () => save(markdown(run()), "text/markdown", "md")),
    button("Print", () => print()),
    button("Delete this run", () => {
      if (!confirm("Delete this run from this browser? Export it first if you need it.")) return;
      Runs.remove(Runs.current);
      Runs.current = Runs.list("run:").at(-1) ?? null;
    }),
  );
  const title = make("p", { className: "title" });
  const which = field("Run", select);
  host.classList.remove("screen-only");
  host.dataset.tool = "";
  host.append(status, which, title, news, people, act, begin, hand);

  const named = {};
  function buildPeople() {
    people.append(make("summary", { textContent: "People: nobody is two of these" }));
    const signers = new Set(Object.values(today.signoffs).flatMap((it) => it.roles));
    for (const role of today.people) {
      for (const part of signers.has(role) ? ["people", "deputies"] : ["people"]) {
        const held = facts.deputies[role]?.[part === "people" ? 0 : 1];
        const element = (named[`${part}.${role}`] = input("", { oninput: () => change((it) => (it[part][role] = element.value)) }));
        people.append(field(`${part === "people" ? "" : "Deputy: "}${today.roles[role]}${held ? ` (${held})` : ""}`, element));
      }
    }
  }
  buildPeople();

  // Pause points

  const parts = today.pauses.map((pause, number) => {
    const list = document.querySelector(`.checklist[data-pause="${pause.id}"]`);
    const key = (item) => (pause.each ? `${account}/${item.id}` : item.id);
    const ticked = (item, how) =>
      change((it) => {
        how((it.ticks[key(item)] ??= { at: null, seen: "", by: "" }));
      });
    const lines = pause.items.map((item, i) => {
      const check = list.querySelector(`#item-${item.id}`);
      const box = make("input", {
        type: "checkbox", id: `tick-${item.id}`,
        onchange: () => {
          ticked(item, (it) => {
            it.at = box.checked ? now() : null;
            if (box.checked) it.by ||= Runs.get("initials") ?? "";
          });
        },
      });
      const seen = make("textarea", { rows: 1, dir: "auto", "aria-label": `${i + 1}. ${item.check}: seen, ${item.evidence}`, placeholder: item.evidence, oninput: () => ticked(item, (it) => (it.seen = seen.value)) });
      const by = input("", { className: "by", "aria-label": `${i + 1}. ${item.check}: initials`, placeholder: "initials", oninput: () => (ticked(item, (it) => (it.by = by.value)), Runs.set("initials", by.value)) });
      const at = make("span", { className: "at" });
      const label = make("label", { htmlFor: box.id });
      check.replaceWith(label);
      label.append(check);
      const tool = make("div", { className: "tool seen" }, seen, by, at);
      tool.dataset.tool = "";
      label.before(box);
      label.closest("li").append(tool);
      return { item, box, seen, by, at, key };
    });
    const bar = make("progress", { max: pause.items.length, "aria-label": `${pause.title}: items done` });
    const told = make("span");
    const chosen = make("select", { onchange: () => ((account = chosen.value), render()) });
    const per = field("Account", chosen);
    const reason = make("textarea", { rows: 1, dir: "auto" });
    const early = make("details", {}, make("summary", { textContent: "Open it now, with a reason" }), field("Reason, for the record", reason),
      button("Open", () => (reason.value.trim() ? change((it) => (it.overrides[pause.id] = { at: now(), reason: reason.value })) : say("Opening early needs a reason: write why."))));
    const head = make("div", { className: "tool progress" }, per, make("p", {}, bar, told), early);
    const signs = make("div", { className: "tool signs" });
    head.dataset.tool = signs.dataset.tool = "";
    list.before(head);
    list.after(signs);
    return { pause, number, list, lines, bar, told, chosen, per, early, head, signs };
  });

  function renderSigns(it, part) {
    const sign = signoff(it, part.pause);
    part.signs.hidden = !sign;
    if (!sign) return;
    const double = twice(it);
    const focus = part.signs.contains(document.activeElement) && document.activeElement.dataset.as;
    const state = sign.expired ? `✗ expired at ${now(sign.until)}: sign again` : sign.until ? `valid until ${now(sign.until)}` : "";
    part.signs.replaceChildren(
      make("strong", { textContent: `${sign.holds ? "✓" : "○"} Sign-off: ${sign.rule.title}. ${sign.count} of ${sign.rule.quorum} signed. ${state}` }),
      make("p", { textContent: double.length ? `✗ Four eyes: named twice: ${double.join(", ")}. Name somebody else.` : "✓ Four eyes: nobody is named twice." }),
      ...sign.rule.roles.map((role) => {
        const done = sign.signed[role];
        const as = (deputy) => {
          const who = (it[deputy ? "deputies" : "people"][role] ?? "").trim();
          return button(who ? `Sign as ${deputy ? "deputy " : ""}${who}` : `No ${deputy ? "deputy" : "one"} named`, () => change((to) => to.signatures.push({ signoff: sign.name, role, deputy, by: who, at: now() })), { disabled: !who || Boolean(changed(it).length), "data-as": `${role} ${deputy}` });
        };
        return make("p", {}, `${it.sheet.roles[role]}: ${done ? `✓ ${done.by}${done.deputy ? ", deputy" : ""}, ${done.at} ` : "○ not signed "}`, as(false), as(true));
      }),
    );
    if (focus) part.signs.querySelector(`[data-as="${focus}"]`)?.focus();
  }

  // Render

  const put = (element, value) => element.value !== value && (element.value = value);
  const tell = (element, value) => element.textContent !== value && (element.textContent = value);

  function render() {
    const it = run();
    const stale = it && it.sheet.digest !== today.digest;
    const odd = new Set(it ? changed(it) : []);
    if (it && !it.run.accounts.includes(account)) account = it.run.accounts[0] ?? "";
    const keysOfRuns = Runs.list("run:");
    select.replaceChildren(...keysOfRuns.map((value) => [value, Runs.get(value)]).filter(([, each]) => each?.run).map(([value, each]) => make("option", { value, textContent: Runs.name(each).slice(0, 120) })));
    if (it) select.value = Runs.current;
    which.hidden = people.hidden = act.hidden = title.hidden = !it;
    if (!it && !host.dataset.began) begin.open = host.dataset.began = true;
    tell(status, [Runs.kept ? "" : "▲ This browser keeps nothing: what you enter is gone when the page is left. Export before you leave.", message].filter(Boolean).join(" "));
    tell(title, it ? `Run ${Runs.name(it)} · ${it.sheet.classes[it.run.change]?.title ?? it.run.change} · began ${it.run.started} · checklist version ${it.sheet.version}, ${it.sheet.digest}` : "");
    news.replaceChildren();
    if (stale) {
      const old = items(it.sheet);
      const fresh = items(today);
      const show = (item) => (item ? `»${item.check} …… ${item.value}«` : "nothing");
      news.append(
        make("p", { textContent: `▲ The checklist has changed since this run began: version ${it.sheet.version}, ${it.sheet.digest}, is now version ${today.version}, ${today.digest}. Nothing was ticked anew. ${odd.size} items read otherwise:` }),
        make("ul", {}, ...[...odd].map((id) => make("li", { textContent: `${id}: was ${show(old.get(id))}, is ${show(fresh.get(id))}` }))),
        button("Go on with the new version: these items open again, and signatures are void", () => change(renew)),
      );
    }
    for (const [name, element] of Object.entries(named)) {
      const [part, role] = name.split(".");
      put(element, it?.[part][role] ?? "");
      element.disabled = !it || stale;
    }
    document.body.classList.toggle("running", Boolean(it));
    for (const part of parts) {
      const { pause, number, lines } = part;
      const open = it && !stale && opened(it, number);
      part.head.hidden = part.signs.hidden = !it;
      for (const line of lines) {
        const mark = it && !odd.has(line.item.id) ? it.ticks[line.key(line.item)] : null;
        line.box.checked = Boolean(mark?.at);
        put(line.seen, mark?.seen ?? "");
        put(line.by, mark?.by ?? "");
        tell(line.at, mark?.at ? (mark.seen.trim() && mark.by.trim() ? `✓ ${mark.at}` : `${mark.at} · ▲ ${mark.seen.trim() ? "initials" : "value"} missing`) : "");
        line.box.disabled = line.seen.disabled = line.by.disabled = !open;
      }
      if (!it) continue;
      const own = stale ? it.sheet.pauses.find((each) => each.id === pause.id) ?? pause : pause;
      const all = accounts(it, pause).map((each) => [each, count(it, own, each)]);
      const here = all.find(([each]) => each === (pause.each ? account : ""))?.[1] ?? 0;
      const size = own.items.length;
      part.bar.max = size;
      part.bar.value = here;
      const before = today.pauses[number - 1];
      const reason = it.overrides[pause.id];
      const sums = all.length > 1 ? ` (${all.map(([each, sum]) => `${each} ${sum}/${size}`).join(", ")})` : "";
      tell(part.told, `${here === size ? "✓ " : ""}${here} of ${size}${sums}${reason ? ` · opened early at ${reason.at}: ${reason.reason}` : ""}${open || stale ? "" : ` · closed until »${before.title}« is complete`}`);
      part.early.hidden = open || stale;
      part.per.hidden = !pause.each;
      if (pause.each) {
        part.chosen.replaceChildren(...it.run.accounts.map((value) => make("option", { value, textContent: value.slice(0, 120) })));
        part.chosen.value = account;
      }
      if (!stale) renderSigns(it, part);
      else part.signs.hidden = true;
    }
  }

  // The new checklist takes over; what was ticked on other words is kept as it was.
  function renew(it) {
    const odd = new Set(changed(it));
    const old = items(it.sheet);
    for (const [key, mark] of Object.entries(it.ticks)) {
      const id = key.slice(key.lastIndexOf("/") + 1);
      if (!odd.has(id)) continue;
      const item = old.get(id);
      it.earlier.push({ item: key, version: it.sheet.version, check: item ? `${item.check} …… ${item.value}` : "", tick: mark });
      delete it.ticks[key];
    }
    for (const sign of it.signatures) it.earlier.push({ item: `${sign.signoff}/${sign.role}`, version: it.sheet.version, check: "signature", tick: { at: sign.at, seen: "", by: sign.by } });
    it.signatures = [];
    it.sheet = today;
  }

  Runs.watch(render);
  setInterval(() => parts.some(({ signs }) => !signs.hidden) && run() && render(), 30000);
  document.body.classList.add("ticking");
  render();
})();
