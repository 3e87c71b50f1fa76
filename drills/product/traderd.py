"""The program `traderd`.

traderd ACCOUNT:SLOT               run, as the unit file does
traderd check-config ACCOUNT       say whether this release reads the configuration (exit 78 if not)
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


def main() -> None:
    """Runs what the words of the call ask for."""
    match sys.argv[1:]:
        case ["check-config", account]:
            try:
                configuration.load(contract.path("config", account=account), account, release.FACTS)
            except configuration.RefusedError as refused:
                print(f"{contract.log_words('config_refused')} {refused}")
                sys.exit(contract.EXIT["configuration refused"])
        case ["replay" | "stress" as what, file, *factor]:
            sys.exit(rehearse.replay(Path(file)) if what == "replay" else rehearse.stress(Path(file), float(factor[0])))
        case [slot] if ":" in slot:
            asyncio.run(Daemon(*slot.split(":")).run())
        case _:
            print(__doc__, file=sys.stderr)
            sys.exit(contract.EXIT["usage"])
