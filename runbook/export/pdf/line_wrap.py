"""Cuts long lines of commands for paper, so that a reader can put them together again exactly."""

# How far back from the edge a space is looked for before a word is cut.
REACH = 28


def pieces(line: str, columns: int, indent: int = 2) -> list[str]:
    """A line as pieces that fit; joined they are the line again, character for character.

    columns: characters that fit into the first piece. indent: columns that the later ones lose.
    """
    found, rest, room = [], line, columns
    while len(rest) > room:
        cut = _cut(rest, room)
        found.append(rest[:cut])
        rest, room = rest[cut:], columns - indent
    return [*found, rest]


def _cut(text: str, room: int) -> int:
    """Where to cut: after a space, else after a slash or a sign that ends a word, else at the edge."""
    for signs in (" ", "/:;,\"'}|"):
        at = max(text.rfind(sign, max(1, room - REACH), room) for sign in signs)
        if at > 0 and text[:at].strip():
            return at + 1
    return room
