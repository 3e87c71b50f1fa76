"""The judge: invariants I1 to I5 from the broker's record and from the files on the disk, never from the daemon's word.

It is tested before it judges (self_test): each kind of harm must fail its invariant. Counters must be the integer 0 and
flags must be True itself: in Python 1 == True, and a judge that forgets it lets exactly one lost order through.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """What is judged of one account after a procedure.

    figures: the broker's report; differences: lines in which the state on the disk differs from the broker's snapshot,
    None when not asked; weaker: lockouts and days that are weaker than before, None when not asked; flat: whether the
    account must be flat now; guarded: whether a daemon must be enforcing its limits now.
    """

    figures: dict[str, Any]
    differences: list[Any] | None = None
    weaker: list[Any] | None = None
    flat: bool = False
    guarded: bool = False
    events_expected: bool = True


@dataclass
class Verdict:
    """For each invariant that was judged: what broke it; an empty list when nothing did."""

    broken: dict[str, list[str]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether everything judged holds."""
        return not any(self.broken.values())

    def __str__(self) -> str:
        return "; ".join(f"{name}: {', '.join(why)}" for name, why in self.broken.items() if why) or "all hold"


def judge(case: Case, gap: float | None) -> Verdict:
    """Judges one account. gap: the longest protection gap allowed, in seconds; None when it is left open."""
    figures, broken = case.figures, {}
    broken["I1"] = [*_zero(figures, "stale_accepted"), *_one_writer(figures)]
    if gap is not None:
        worst = figures["gap"]["seconds"]
        broken["I2"] = (
            []
            if isinstance(worst, float) and 0 <= worst <= gap
            else [f"gap {worst} s, allowed {gap} s, at event {figures['gap']['event']}"]
        )
        # A daemon may acknowledge everything and enforce nothing: the time from a breach to the order that
        # ends it counts as well.
        reaction = figures["reaction"]
        broken["I2"] += (
            [] if isinstance(reaction, float) and 0 <= reaction <= gap else [f"reaction {reaction} s, allowed {gap} s"]
        )
    broken["I3"] = [*_zero(figures, "lost", "duplicated", "unexpected"), *_complete(case)]
    if case.weaker is not None:
        broken["I4"] = [f"weaker: {what}" for what in case.weaker]
    if case.flat:
        broken["I5"] = ([f"positions {figures['positions']}"] if figures["positions"] else []) + _zero(
            figures, "working"
        )
    return Verdict(broken)


def _zero(figures: dict[str, Any], *names: str) -> list[str]:
    return [f"{name} {figures[name]}" for name in names if not (type(figures[name]) is int and figures[name] == 0)]


def _one_writer(figures: dict[str, Any]) -> list[str]:
    most = figures["writers_max"]
    return [] if type(most) is int and most in (0, 1) else [f"{most} writers at once"]


def _complete(case: Case) -> list[str]:
    figures, why = case.figures, []
    if case.events_expected and not (type(figures["events"]) is int and figures["events"] > 0):
        why.append("no events: nothing was judged")
    if case.guarded:
        why += _zero(figures, "open") + [
            f"no {what}: nothing was enforced" for what in ENFORCED if not figures[what] > 0
        ]
    if figures["acknowledged"] != figures["last"] or type(figures["acknowledged"]) is not int:
        why.append(f"acknowledged {figures['acknowledged']} of {figures['last']} events")
    return why + [f"state differs: {line}" for line in case.differences or []]


# What an account that is guarded has seen.
ENFORCED = ("breaches", "orders")
# Figures of an account on which everything holds.
HEALTHY: dict[str, Any] = {
    "events": 100,
    "last": 100,
    "acknowledged": 100,
    "gap": {"seconds": 0.1, "event": 7, "at": 0.0},
    "reaction": 0.01,
    "breaches": 9,
    "open": 0,
    "orders": 9,
    "writers_max": 1,
    "lost": 0,
    "duplicated": 0,
    "unexpected": 0,
    "stale_accepted": 0,
    "positions": {},
    "working": 0,
}
NOT_ZERO = (1, True, False, None, -1)
# By invariant: what must break it, and no other one.
HARM: dict[str, list[dict[str, Any]]] = {
    "I1": [{"writers_max": 2}, {"writers_max": True}, {"stale_accepted": 1}, {"stale_accepted": True}],
    "I2": [
        *({"gap": {"seconds": seconds, "event": 7, "at": 0.0}} for seconds in (1.001, None, -1.0)),
        {"reaction": 1.5},
        {"reaction": None},
    ],
    "I3": [
        *({name: value} for name in ("lost", "duplicated", "unexpected") for value in NOT_ZERO),
        {"acknowledged": 99},
        {"events": 0},
        {"breaches": 0},
        {"orders": 0},
        {"open": 1},
    ],
    "I5": [{"positions": {"ES": 1}}, {"working": 1}],
}


def self_test() -> None:
    """Raises AssertionError when the judge would let harm through, or would see harm where there is none."""
    fine = Case(HEALTHY, differences=[], weaker=[], flat=True, guarded=True)
    assert judge(fine, 1.0).good, judge(fine, 1.0)
    for invariant, changes in HARM.items():
        for change in changes:
            verdict = judge(Case(HEALTHY | change, differences=[], weaker=[], flat=True, guarded=True), 1.0)
            assert [name for name, why in verdict.broken.items() if why] == [invariant], (change, verdict)
    assert judge(Case(HEALTHY, differences=["fills: 7"]), 1.0).broken["I3"]
    assert judge(Case(HEALTHY, weaker=["lockout daily-loss"]), 1.0).broken["I4"]


if __name__ == "__main__":
    self_test()
