"""The goal of a procedure, judged from outside: at the broker, at the service manager and in the files of a host.

A drill asks twice: before the first step no part of `reach` may hold, after the last step all of `reach` and `keep`.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drills.product import state as states
from drills.rig.booted_host import Host
from drills.rig.rig import Rig
from runbook.data.models.procedures import Goal

ANY, THE_WRITERS = "any", "the writer's"
# How long a part may take to come true after the last step, and a broken limit may stand unanswered; in seconds.
PATIENCE = 4.0
UNANSWERED = 1.0
SLOTS = ("blue", "green")


@dataclass(frozen=True)
class Scene:
    """One account on the host where it is to be, in a running drill.

    values: the variables as the operator set them; began, first_event: when the procedure began, in seconds and in
    events at the broker; files: digests of the account's configuration and key before the fault; fault: commands that
    show the fault.
    """

    rig: Rig
    host: Host
    account: str
    values: dict[str, str]
    began: float
    first_event: int
    files: tuple[str, str]
    fault: tuple[tuple[Host, str], ...]

    def release(self, wanted: str) -> str:
        """`$OLD` as the operator set it."""
        return self.values[wanted.removeprefix("$")] if wanted.startswith("$") else wanted

    def seen(self) -> dict[str, Any]:
        """What the broker sees of the account."""
        found: dict[str, Any] = self.rig.broker("seen", account=self.account)
        return found


def missing(goal: Goal, scene: Scene, patience: float = PATIENCE) -> dict[str, str]:
    """Every part of a goal that does not hold, with what is so instead. patience: seconds that it may still take."""
    until = time.monotonic() + patience
    while True:
        found = {name: why for name, wanted in goal.parts.items() if (why := PARTS[name](scene, wanted))}
        if not found or time.monotonic() > until:
            return found
        time.sleep(0.1)


def file_digests(host: Host, account: str) -> tuple[str, str]:
    """Of the account's configuration and of its broker key on a host; of nothing when there is none."""
    paths = (host.path(path) for path in (f"/etc/traderd/{account}.yaml", f"/etc/traderd/secrets/{account}"))
    config, key = (hashlib.sha256(path.read_bytes() if path.exists() else b"").hexdigest() for path in paths)
    return config, key


# ---------------------------------------------------------------------- at the broker


def writes(scene: Scene, wanted: str) -> str:
    """Exactly one daemon writes, on this host, and it runs the release."""
    elsewhere = [
        each["instance"]
        for each in scene.seen()["sessions"]
        if each["role"] == "writer" and not each["instance"].startswith(f"{scene.host.name}/")
    ]
    if elsewhere:
        return f"{', '.join(elsewhere)} writes, wanted one on {scene.host.name}"
    return _one_runs(scene, "writer", scene.release(wanted))


def standby(scene: Scene, wanted: str) -> str:
    """Exactly one daemon stands by, and it runs the release."""
    if wanted == THE_WRITERS:
        wanted = ", ".join(each["release"] for each in scene.seen()["sessions"] if each["role"] == "writer")
    return _one_runs(scene, "observer", scene.release(wanted))


def _one_runs(scene: Scene, role: str, release: str) -> str:
    found = sorted(each["release"] for each in scene.seen()["sessions"] if each["role"] == role)
    fine = len(found) == 1 and release in (ANY, found[0])
    return "" if fine else f"{role} {', '.join(found) or 'none'}, wanted {release}"


def acts(scene: Scene, wanted: bool) -> str:
    """A limit broken now is answered. Asked of an order that is too large: once cancelled, it leaves nothing behind."""
    event = scene.rig.broker("breach", account=scene.account, rule="size")
    until = time.monotonic() + UNANSWERED
    while time.monotonic() < until:
        if event in scene.seen()["answered"]:
            return ""
        time.sleep(0.05)
    return f"the breach at event {event} was not answered within {UNANSWERED:g} s"


def flat(scene: Scene, wanted: bool) -> str:
    """No position, no working order."""
    seen = scene.seen()
    held, orders = seen["positions"], seen["orders"]
    return f"positions {held}, {len(orders)} orders" if held or orders else ""


def blocked(scene: Scene, wanted: bool) -> str:
    """Whether the broker blocks the account."""
    return "" if scene.seen()["blocked"] is wanted else f"blocked {not wanted} at the broker"


