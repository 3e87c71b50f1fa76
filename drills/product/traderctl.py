"""The admin command line. What each verb takes, prints and returns stands in the contract."""

import argparse
import os
import sys
from collections.abc import Callable

from . import contract, verbs_files, verbs_look, verbs_release
from . import verbs_override as override
from .verb_support import VerbError

# Verb: the function that does it, and its arguments in order.
VERBS: dict[str, tuple[Callable[..., int | None], list[str]]] = {
    "accounts": (verbs_look.accounts, []),
    "adopt": (verbs_files.adopt, ["account"]),
    "backup": (verbs_files.backup, ["account"]),
    "backup-verify": (verbs_files.backup_verify, ["account"]),
    "broker": (verbs_look.broker, ["account"]),
    "clock": (verbs_look.clock, ["account"]),
    "compat": (verbs_release.compat, ["account", "--release!"]),
    "config-check": (verbs_files.config_check, ["account", "--release"]),
    "config-restore": (verbs_files.config_restore, ["account"]),
    "credentials": (verbs_look.credentials, ["account"]),
    "fence": (override.fence, ["account"]),
    "flatten": (override.flatten, ["account", "--confirm!", "--dry-run?"]),
    "gate": (verbs_release.gate, ["account", "--control!"]),
    "guard": (verbs_release.guard, ["account", "--control!", "--back-to!"]),
    "halt": (override.halt, ["account"]),
    "handover": (verbs_look.handover, ["account", "--to!"]),
    "migrate": (verbs_files.migrate, ["account", "--to!", "--dry-run?"]),
    "reconcile": (verbs_look.reconcile, ["account"]),
    "release-check": (verbs_release.release_check, ["release"]),
    "replay": (verbs_release.replay, ["file", "--release!"]),
    "restore": (verbs_files.restore, ["account", "--backup!"]),
    "resume": (override.resume, ["account"]),
    "slot": (verbs_look.slot, ["account", "which"]),
    "smoke": (verbs_look.smoke, ["account"]),
    "state-check": (verbs_look.state_check, ["account", "--against"]),
    "status": (verbs_look.status, ["account"]),
    "stress": (verbs_release.stress, ["file", "--release!", "--times!"]),
    "wait": (verbs_look.wait, ["slot", "wanted"]),
}
CHOICES = {"which": ["active", "idle"], "back_to": contract.SLOTS}
TYPES = {("migrate", "to"): int, ("stress", "times"): float}


def parser() -> argparse.ArgumentParser:
    """The words of a call. A mark behind an option: ! it must be given, ? it takes no value."""
    top = argparse.ArgumentParser(prog=contract.SYSTEM["names"]["cli"])
    verbs = top.add_subparsers(dest="verb", required=True)
    for verb, (_, arguments) in VERBS.items():
        words = verbs.add_parser(verb, help=contract.SYSTEM["verbs"][verb]["does"])
        for argument in arguments:
            name = argument.strip("-!?").replace("-", "_")
            if argument.endswith("?"):
                words.add_argument(argument[:-1], action="store_true")
            elif argument.startswith("--"):
                words.add_argument(
                    argument.rstrip("!"),
                    required=argument.endswith("!"),
                    type=TYPES.get((verb, name), str),
                    choices=CHOICES.get(name),
                )
            else:
                words.add_argument(name, choices=CHOICES.get(name))
    return top


def main() -> None:
    """Runs one verb, and ends with its exit code."""
    words = vars(parser().parse_args())
    do, _ = VERBS[words.pop("verb")]
    try:
        code = do(**words) or 0
    except VerbError as no:
        print(no, file=sys.stderr)
        code = no.code
    sys.stdout.flush()
    os._exit(code)
