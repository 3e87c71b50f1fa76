"""Tells a command block that only reads from one that changes something.

What it does not know to be reading, it takes for changing.
"""

import re
import shlex

from runbook.data.models.system import System

# Programs that read whatever their arguments are.
READS = {
    ":",
    "[",
    "cat",
    "cmp",
    "cut",
    "df",
    "diff",
    "du",
    "echo",
    "false",
    "grep",
    "head",
    "jq",
    "ls",
    "printf",
    "readlink",
    "sha256sum",
    "sleep",
    "stat",
    "tail",
    "test",
    "tr",
    "true",
    "wc",
}
# Programs that read when each of their arguments is like this, or the first one is among these.
EACH = {
    "curl": r"-s|-f|-sf|-S|--unix-socket|/[\w@:./-]+\.sock|http://localhost/(health|metrics)",
    "date": r"\+.*",
    "hostname": "-[sf]",
    "journalctl": "--(utc|no-pager|quiet|reverse|(lines|unit|since|until|output|identifier)=.*)|-[nuo]|[^-].*",
}
FIRST = {"systemctl": {"is-active", "is-failed", "show", "status"}}
WORDS = {"!", "{", "}", "do", "done", "elif", "else", "fi", "for", "if", "in", "then", "until", "while"}


def changes(code: str, system: System) -> list[str]:
    """The commands of a block that change something, or that nobody knows; an empty list when it only reads."""
    text = re.sub(r"\$\{([A-Z_]+):\?[^}]*\}", r"\1", code.replace("\\\n", " "))
    if "`" in text:
        return [code.strip()]
    found: list[str] = []
    # What a command's output is taken from is a command, too; the innermost first. `$((` only reckons.
    while inner := re.search(r"\$\((\([^()$]*\)|[^()]*)\)", text):
        found += [] if inner[1].startswith("(") else _plain(inner[1], system)
        text = text[: inner.start()] + "_" + text[inner.end() :]
    return found + _plain(text, system)


def _plain(text: str, system: System) -> list[str]:
    if "$(" in text:
        return [text.strip()]
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|()<>\n")
    lexer.whitespace, lexer.commenters, lexer.whitespace_split = " \t\r", "", True
    try:
        words = list(lexer)
    except ValueError:
        return [text.strip()]
    found: list[str] = []
    command: list[str] = []
    for word in [*words, ";"]:
        if word and set(word) <= set(";&|()\n"):
            if command and not _reads(command, system):
                found.append(" ".join(command))
            command = []
        else:
            command.append(word)
    return found


def _reads(command: list[str], system: System) -> bool:
    if not _redirected_nowhere(command):
        return False
    while command and (command[0] in WORDS or re.fullmatch(r"[A-Za-z_]\w*=.*", command[0], re.S)):
        if command[0] == "for":
            return True  # its words are data; what is done with them comes behind `do`
        command = command[1:]
    if not command:
        return True
    program, arguments = command[0], command[1:]
    if program == "ssh":
        # What runs on the other host reads; without a command somebody would type there.
        far = re.sub(r"^(-o (BatchMode|ConnectTimeout)=\w+ )*[^-\s]\S*", "", " ".join(arguments)).split()
        return bool(far) and _reads(far, system)
    if program == system.names.cli:
        verb = system.verbs.get(arguments[0]) if arguments else None
        return verb is not None and (
            verb.changes == "nothing" or ("--dry-run" in arguments and "[--dry-run]" in verb.synopsis)
        )
    if program in EACH:
        return all(re.fullmatch(EACH[program], word, re.S) for word in arguments)
    if program in FIRST:
        return bool(arguments) and arguments[0] in FIRST[program]
    return program in READS


def _redirected_nowhere(command: list[str]) -> bool:
    """Whether every redirection of a command reads, or writes to nothing or to another of its own outputs."""
    for i, word in enumerate(command):
        target = command[i + 1] if i + 1 < len(command) else ""
        if (
            word
            and set(word) <= set(";&|()<>\n")
            and word != "<"
            and not ((word == ">" and target == "/dev/null") or (word == ">&" and target in ("1", "2")))
        ):
            return False
    return True
