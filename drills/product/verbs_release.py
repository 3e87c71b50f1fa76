"""Verbs about releases: release-check, compat, replay, stress; and the canary's gate and guard."""

import hashlib
import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from . import contract
from . import state as states
from .canary_guard import note_guard
from .restrictions import records_of
from .verb_support import (
    VerbError,
    ask,
    call,
    call_text,
    health,
    holder,
    last_slot,
    linked,
    parse_metrics,
    read_sums,
    show,
)
from .verbs_look import open_state
from .verbs_slots import hand_over, slot_of

# Which lockouts a release can represent: the newest kind needs the flag of the rule that makes it.
OLD_KINDS = {"override", "daily-loss"}


def facts_of(release: str) -> dict[str, Any]:
    """The release.json of an unpacked release."""
    try:
        facts: dict[str, Any] = json.loads((contract.path("release", release=release) / "release.json").read_text())
        return facts
    except OSError as error:
        raise VerbError(f"{release}: not unpacked here") from error


def program(release: str) -> Path:
    """The daemon of a release."""
    facts_of(release)
    return contract.path("release", release=release) / "bin" / str(contract.SYSTEM["names"]["daemon"])


def release_check(release: str | None = None, of: str | None = None) -> int:
    """Every file of a release against its manifest; with `of`: of each release that the accounts of that host need."""
    if (release is None) == (of is None):
        raise VerbError("give a release, or --of HOST", "usage")
    if release:
        show(manifest_line(release))
        return 0
    needed = sorted({record["release"] for record in records_of(str(of)).values()})
    if not needed:
        raise VerbError(f"{of}: no record of its restrictions is here, so no release is known")
    wrong = []
    for name in needed:
        try:
            show(manifest_line(name))
        except VerbError as no:
            wrong.append(str(no))
    show(*wrong)
    return 1 if wrong else 0


def manifest_line(release: str) -> str:
    """Proves a release against its manifest. Raises VerbError."""
    folder, manifest = contract.path("release", release=release), contract.path("manifest", release=release)
    if not manifest.exists():
        raise VerbError(f"{release}: not unpacked here")
    expected = read_sums(manifest)
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file != manifest]
    found = {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    if wrong := sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)):
        raise VerbError(f"{release}: {len(wrong)} files differ from the manifest: {', '.join(wrong[:5])}")
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()[:16]
    return f"{release}: {len(found)} files match the manifest, digest {digest}"


def running_release(account: str) -> str:
    """The release of the slot that holds the lease; when none does, that of the slot that held it last."""
    slot = holder(account)
    return str(health(account, slot)["release"]) if slot else linked(account, last_slot(account))


def compat(account: str, release: str | None = None) -> int:
    """Whether a release is safe on this account today; without one, whether the one that runs could come back."""
    lines, bad = compatibility(account, release or running_release(account))
    show(*lines, f"NOT SAFE: {', '.join(bad)}" if bad else "SAFE")
    return 1 if bad else 0


def compatibility(account: str, release: str) -> tuple[list[str], list[str]]:
    """What makes a release safe on this account today, a line each; and in one word each what does not."""
    lines: list[str] = []
    bad: list[str] = []

    def note(what: str, true: bool, yes: str, no: str) -> None:
        lines.append(f"{what} {yes if true else no}")
        if not true:
            bad.append(what.split()[0])

    try:
        facts = facts_of(release)
    except VerbError:
        return [f"release {release} MISSING"], ["release"]
    db = open_state(account)
    schema, (low, high) = states.schema(db), facts["reads_schema"]
    checked = subprocess.run([program(release), "check-config", account], capture_output=True, text=True, check=False)
    try:
        config = yaml.safe_load(contract.path("config", account=account).read_text())
        flags, version = set(config["flags"]), config["version"]
    except (OSError, yaml.YAMLError, TypeError, KeyError):
        flags, version = set(), "?"
    lockouts = set(states.stricter(db)["lockouts"])
    known = OLD_KINDS | set(facts["flags"])
    note(f"release {release}", True, "present", "MISSING")
    note(f"schema {schema}", low <= schema <= high, "readable", f"NOT READABLE, reads {low} to {high}")
    note(f"configuration {version}", checked.returncode == 0, "accepted", f"REFUSED: {checked.stdout.strip()}")
    note(f"flags {' '.join(sorted(flags)) or 'none'}", flags <= set(facts["flags"]), "known", "NOT KNOWN")
    note(
        f"lockouts {len(lockouts)}",
        lockouts <= known,
        "representable",
        f"NOT REPRESENTABLE: {', '.join(sorted(lockouts - known))}",
    )
    return lines, bad


def replay(file: str, release: str) -> int:
    """A recorded day through a release."""
    return subprocess.run([program(release), "replay", file], check=False).returncode


def stress(file: str, release: str, times: float) -> int:
    """A recorded day through a release at a multiple of its speed."""
    return subprocess.run([program(release), "stress", file, str(times)], check=False).returncode