# ---------------------------------------------------------------------- on the host


def halted(scene: Scene, wanted: bool) -> str:
    """Whether the halt flag is there."""
    there = scene.host.path(f"/var/lib/traderd/{scene.account}/halted").exists()
    return "" if there is wanted else f"halt flag {'set' if there else 'not set'}"


def locked(scene: Scene, wanted: bool) -> str:
    """A lockout in the state."""
    return "" if _state(scene)["strict"]["lockouts"] else "no lockout in the state"


def matches(scene: Scene, wanted: bool) -> str:
    """The state is the broker's."""
    return "; ".join(_state(scene)["differences"][:3])


def schema_of(scene: Scene, wanted: str) -> str:
    """The state is in the schema that the release writes."""
    release, found = scene.release(wanted), _state(scene)["schema"]
    path = f"/opt/traderd/releases/{release}/release.json"
    written = int(scene.host.must(f"jq .schema {path}"))
    return "" if found == written else f"schema {found}, {release} writes {written}"


def _state(scene: Scene) -> dict[str, Any]:
    try:
        return scene.rig.examine(scene.host, scene.account)
    except (sqlite3.Error, OSError) as error:
        why = f"no readable state: {error}"
        return {"differences": [why], "strict": {"lockouts": {}}, "schema": why}


def backup(scene: Scene, wanted: str) -> str:
    """The latest backup is new, opens, and holds what had happened before it."""
    found = scene.host.run(f"readlink -e /var/backups/traderd/{scene.account}/latest/state.db")
    if found.code:
        return "no latest backup"
    file = scene.host.path(found.output.strip())
    if (made := file.stat().st_mtime) < scene.began:
        return f"the latest backup is {scene.began - made:.0f} s older than the procedure"
    with states.copy_of(file) as db:
        sound, reached = db.execute("PRAGMA integrity_check").fetchone()[0], states.last_seq(db)
    if sound != "ok":
        return f"the latest backup is damaged: {sound}"
    return "" if reached >= scene.first_event else f"the latest backup ends at event {reached}, not {scene.first_event}"


def unpacked(scene: Scene, wanted: str) -> str:
    """The release is there and whole."""
    release = scene.release(wanted)
    found = scene.host.run(f"cd /opt/traderd/releases/{release} && sha256sum --check --quiet MANIFEST.sha256")
    return f"{release}: {found.output.strip()[:200]}" if found.code else ""


def retired(scene: Scene, wanted: str) -> str:
    """No slot is linked to the release."""
    links = {slot: scene.host.path(f"/opt/traderd/slots/{scene.account}:{slot}") for slot in SLOTS}
    still = [
        slot for slot, link in links.items() if link.is_symlink() and link.readlink().name == scene.release(wanted)
    ]
    return f"still linked: {', '.join(still)}" if still else ""


def config(scene: Scene, wanted: str) -> str:
    """The configuration is the one from before the fault, or the one with a digest."""
    if wanted.startswith("$"):
        there = file_digests(scene.host, scene.account)[0]
        digest = scene.values[wanted.removeprefix("$")]
        return "" if there.startswith(digest) else f"{there[:12]}, wanted {digest}"
    return "" if file_digests(scene.host, scene.account)[0] == scene.files[0] else "another configuration than before"


def key(scene: Scene, wanted: str) -> str:
    """The broker takes the host's key, and it is another one than before."""
    there, taken = file_digests(scene.host, scene.account)[1], scene.seen()["key"]
    if there == scene.files[1]:
        return "the key of before"
    return "" if taken and there == hashlib.sha256(f"{taken}\n".encode()).hexdigest() else "not the broker's key"


def fault(scene: Scene, wanted: str) -> str:
    """No command shows the fault any more."""
    if not scene.fault:
        return "nothing shows the fault"
    still = [code for host, code in scene.fault if host.run(code).code == 0]
    return f"still so: {'; '.join(still)}" if still else ""


PARTS: dict[str, Callable[[Scene, Any], str]] = {
    function.__name__: function
    for function in (
        *(writes, standby, acts, flat, blocked),
        *(halted, locked, matches, schema_of, backup, unpacked, retired, config, key, fault),
    )
}
