"""The admin command line. What each verb takes, prints and returns stands in the contract."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from . import (
    contract,
    several_accounts,
    verbs_broker,
    verbs_collect,
    verbs_files,
    verbs_handover,
    verbs_look,
    verbs_plan,
    verbs_prune,
    verbs_release,
    verbs_slots,
    verbs_start,
    verbs_state,
)
from . import verbs_override as override
from .verb_support import VerbError

# Verb: the function that does it, and its arguments in order.
VERBS: dict[str, tuple[Callable[..., int | None], list[str]]] = {
    "accounts": (verbs_slots.accounts, ["--of", "--on"]),
    "adopt": (verbs_files.adopt, ["account"]),
    "arrival": (verbs_broker.arrival, ["account+"]),
    "backup": (verbs_files.backup, ["account+"]),
    "backup-verify": (verbs_files.backup_verify, ["account+"]),
    "broker": (verbs_broker.broker, ["account+", "--flat?"]),
    "clock": (verbs_broker.clock, ["account"]),
    "collect": (verbs_collect.collect, ["account+"]),
    "compat": (verbs_release.compat, ["account+", "--release"]),
    "config-check": (verbs_files.config_check, ["account", "--release", "--diff"]),
    "config-restore": (verbs_files.config_restore, ["account", "--digest!"]),
    "credentials": (verbs_broker.credentials, ["account"]),
    "fence": (override.fence, ["account?", "--cause", "--lost", "--everywhere?"]),
    "flatten": (override.flatten, ["account", "--confirm!", "--dry-run?"]),
    "gate": (verbs_release.gate, ["account", "--control!"]),
    "guard": (verbs_release.guard, ["account", "--control!", "--back-to!"]),
    "halt": (override.halt, ["account", "--cause"]),
    "handover": (verbs_handover.handover, ["account+", "--to!"]),
    "limits": (verbs_broker.limits, ["account", "--blocked?", "--cap"]),
    "lock": (override.lock, ["account", "--signed!", "--confirm!"]),
    "migrate": (verbs_files.migrate, ["account", "--for", "--to", "--down?", "--dry-run?"]),
    "prune": (verbs_prune.prune, ["account+", "--dry-run?"]),
    "reconcile": (verbs_look.reconcile, ["account+"]),
    "reconnect": (verbs_broker.reconnect, ["account"]),
    "release-check": (verbs_release.release_check, ["release?", "--of"]),
    "replay": (verbs_release.replay, ["file", "--release!"]),
    "restore": (verbs_files.restore, ["account", "--backup!"]),
    "resume": (override.resume, ["account", "--signed"]),
    "slot": (verbs_slots.slot, ["account", "which"]),
    "smoke": (verbs_look.smoke, ["account+", "--standby?"]),
    "start": (verbs_start.start, ["account+", "--release", "--standby?"]),
    "state-check": (verbs_state.state_check, ["account+", "--against"]),
    "status": (verbs_slots.status, ["account+", "--active", "--standby"]),
    "stress": (verbs_release.stress, ["file", "--release!", "--times!"]),
    "wait": (verbs_slots.wait, ["slot", "wanted"]),
    "window": (verbs_plan.window, ["name"]),
}
CHOICES = {
    "which": ["active", "idle"],
    "cause": ["recovery", "harm"],
    "name": list(contract.CALENDAR["windows"]),
}
TYPES = {("migrate", "to"): int, ("stress", "times"): float, ("limits", "cap"): float}
# Options whose names Python cannot give to an argument.
NAMES = {"--for": "release"}


def parser() -> argparse.ArgumentParser:
    """The words of a call. Behind an option: ! must be given, ? takes no value. Behind a name: + several, ? none."""
    top = argparse.ArgumentParser(prog=contract.SYSTEM["names"]["cli"])
    verbs = top.add_subparsers(dest="verb", required=True)
    for verb, (_, arguments) in VERBS.items():
        words = verbs.add_parser(verb, help=contract.SYSTEM["verbs"][verb]["does"])
        for argument in arguments:
            name = NAMES.get(argument, argument.strip("-!?").replace("-", "_"))
            if argument.startswith("--") and argument.endswith("?"):
                words.add_argument(argument[:-1], action="store_true")
            elif argument.endswith("+"):
                words.add_argument(f"{argument[:-1]}s", nargs="+", metavar=argument[:-1])
            elif argument.startswith("--"):
                words.add_argument(
                    argument.rstrip("!"),
                    dest=name,
                    required=argument.endswith("!"),
                    type=TYPES.get((verb, name), str),
                    choices=CHOICES.get(name),
                )
            else:
                few = "?" if argument.endswith("?") else None
                words.add_argument(name, choices=CHOICES.get(name), nargs=few)
    return top


def run(do: Callable[..., int | None], words: dict[str, Any]) -> int:
    """Runs a verb, for each account when there are several. One word may hold a whole list: "A5 A2"."""
    if "accounts" not in words:
        return do(**words) or 0
    named = " ".join(words.pop("accounts")).split()
    if len(named) == 1:
        return do(account=named[0], **words) or 0
    return several_accounts.each(do, named, **words)


def main() -> None:
    """Runs one verb, and ends with its exit code."""
    words = vars(parser().parse_args())
    do, _ = VERBS[words.pop("verb")]
    try:
        code = run(do, words)
    except VerbError as no:
        print(no, file=sys.stderr)
        code = no.code
    sys.stdout.flush()
    os._exit(code)
