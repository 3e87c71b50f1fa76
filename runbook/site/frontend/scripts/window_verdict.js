/** Whether a change may begin: the same rule as the verb `window` of the daemon's command line. */

/**
 * @typedef {[number, number, string | null]} Stretch begin, end, and what freezes it; seconds since 1970
 * @typedef {{exchange: string, desk: string, known: [number, number], windows: Record<string, Stretch[]>}} WindowFacts
 */

/**
 * A length of time in the two largest units that matter.
 *
 * @param {number} seconds
 * @returns {string} e.g. "2 h 10 min"; never less than a minute
 */
export function inWords(seconds) {
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (days) return hours ? `${days} d ${hours} h` : `${days} d`;
  if (hours) return rest ? `${hours} h ${rest} min` : `${hours} h`;
  return `${rest} min`;
}

/**
 * @param {WindowFacts} facts
 * @param {string} key the window
 * @param {number} now seconds since 1970
 * @returns {{state: "open" | "closed" | "frozen" | "unknown", text: string}}
 */
export function windowVerdict(facts, key, now) {
  const [from, to] = facts.known;
  if (now < from || now >= to) return { state: "unknown", text: "not known: the calendar does not cover today" };
  const stretches = facts.windows[key] ?? [];
  const here = stretches.find(([begin, end]) => begin <= now && now < end);
  if (here && here[2] === null) return { state: "open", text: `open, closes in ${inWords(here[1] - now)}` };
  const next = stretches.find(([begin, , frozen]) => begin > now && frozen === null);
  const opens = next ? `opens in ${inWords(next[0] - now)}` : "opens on no day that the calendar covers";
  return here
    ? { state: "frozen", text: `frozen (${here[2]}), ${opens}` }
    : { state: "closed", text: `closed, ${opens}` };
}
