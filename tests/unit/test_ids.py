"""A failed test is named in words: the id of each of its cases says what the case is about."""

import re

import pytest

from tests.conftest import COLLECTED, say

# What pytest, or a hurried author, calls a case, and why nobody can read it.
UNREADABLE = {
    r"^\s*$": "is empty",
    r"<lambda>|<function|\bobject at\b|\b0x[0-9a-f]+\b": "names no value, but a function or an object",
    r"\{\{|\{%": "is a template",
    r"\\": "is written in escapes",
}


def unreadable(case: str, values: dict[str, object]) -> list[str]:
    """Why nobody can read the id of a case. values: the parameters of the case by name."""
    reasons = [reason for pattern, reason in UNREADABLE.items() if re.search(pattern, case)]
    names = "|".join(map(re.escape, values))
    if re.search(rf"(^|-)({names})\d+(-|$)", case):
        reasons.append("is the name of a parameter and a number")
    number = re.search(r"^[a-z_]+-(\d+)$", case)
    if number and number[1] not in map(str, values.values()):
        reasons.append("is a word and a number that counts the cases")
    return reasons


def test_every_case_has_an_id_that_can_be_read(request):
    say(
        [
            f"{item.nodeid}: the id {reason}; give the case one in words: pytest.param(..., id=...)"
            for item in request.config.stash[COLLECTED]
            if hasattr(item, "callspec")
            for reason in unreadable(item.callspec.id, item.callspec.params)
        ]
    )


@pytest.mark.parametrize(
    "case, values",
    [
        pytest.param("", {"line": ""}, id="empty"),
        pytest.param("<lam" + "bda>-24", {"call": print, "wanted": 24}, id="lambda"),
        pytest.param("<Host object at 0x7f00>", {"host": object()}, id="address"),
        pytest.param("{" + "{ t() }}", {"text": ""}, id="template"),
        pytest.param("a" + "\\" + "n", {"text": "a\n"}, id="escape"),
        pytest.param("warm-change0", {"name": "warm", "change": {}}, id="parameter and number"),
        pytest.param("thresholds-3", {"file": "thresholds", "old": "x"}, id="word and number"),
    ],
)
def test_an_id_that_nobody_can_read_is_found(case, values):
    assert unreadable(case, values)


@pytest.mark.parametrize(
    "case, values",
    [
        pytest.param("640-2", {"wide": 640, "ratio": 2}, id="two values"),
        pytest.param("a-2", {"name": "a", "count": 2}, id="a name and a value"),
    ],
)
def test_a_number_that_is_a_value_may_stand_in_an_id(case, values):
    assert not unreadable(case, values)