# ---------------------------------------------------------------------- the canary


def sample(account: str) -> dict[str, float] | None:
    """What the watch looks at on one account now; None when its daemon does not answer."""
    slot = holder(account)
    text = call_text(account, slot, "metrics") if slot else None
    if not slot or not text:
        return None
    values, health = parse_metrics(text), call(account, slot, "health")
    if not health:
        return None
    audit = ask(account, "audit", since=health["since"])
    found = {
        key: values.get(contract.metric(key))
        for key in ("mismatch", "enforce_fanout", "errors_unknown", "errors_rate", "queue", "memory", "saved_age")
    }
    for key in ("enforce_latency", "event_latency"):
        found[key], found[f"{key}_samples"] = (
            values[f"{contract.metric(key)}:0.95"],
            values[f"{contract.metric(key)}_count"],
        )
    return found | {
        "enforce_unexpected": audit["unexpected"],
        "enforce_missed": audit["missed"],
        "writers": audit["writers"],
    }


def limit(threshold: str) -> float:
    """A threshold in the unit of its metric: seconds, megabytes as bytes, percent as a share."""
    fact = contract.THRESHOLDS[threshold]
    return float(fact["base"]) * {"size": 1e6, "%": 0.01}.get(fact["dimension"], 1.0)


def unseen(account: str) -> tuple[str, str]:
    """Verdict and reason when the canary's daemon gives no sample: bad only if the broker does not hear it either."""
    heard = ask(account, "snapshot")["acknowledged"]
    if heard is None or heard["age"] > contract.seconds("heartbeat.silence"):
        return "FAIL", "no daemon answers on the canary account, and the broker has no recent acknowledgement"
    return "INCONCLUSIVE", "no sample from the canary; the broker still hears its daemon"


def judge(account: str, controls: list[str]) -> tuple[str, str, list[str]]:
    """The canary against thresholds and control accounts: verdict, reason, one line for each metric."""
    canary, others = sample(account), [found for name in controls if (found := sample(name))]
    if canary is None:
        return *unseen(account), []
    lines, failed = [], []
    for watch in contract.ROLLOUT["watch"]:
        key, bound, value = watch["metric"], limit(watch["back"]), canary[watch["metric"]]
        beside = [found[key] for found in others]
        bad = value > bound
        if key in ("enforce_latency", "event_latency") and beside and value > 0.01:
            bad |= value > max(beside) * (1 + limit("performance.loss"))
        controlled = " ".join(f"{found:g}" for found in beside) or "none"
        lines.append(f"{key} {value:g}, controls {controlled}, limit {bound:g}: {'BAD' if bad else 'ok'}")
        failed += [key] if bad else []
    if failed:
        return "FAIL", ", ".join(failed), lines
    few = [
        key
        for key in ("enforce_latency", "event_latency")
        if canary[f"{key}_samples"] < contract.number("canary.samples")
    ]
    if few:
        return "INCONCLUSIVE", f"fewer than {contract.text('canary.samples')} of {', '.join(few)}", lines
    if len(others) < len(controls):
        return "INCONCLUSIVE", "a control account does not answer", lines
    return "PASS", "", lines


def gate(account: str, control: str) -> int:
    """The verdict on the canary."""
    verdict, reason, lines = judge(account, control.split(","))
    show(*lines, f"{verdict}: {reason}" if reason else verdict)
    return {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": contract.EXIT["inconclusive"]}[verdict]


def guard(account: str, control: str, back_to: str) -> int:
    """Watches the canary until stopped; after enough bad samples in a row hands the account back and pages.

    back_to: a slot, or the release whose slot takes over. A sample that is missing is no bad sample: it pages, and a
    person looks at the broker.
    """
    if back_to not in contract.SLOTS:
        facts_of(back_to)
    bad = missing = 0
    note_guard(account)
    while bad < contract.number("breach.samples"):
        try:
            verdict, reason, lines = judge(account, control.split(","))
        except (VerbError, sqlite3.Error) as error:
            verdict, reason, lines = "INCONCLUSIVE", f"no sample: {error}", []
        bad = bad + 1 if verdict == "FAIL" else 0
        missing = missing + 1 if verdict == "INCONCLUSIVE" and not lines else 0
        if bad:
            show(f"{account}: bad sample {bad}: {reason}")
        if missing == contract.number("breach.samples"):
            print(f"<2>PAGE: {account}: guard blind: {reason}; nothing handed back", file=sys.stderr, flush=True)
        if bad < contract.number("breach.samples"):
            time.sleep(contract.seconds("breach.interval"))
    try:
        hand_over(account, slot_of(account, back_to))
    except VerbError as no:
        print(f"<2>PAGE: {account}: {reason}; NOT handed back: {no}", file=sys.stderr, flush=True)
        return 1
    print(f"<2>PAGE: {account}: {reason}; handed back to {back_to}", file=sys.stderr, flush=True)
    return 1
