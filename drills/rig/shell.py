"""A persistent, interactive bash on a host: variables and the folder stay from block to block, as at a terminal."""

import os
import select
import subprocess
import time
from dataclasses import dataclass
from typing import IO, Protocol

CUT_OFF = 124


@dataclass
class Result:
    """What became of a command: exit code (124 when it was cut off), output and errors together, seconds."""

    code: int
    output: str
    seconds: float


class ShellHost(Protocol):
    """What a shell needs of its host: a rig's, or a real one."""

    name: str
    # The number of the host's first process as seen from here; 0 while the host is switched off.
    pid: int

    def run(self, code: str, timeout: float = 60.0) -> Result:
        """Runs bash code in a shell of its own; timeout in seconds."""

    def terminal(self) -> tuple[list[str], dict[str, str] | None]:
        """How a terminal is opened: the command, and its environment (None for the caller's own)."""

    def pasted(self, block: str) -> str:
        """The line to type that runs a block."""

    def journal(self, lines: int = 25) -> str:
        """The end of the host's log."""


class Shell:
    """One such bash. After a block that had to be cut off it is another one, without the variables."""

    process: subprocess.Popen[bytes]

    def __init__(self, host: ShellHost) -> None:
        self.host = host
        self._open()

    def _open(self) -> None:
        command, environment = self.host.terminal()
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._stdin, self._stdout = pipes(self.process)
        os.set_blocking(self._stdout.fileno(), False)
        self.session = "0"
        # What bash says at its start is not a block's output. Its number is its session's, too.
        self.session = self.run('PS1="" PS2=""; set +m; cd; echo $$').output.split()[-1]

    def run(self, block: str, timeout: float = 120.0) -> Result:
        """Runs a block as if it were pasted; timeout in seconds.

        An unset variable or a failing command ends the block, not the shell.
        """
        began, mark = time.monotonic(), f"end-of-block-{time.time_ns()}"
        self._type(self.host.pasted(block))
        self._type(f"echo {mark} $?\n")
        output = b""
        while time.monotonic() - began < timeout:
            if select.select([self._stdout], [], [], 0.1)[0]:
                output += os.read(self._stdout.fileno(), 1 << 16)
            if mark.encode() in output and output.endswith(b"\n"):
                before, _, code = output.decode(errors="replace").rpartition(mark)
                return Result(int(code), before, time.monotonic() - began)
            if self.process.poll() is not None:
                break
        cut = Result(CUT_OFF, output.decode(errors="replace"), time.monotonic() - began)
        # What ran so far stays; the operator gets a fresh terminal.
        self.close()
        self._open()
        return cut

    def _type(self, line: str) -> None:
        self._stdin.write(line.encode())
        self._stdin.flush()

    def close(self) -> None:
        """Ends the shell and whatever it started in the foreground."""
        if self.host.pid and self.session != "0":
            self.host.run(f"pkill -KILL -s {self.session}")
        self.process.kill()
        self.process.wait()
        self._stdin.close()
        self._stdout.close()


def pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    """The two ends of a process that was started with pipes for input and output."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    return process.stdin, process.stdout


def text_of(output: bytes | str | None) -> str:
    """What a command that was cut off had printed: the standard library gives it as bytes, text or nothing."""
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""
