"""Compares output with what the page prints, as the page's reader does.

`…` stands for text that varies; a line that is nothing but `…` for any number of lines, none included; `$NAME` for the
value that was set.
"""

import re


def difference(expect: str, output: str, variables: dict[str, str]) -> str | None:
    """None when the output is as expected; else the first line that is not, for a reader.

    variables: the values that `$NAME` stands for.
    """
    wanted = [line.rstrip() for line in expect.strip("\n").splitlines()]
    got = [line.rstrip() for line in output.strip("\n").splitlines()]
    if _match(wanted, got, variables):
        return None
    for number, line in enumerate(wanted):
        if line != "…" and not any(_pattern(line, variables).fullmatch(each) for each in got):
            return f'expected line {number + 1} "{line}" is not in the output'
    return "the output has other lines, or has them in another order"


def _match(wanted: list[str], got: list[str], variables: dict[str, str]) -> bool:
    if not wanted:
        return not got
    if wanted[0] == "…":
        return any(_match(wanted[1:], got[skip:], variables) for skip in range(len(got) + 1))
    return (
        bool(got)
        and _pattern(wanted[0], variables).fullmatch(got[0]) is not None
        and _match(wanted[1:], got[1:], variables)
    )


def _pattern(line: str, variables: dict[str, str]) -> re.Pattern[str]:
    filled = re.sub(r"\$([A-Z_]+)", lambda name: variables.get(name[1], name[0]), line)
    return re.compile(".*".join(re.escape(part) for part in filled.split("…")))
