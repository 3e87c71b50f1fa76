"""What is wrong, where, and what is wanted: the one form in which every fault is reported."""

import os
from dataclasses import dataclass

from mkdocs.exceptions import PluginError


@dataclass(frozen=True, order=True)
class Fault:
    """One fault in one line of one file.

    file: path from the repository's root, with forward slashes.
    line: 1 or above.
    text: what was found and what is wanted, in one sentence.
    column: 1 or above; 0 when the whole line is meant.
    """

    file: str
    line: int
    text: str
    column: int = 0

    def __str__(self) -> str:
        column = f":{self.column}" if self.column else ""
        return f"{self.file}:{self.line}{column}: {self.text}"

    def annotation(self) -> str:
        """The same as a GitHub workflow command, which shows it on the line.

        Escapes as the workflow commands ask for: percent sign, carriage return, line feed.
        """
        text = self.text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        column = f",col={self.column}" if self.column else ""
        return f"::error file={self.file},line={self.line}{column}::{text}"


class FaultsError(PluginError):
    """Stops the build with every fault at once. A PluginError, so that MkDocs prints it without a traceback."""

    def __init__(self, faults: list[Fault]):
        self.faults = sorted(set(faults))
        lines = [str(fault) for fault in self.faults]
        if os.environ.get("GITHUB_ACTIONS") == "true":
            lines += [fault.annotation() for fault in self.faults]
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__("\n".join([f"{count} in data/ or docs/:", *lines]))


class MacroError(ValueError):
    """Raised by a macro for a call that cannot be right. The message says what is wanted."""
