"""A real host, reached over ssh: commands on it, and what a terminal on it needs (see ShellHost in rig/shell.py)."""

import base64
import os
import shlex
import subprocess
import time

from drills.rig.shell import Result, text_of
from runbook.data.models.rollout import WayIn

# A jump host, a key of its own: `DRILL_SSH="ssh -F file"`. Everything secret stays in the caller's own settings of ssh.
SSH = "DRILL_SSH"


class RemoteHost:
    """One host over ssh. Never asks for a password: what cannot log on with a key does not log on."""

    def __init__(self, name: str, address: str, way: WayIn) -> None:
        self.name, self.address = name, address
        self.way = [
            *shlex.split(os.environ.get(SSH, "ssh")),
            "-T",
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=10",
            "-o",
            "ServerAliveInterval=5",
            "-p",
            str(way.port),
            f"{way.user}@{address}",
        ]
        self.pid = 1  # it is up; a host that is not answers nothing

    def run(self, code: str, timeout: float = 60.0) -> Result:
        """Runs bash code in a shell of its own; timeout in seconds. Exit code 255 when the host cannot be reached."""
        began = time.monotonic()
        try:
            done = subprocess.run(
                [*self.way, f"bash -c {shlex.quote(code)}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=timeout,
                check=False,
            )
            return Result(done.returncode, done.stdout, time.monotonic() - began)
        except subprocess.TimeoutExpired as expired:
            return Result(124, text_of(expired.stdout), time.monotonic() - began)

    def terminal(self) -> tuple[list[str], None]:
        """How a terminal is opened: a login shell, whose commands nobody's history keeps; the environment is ours."""
        return [*self.way, "exec env PS1= PS2= HISTFILE= bash --login --noediting -i 2>&1"], None

    def pasted(self, block: str) -> str:
        """The line to type that runs a block: it carries the block, because nothing is written on a real host."""
        return f"source <(base64 -d <<< {base64.b64encode(block.encode()).decode()}) </dev/null\n"

    def journal(self, lines: int = 25) -> str:
        """The end of the host's log."""
        return self.run(f"journalctl --no-pager -o short-precise -n {lines}").output
