/** When a contact can be reached: the same rule as `reachable` in runbook/data. */

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * The day and the time on the clocks of a zone.
 *
 * @param {string} zone e.g. "Europe/London"
 * @param {Date} moment
 * @returns {{day: string, time: string}} e.g. "Mon", "09:05"
 */
export function clockIn(zone, moment) {
  const [day = "", time = ""] = moment
    .toLocaleString("en-GB", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
    .split(/,? /);
  return { day, time };
}

/**
 * Whether a moment lies within hours. Hours past midnight belong to the day on which they begin.
 *
 * @param {{days?: string, from?: string, to?: string}} hours days e.g. "Mon-Fri" or "Sun"; none: at any time
 * @param {{day: string, time: string}} now
 */
export function isWithin({ days, from = "", to = "" }, now) {
  if (!days) return true;
  const [first = 0, last = first] = days.split("-").map((day) => DAYS.indexOf(day));
  const length = (last - first + 7) % 7;
  const into = (DAYS.indexOf(now.day) - first + 7) % 7;
  if (from < to) return into <= length && from <= now.time && now.time < to;
  // Past midnight: the last day is the one on which they end.
  const nights = length || 1;
  return (into < nights && now.time >= from) || ((into + 6) % 7 < nights && now.time < to);
}
