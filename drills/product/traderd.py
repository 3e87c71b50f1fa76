"""The program `traderd`.

traderd ACCOUNT:SLOT               run, as the unit file does
traderd check-config ACCOUNT       say whether this release reads the configuration (exit 78 if not)
traderd check-copies ACCOUNT FILE...  the same of copies: one line for each, `accepted` or why it is refused
traderd replay FILE                run a recorded day through this release's rules
traderd stress FILE FACTOR         the same at a multiple of its speed, with a real state
"""

import asyncio
import sys
from pathlib import Path

from . import account_config as configuration
from . import contract, rehearse
from . import release_facts as release
from .daemon import Daemon


def refusal(file: Path, account: str) -> str:
    """Why this release does not read a configuration, in the words of the log; empty when it does."""
    try:
        configuration.load(file, account, release.FACTS)
    except configuration.RefusedError as refused:
        return f"{contract.log_words('config_refused')} {refused}"
    return ""


def main() -> None:
    """Runs what the words of the call ask for."""
    match sys.argv[1:]:
        case ["check-config", account]:
            said = refusal(contract.path("config", account=account), account)
            if said:
                print(said)
                sys.exit(contract.EXIT["configuration refused"])
        case ["check-copies", account, *files]:
            for file in files:
                print(refusal(Path(file), account) or "accepted")
        case ["replay" | "stress" as what, file, *factor]:
            sys.exit(rehearse.replay(Path(file)) if what == "replay" else rehearse.stress(Path(file), float(factor[0])))
        case [slot] if ":" in slot:
            asyncio.run(Daemon(*slot.split(":")).run())
        case _:
            print(__doc__, file=sys.stderr)
            sys.exit(contract.EXIT["usage"])
