/**
 * A run as it leaves the browser: the record that the build reads, and a text to paste.
 *
 * @import {Run} from "./types.js"
 */
import { accountsOf, completeThrough, tickKey } from "./record_rules.js";

/**
 * The record of a run, in the form of data/records/*.json.
 *
 * @param {Run} run
 * @param {number} now milliseconds
 */
export function toRecord(run, now) {
  const { kind, people, deputies, ticks, overrides, signatures, clocks, earlier, sheet } = run;
  const through = completeThrough(run, now);
  return { kind, run: run.run, through, people, deputies, ticks, overrides, signatures, clocks, earlier, sheet };
}

/**
 * A text in Markdown that stays text: everything that Markdown or HTML could take for markup is a character reference.
 *
 * @param {unknown} text
 */
export const escaped = (text) =>
  String(text ?? "").replace(/[^\p{L}\p{N} .,:;()/+-]/gu, (char) => `&#${char.codePointAt(0)};`);

/** @param {...unknown} cells */
const row = (...cells) => `| ${cells.map(escaped).join(" | ")} |`;

/**
 * A section with a table; nothing when the table has no rows.
 *
 * @param {string} title
 * @param {string[]} head
 * @param {string[]} lines
 */
const section = (title, head, lines) =>
  lines.length ? ["", `## ${escaped(title)}`, "", row(...head), `|${" --- |".repeat(head.length)}`, ...lines] : [];

/**
 * The run as a Markdown text.
 *
 * @param {Run} it
 * @param {number} now milliseconds
 */
export function toMarkdown(it, now) {
  const role = (/** @type {string} */ id) => it.sheet.roles[id] ?? id;
  const facts = [
    `Accounts ${escaped(it.run.accounts.join(", "))}.`,
    `Window ${escaped(it.run.window)}.`,
    `Class ${escaped(it.run.change)}.`,
    `Began ${it.run.started}.`,
    `Checklist version ${escaped(it.sheet.version)}, ${escaped(it.sheet.digest)}.`,
    `Complete to: ${escaped(completeThrough(it, now))}.`,
  ];
  const people = it.sheet.people.map((id) => row(role(id), it.people[id], it.deputies[id]));
  const ticks = it.sheet.pauses.flatMap((pause) =>
    accountsOf(it, pause).flatMap((account) =>
      section(
        account ? `${pause.title}: ${account}` : pause.title,
        ["Item", "Must be", "Seen", "By", "Ticked"],
        pause.items.map((item) => {
          const tick = it.ticks[tickKey(account, item)];
          return row(item.check, item.value, tick?.seen, tick?.by, tick?.at ?? "open");
        }),
      ),
    ),
  );
  const signatures = it.signatures.map((sign) =>
    row(sign.signoff, role(sign.role) + (sign.deputy ? ", deputy" : ""), sign.by, sign.at),
  );
  const early = Object.entries(it.overrides).map(([id, override]) => row(id, override?.at, override?.reason));
  const clocks = it.clocks.flatMap((clock) =>
    section(
      `${clock.title}: began ${clock.started}, ended ${clock.ended ?? "open"}`,
      ["Step", "Budget, s", "Done"],
      clock.steps.map((step) => row(step.title, step.budget, step.at)),
    ),
  );
  const earlier = it.earlier.map((old) =>
    row(old.item, old.version, old.check, old.tick.seen, old.tick.by, old.tick.at),
  );
  return [
    `# Deployment record: ${escaped(it.run.release)}`,
    "",
    facts.join(" "),
    ...section("People", ["Role", "Name", "Deputy"], people),
    ...ticks,
    ...section("Signatures", ["Sign-off", "Role", "By", "At"], signatures),
    ...section("Opened early", ["Pause point", "At", "Reason"], early),
    ...clocks,
    ...section("Ticks on items that changed", ["Item", "Version", "Was", "Seen", "By", "Ticked"], earlier),
    "",
  ].join("\n");
}
