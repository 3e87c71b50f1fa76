"""Compares a call of the firm's command line with its synopsis in data/system.yml."""

import re
from dataclasses import dataclass, field

from runbook.data.models.system import System
from runbook.site.shell_blocks.syntax import Word
from runbook.site.shell_blocks.vocabulary import nearest

Found = list[tuple[Word, str]]


@dataclass
class _Synopsis:
    """positionals: what each is; many: whether the last one may stand several times;
    fewest: how many must stand.

    flags: what each takes, or None. required: flags that a call must have.
    """

    positionals: list[str] = field(default_factory=list)
    many: bool = False
    fewest: int = 0
    flags: dict[str, str | None] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, text: str) -> "_Synopsis":
        """Reads `flatten ACCOUNT --confirm ACCOUNT [--dry-run]` and `status ACCOUNT...`."""
        result, flag, optional = cls(), None, False
        for token in text.split()[1:]:
            optional = optional or token.startswith("[")
            bare = token.strip("[]")
            if bare.startswith("--"):
                flag = bare
                result.flags[flag] = None
                if not optional:
                    result.required.add(flag)
            elif flag:
                result.flags[flag], flag = bare, None
            else:
                result.many = bare.endswith("...")
                result.fewest += not optional
                one = bare.removesuffix("...")
                # A list of accounts may stand in one variable: ACCOUNTS.
                result.positionals.append(f"{one}|{one}S" if result.many else one)
            if token.endswith("]"):
                flag, optional = None, False
        return result


def check_call(cli: Word, arguments: list[Word], system: System, roles: dict[str, list[str]]) -> Found:
    """The faults of one call: each with the word that it is about.

    roles: which variables may stand for ACCOUNT, SLOT and RELEASE.
    """
    if not arguments:
        return [(cli, f"{cli.plain} without a verb")]
    verb = arguments[0].plain
    if verb not in system.verbs:
        return [(arguments[0], f'no verb "{verb}" of {cli.plain}{nearest(verb, system.verbs)}')]
    text = system.verbs[verb].synopsis
    synopsis, seen, given = _Synopsis.of(text), set(), []
    faults: Found = []
    rest = iter(arguments[1:])
    for word in rest:
        name = word.plain
        if not name.startswith("--"):
            given.append(word)
        elif name not in synopsis.flags:
            faults.append((word, f'{verb} has no flag "{name}"{nearest(name, synopsis.flags)}; it is called: {text}'))
        else:
            seen.add(name)
            takes = synopsis.flags[name]
            value = next(rest, None) if takes else None
            if takes and value is None:
                faults.append((word, f"{name} without its {takes}; it is called: {text}"))
            elif takes and value:
                faults += _check_value(value, takes, system, roles)
    for flag in sorted(synopsis.required - seen):
        faults.append((arguments[0], f"{verb} without {flag}; it is called: {text}"))
    wanted = len(synopsis.positionals)
    if len(given) < synopsis.fewest or (len(given) > wanted and not synopsis.many):
        faults.append((arguments[0], f"{verb} with {len(given)} of {wanted} arguments; it is called: {text}"))
    several = synopsis.positionals[-1:] * max(0, len(given) - wanted)
    for word, takes in zip(given, [*synopsis.positionals, *several], strict=False):
        faults += _check_value(word, takes, system, roles)
    return faults


def _check_value(word: Word, takes: str, system: System, roles: dict[str, list[str]]) -> Found:
    value = word.plain.strip("'")
    if takes.islower():
        known = takes.split("|")
        return [] if value in known else [(word, f'"{value}" is not one of {", ".join(known)}')]
    if takes == "STATES":
        wrong = [state for state in value.split("|") if state not in system.states]
        return [(word, f'no state "{state}"{nearest(state, system.states)}') for state in wrong]
    parts, kinds = value.split(":"), takes.split(":")
    if len(parts) != len(kinds) and ":" in takes:
        return [(word, f"{value} is not {takes}; write ${takes.replace(':', ':$')}")]
    faults: Found = []
    for part, kind in zip(parts, kinds, strict=False):
        name = re.fullmatch(r"\$\{?(\w+)\}?", part)
        is_known = name and name[1] in system.variables  # an unknown one is reported where it is guarded
        allowed = [variable for one in kind.split("|") for variable in roles.get(one, [])]
        if name and is_known and allowed and name[1] not in allowed:
            wanted = kind.replace("|", " or ")
            faults.append((word, f"${name[1]} where {wanted} is wanted: one of ${', $'.join(allowed)}"))
    return faults
