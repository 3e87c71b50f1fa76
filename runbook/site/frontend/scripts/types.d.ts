/** What a run of the checklist holds: the form of data/records/*.json, which runbook/data checks in the build. */

export interface Item {
  id: string;
  check: string;
  value: string;
  by: string;
  evidence: string;
}

export interface Pause {
  id: string;
  title: string;
  /** Once for each account. */
  each: boolean;
  /** "class", or the id of the sign-off that ends it. */
  signoff: string | null;
  items: Item[];
}

export interface SignoffRule {
  title: string;
  quorum: number;
  roles: string[];
}

export interface ChangeClass {
  title: string;
  signoff: string;
  /** Seconds within which all but the first signature may come after the handover. */
  late: number | null;
  /** Whether there is a verdict to sign. */
  soak: boolean;
}

/** The checklist as it was on the day, with the rules of its sign-offs. */
export interface Sheet {
  version: number;
  digest: string;
  pauses: Pause[];
  signoffs: Record<string, SignoffRule | undefined>;
  classes: Record<string, ChangeClass | undefined>;
  people: string[];
  roles: Record<string, string | undefined>;
  /** Seconds for which a sign-off holds. */
  valid: number;
}

export interface Tick {
  at: string | null;
  seen: string;
  by: string;
}

export interface Signature {
  signoff: string;
  role: string;
  deputy: boolean;
  by: string;
  at: string;
}

export interface ClockStep {
  id: string;
  title: string;
  budget: number;
  at: string | null;
}

export interface ClockTimes {
  procedure: string;
  title: string;
  budget: number;
  started: string;
  ended: string | null;
  steps: ClockStep[];
}

export interface EarlierTick {
  item: string;
  version: number;
  check: string;
  tick: Tick;
}

export interface Run {
  kind: string;
  run: { release: string; accounts: string[]; window: string; change: string; started: string };
  people: Record<string, string | undefined>;
  deputies: Record<string, string | undefined>;
  ticks: Record<string, Tick | undefined>;
  overrides: Record<string, { at: string; reason: string } | undefined>;
  signatures: Signature[];
  clocks: ClockTimes[];
  earlier: EarlierTick[];
  sheet: Sheet;
}

/** What #run-facts says. */
export interface RunFacts {
  sheet: Sheet;
  release: string;
  accounts: string[];
  window: string;
  /** Role -> who holds it, and who stands in. */
  deputies: Record<string, [string, string] | undefined>;
}

/** A clock that runs beside a procedure. */
export interface RunningClock {
  started: string;
  ended: string | null;
  /** Step -> when it was done. */
  done: Record<string, string | undefined>;
}
