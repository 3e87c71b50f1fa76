/**
 * How a procedure stands against its clock.
 *
 * @import {RunningClock} from "./types.js"
 */

/**
 * Minutes and seconds, whether before or after.
 *
 * @param {number} seconds
 */
export function minutes(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  return [Math.floor(whole / 60), whole % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * Adds to each step when it must be done, in seconds since the start: the sum of the budgets so far.
 *
 * @template {{budget: number}} Step
 * @param {Step[]} steps
 * @returns {(Step & {ends: number})[]}
 */
export function withEnds(steps) {
  let ends = 0;
  return steps.map((step) => {
    ends += step.budget;
    return { ...step, ends };
  });
}

/**
 * The seconds that a clock has run.
 *
 * @param {RunningClock} clock
 * @param {number} now milliseconds
 */
export const passedSeconds = (clock, now) =>
  ((clock.ended ? Date.parse(clock.ended) : now) - Date.parse(clock.started)) / 1000;

/**
 * The first line of a clock.
 *
 * @param {RunningClock} clock
 * @param {number} budget seconds, of the whole procedure
 * @param {{ends: number}[]} steps
 * @param {number} now milliseconds
 */
export function faceText(clock, budget, steps, now) {
  const passed = passedSeconds(clock, now);
  const left = budget - passed;
  const due = steps.filter((step) => step.ends <= passed).length;
  return [
    `${clock.ended ? "■ Ended" : "▶ Running"}: ${minutes(passed)} of ${minutes(budget)}`,
    left < 0 ? `▲ OVERDUE by ${minutes(left)}` : `${minutes(left)} left`,
    `by now ${due ? `steps 1 to ${due} should be done` : "step 1 runs"}`,
  ].join(" · ");
}

/**
 * The line of a step, and whether it should be done and is not.
 *
 * @param {RunningClock} clock
 * @param {{id: string, budget: number, ends: number}} step
 * @param {number} now milliseconds
 */
export function stepStatus(clock, step, now) {
  const at = clock.done[step.id];
  const rest = step.ends - passedSeconds(clock, now);
  const overdue = !at && rest < 0;
  let state = overdue ? `▲ OVERDUE by ${minutes(rest)}` : `${minutes(rest)} left`;
  if (at) {
    const took = (Date.parse(at) - Date.parse(clock.started)) / 1000;
    state = `✓ at ${minutes(took)}${took > step.ends ? `, ▲ ${minutes(took - step.ends)} late` : ""}`;
  }
  return {
    done: Boolean(at),
    overdue,
    text: `budget ${minutes(step.budget)}, done by ${minutes(step.ends)}: ${state}`,
  };
}
