"""The signatures that a verb takes: what two people said, as the one who types heard it. They prove no more."""

import os
import re

from . import contract
from .book import OVERRIDE
from .halt_flag import Halt
from .verb_support import VerbError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,31}")


def typist() -> str:
    """Who types at this terminal."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or "root"


def roles_for_resume(halt: Halt | None, overridden: bool) -> list[str]:
    """The roles that must sign before an account is resumed; none when whoever halted it may resume.

    overridden: whether an override has locked the account out.
    """
    signoff = contract.SYSTEM["halts"][halt.cause]["signoff"] if halt else None
    if overridden:
        signoff = signoff or "resume"
    return list(contract.SIGNOFFS[signoff]["roles"]) if signoff else []


def read_signatures(signed: str | None, roles: list[str], halt: Halt | None) -> dict[str, str]:
    """The names by role, once they are all there and all of them may sign.

    signed: ROLE=NAME,ROLE=NAME. Raises ValueError with what is wrong: a role too few, twice or not asked for, one name
    for two roles, the name of whoever types or of whoever halted the account.
    """
    pairs = [part.partition("=") for part in (signed or "").split(",") if part]
    names = {role: name for role, _, name in pairs}
    if missing := [role for role in roles if role not in names]:
        raise ValueError(f"{' and '.join(missing)} missing")
    if len(pairs) != len(roles) or set(names) != set(roles):
        raise ValueError(f"{', '.join(role for role, _, _ in pairs)} signed, wanted {' and '.join(roles)}")
    if wrong := [name for name in names.values() if not NAME.fullmatch(name)]:
        raise ValueError(f"{wrong[0]!r} is no name")
    people = [name.lower() for name in names.values()]
    if len(set(people)) != len(people):
        raise ValueError(f"{people[0]} signed twice")
    if typist().lower() in people:
        raise ValueError(f"{typist()} types")
    if halt and halt.by.partition("@")[0].lower() in people:
        raise ValueError(f"{halt.by} halted the account")
    return names


def signed_resume(account: str, signed: str | None, halt: Halt | None, overridden: bool) -> str:
    """The signatures of a resume as they are recorded; empty when none are due. Raises VerbError."""
    roles = roles_for_resume(halt, overridden)
    if not roles:
        return ""
    try:
        names = read_signatures(signed, roles, halt)
    except ValueError as wrong:
        cause = f"cause {halt.cause}" if halt else f"lockout {OVERRIDE}"
        raise VerbError(f"{account}: not resumed: needs {len(roles)} signatures: {cause}: {wrong}") from wrong
    return ",".join(f"{role}={name}" for role, name in names.items())


def signed_order(account: str, signed: str) -> str:
    """Who orders a lockout, as `ROLE NAME`: one of those who may sign a resume, and not whoever types.

    Raises VerbError.
    """
    role = signed.partition("=")[0]
    if role not in contract.SIGNOFFS["resume"]["roles"]:
        raise VerbError(f"{account}: not locked out: {role} does not order that")
    try:
        return f"{role} {read_signatures(signed, [role], None)[role]}"
    except ValueError as wrong:
        raise VerbError(f"{account}: not locked out: {wrong}") from wrong
