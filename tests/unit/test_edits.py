"""The edits that other tests make hit their place, and nothing else."""

import pytest

from tests.edits import Edit

TEXT = """\
# A file.
canary.soak:
  value: 24 h   # a day
  why: >-
    Two lines
    of words.
  steps:
    - id: one
      by: me
    - {id: two, by: you}
# Above the next.
canary.samples:
  value: 'it''s'
"""


@pytest.mark.parametrize(
    ("edit", "old", "new", "line"),
    [
        pytest.param(Edit("f", "canary.soak.value", "36 h"), "24 h", "36 h", 3, id="a value"),
        pytest.param(Edit("f", "canary.samples.value", "x"), "'it''s'", "x", 13, id="a value in quotes"),
        pytest.param(
            Edit("f", "canary.soak.why", "x"), ">-\n    Two lines\n    of words.", "x", 4, id="a value of several lines"
        ),
        pytest.param(Edit("f", "canary.soak.steps.0.by", "you"), "by: me", "by: you", 9, id="a value in a list"),
        pytest.param(Edit("f", "canary.soak.steps.1.id", "six"), "id: two", "id: six", 10, id="a value in a line"),
        pytest.param(
            Edit("f", "canary.soak.steps", "[]"),
            "- id: one\n      by: me\n    - {id: two, by: you}",
            "[]",
            7,
            id="a whole list",
        ),
        pytest.param(Edit("f", "canary.soak", "canary.x", of="key"), "canary.soak", "canary.x", 2, id="a key"),
        pytest.param(
            Edit("f", "canary.soak.steps.0", of="entry"), "    - id: one\n      by: me\n", "", 8, id="an item that goes"
        ),
        pytest.param(
            Edit("f", "canary.samples", of="entry"),
            "canary.samples:\n  value: 'it''s'\n",
            "",
            12,
            id="an entry that goes",
        ),
    ],
)
def test_an_edit_changes_its_place_alone(tmp_path, edit, old, new, line):
    path = tmp_path / "data" / "f.yml"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="utf-8")
    assert TEXT.count(old) == 1
    assert edit.apply(tmp_path) == line
    assert path.read_text(encoding="utf-8") == TEXT.replace(old, new)


def test_an_edit_of_nothing_says_where_it_was_lost(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "f.yml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(KeyError, match=r"canary\.soak\.valeu: nothing stands at valeu"):
        Edit("f", "canary.soak.valeu", "1").apply(tmp_path)
