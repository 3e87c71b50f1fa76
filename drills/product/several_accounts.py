"""A verb for several accounts: one after the other, each line with its account, all of them tried."""

from collections.abc import Callable
from typing import Any

from . import verb_support
from .verb_support import VerbError, show

Verb = Callable[..., int | None]


def each(verb: Verb, accounts: list[str], **words: Any) -> int:
    """Runs the verb for each account. The line of one where it could not be done begins with the error's sign.

    Returns 1 when it failed for one of them, after all have been tried.
    """
    bad = 0
    for account in accounts:
        verb_support.current_account = account
        try:
            bad |= bool(verb(account=account, **words))
        except VerbError as no:
            verb_support.current_account = ""
            show(f"{no.sign} {account}: {str(no).removeprefix(f'{account}: ')}")
            bad = 1
    return int(bad)
