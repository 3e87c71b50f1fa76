"""A cut line can be put together again."""

import pytest

from runbook.export.pdf.line_wrap import pieces

LINES = {
    "empty": "",
    "short": "short",
    "many short words": "a b c " * 40,
    "one long word": "x" * 200,
    "a long path": "  indented --with=a-very/long/path/" + "segment/" * 20,
    "a command": 'curl -sf --unix-socket "/run/traderd/${ACCOUNT:?set ACCOUNT}:${SLOT:?set SLOT}/admin.sock" '
    "http://localhost/metrics | grep -E '^(a|b)'",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize("columns", [40, 74, 94])
def test_pieces_joined_are_the_line(line, columns):
    assert "".join(pieces(line, columns)) == line


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_no_piece_is_longer_than_its_room(line):
    first, *later = pieces(line, 60)
    assert len(first) <= 60 and all(len(piece) <= 58 for piece in later)


def test_words_stay_whole_where_there_is_a_space():
    assert pieces("one two three", 9) == ["one two ", "three"]
