"""Judges all repetitions of a drill, and writes evidence or a failure; the same for the controls."""

from dataclasses import dataclass
from pathlib import Path

from drills.runner import evidence_writer, mutants, negative_controls
from drills.runner.drill import Outcome
from drills.runner.drill_specs import procedure_of
from drills.runner.page_blocks import Step
from drills.runner.worker_processes import Attempt
from runbook.data import evidence_files
from runbook.data.catalog import Catalog
from runbook.data.models.evidence import SWAPPED, Control, Found, LeftOut, Mutant, words_digest
from runbook.evidence import store
from runbook.evidence.freshness import age

CONTROLS = "controls"
LEFT_OUT = "left_out"
MUTANTS = "mutants"


@dataclass(frozen=True)
class Recorder:
    """Writes under root/data/evidence. renew: also where the evidence that is there still holds."""

    catalog: Catalog
    site: Path
    root: Path
    renew: bool

    def drill(self, name: str, attempts: list[Attempt[Outcome]], pasted_twice: list[Attempt[Outcome]]) -> bool:
        """Judges the repetitions of one drill. True when every one held; else it is written down that it failed.

        Evidence is written when what it proves has changed or grown old, so that its differences say something.
        pasted_twice: runs in which each block was pasted again. They must hold too; their times prove nothing.
        """
        found = evidence_writer.drilled_steps(self.catalog, self.site, procedure_of(name))
        good = [attempt.result for attempt in attempts if attempt.result]
        bad = [attempt.said for attempt in [*attempts, *pasted_twice] if attempt.result is None]
        for why in bad:
            print(f"FAILED {name}\n{why}", flush=True)
        # The words that are counted are those of the steps that a good run reaches: a drill may leave its
        # procedure early.
        before = evidence_files.read(self.root)[0]
        reached = evidence_writer.ran(found, good) if good else reached_before(before, name, found)
        words = words_digest(step.digest for step in reached)
        tried, failed = store.counted(before, name, words)
        every = len(attempts) + len(pasted_twice)
        counts = tried + every, failed + len(bad)
        if bad:
            store.fail(self.root, name, words, counts, bad[0])
            print(f"FAILED {name}: {len(bad)} of {every} runs", flush=True)
            return False
        proof = evidence_writer.evidence(self.catalog, self.site, name, good, counts)
        there = None if self.renew or name in before.failed else before.drills.get(name)
        stands = there if there and store.stands(there, proof, age(self.catalog, proof.procedure)) else None
        if not stands:
            store.write(proof, self.root)
        print(
            f"PROVEN {name}: {proof.machine} s, worst gap {proof.gap_worst} s (control {proof.control_worst} s), "
            f"{proof.events} events in {proof.repetitions} runs"
            + (f"; the evidence of {stands.date} stands" if stands else ""),
            flush=True,
        )
        return True

    def controls(self, attempts: dict[str, Attempt[Control]]) -> list[str]:
        """Writes the record of the controls, beside what is known of those that did not run.

        Returns the names of those that no check has caught.
        """
        names, missed = negative_controls.names(), []
        found = {name: record for name, record in evidence_files.read(self.root)[0].controls.items() if name in names}
        for name, attempt in attempts.items():
            if attempt.result is not None:
                found[name] = attempt.result
            if attempt.result is not None and attempt.result.verdict == "caught":
                print(f"CAUGHT {name}: {attempt.result.caught_by}", flush=True)
            else:
                missed.append(name)
                print(f"NOT CAUGHT {name}\n{attempt.said}", flush=True)
        if attempts:
            store.write_list(self.root, CONTROLS, found)
        return missed

    def mutants(self, attempts: dict[str, Attempt[Mutant]]) -> list[str]:
        """Writes what became of the mutants, beside what is known of those that did not run.

        Returns those that the check they name has not caught, and those that were caught although none should. An open
        one, which no drill notices yet, is shown as not caught.
        """
        found = {name: it for name, it in evidence_files.read(self.root)[0].mutants.items() if name in mutants.names()}
        bad = []
        for name, attempt in attempts.items():
            if attempt.result is None:
                print(f"NOT RUN {name}\n{attempt.said}", flush=True)
                bad.append(name)
                continue
            found[name] = it = attempt.result
            print(f"{it.verdict.upper()} {name} ({it.drill}): {it.survives or it.caught_by}", flush=True)
            if (it.verdict == "caught") is not ("caught_by" in mutants.every()[name]):
                bad.append(name)
        store.write_list(self.root, MUTANTS, found)
        return bad

    def left_out(self, attempts: dict[str, Attempt[LeftOut]]) -> list[str]:
        """Writes what became of the procedures without one of their steps, beside what is known of the other steps.

        Returns the steps that no drill misses and for which no spec gives a reason.
        """
        steps, bad = {step.id for _, step in self.catalog.steps()}, []
        known = evidence_files.read(self.root)[0].left_out
        found = {name: it for name, it in known.items() if steps.issuperset(name.split(SWAPPED))}
        for step, attempt in attempts.items():
            if attempt.result is None:
                print(f"NOT RUN {step}\n{attempt.said}", flush=True)
                bad.append(step)
                continue
            found[step] = it = attempt.result
            print(f"{it.verdict.upper()} {step} ({it.drill}): {it.spare or it.caught_by}", flush=True)
            if it.verdict == "not missed" and not it.spare:
                bad.append(step)
        store.write_list(self.root, LEFT_OUT, found)
        return bad


def reached_before(before: Found, name: str, found: list[Step]) -> list[Step]:
    """The steps that a drill ran when it last held, as they are now; all of them when it never did."""
    if name not in before.drills:
        return found
    known = {step.id for step in before.drills[name].steps}
    return [step for step in found if step.id in known]
