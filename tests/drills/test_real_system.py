"""Drills against a real system: over real ssh, to a rig's host that plays staging; and what they refuse without one."""

import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from drills.rig.rig import Rig
from drills.runner import real_system
from drills.runner.command_safety import changes
from drills.runner.site_build import ROOT
from drills.runner.ssh_host import SSH
from runbook.data.evidence_files import read

# Who signs, as the caller exports it.
SIGNED = {"SIGNED": "trading_approver=smith,risk_approver=jones"}

# ---------------------------------------------------------------------- reading or changing


@pytest.mark.parametrize(
    "code",
    [
        'traderctl smoke "${ACCOUNT:?set ACCOUNT}"',
        'SLOT="$(traderctl slot "${ACCOUNT:?set ACCOUNT}" active)" &&\n'
        'curl -sf --unix-socket "/run/${SLOT:?set SLOT}/admin.sock" http://localhost/health |\n'
        'jq -r \'if .a then "b" else "c" end\'',
        "traderctl flatten A1 --confirm A1 --dry-run",
        'for EACH in $(traderctl accounts); do traderctl status "${EACH:?}" || echo "NOT HEALTHY ${EACH:?}"; done',
        "{ systemctl is-active x 2>/dev/null || true; } && journalctl --no-pager -n 20",
        'test "$((100 - 10))" -le 95',
        "journalctl --utc --no-pager --lines=20 \\\n  --unit=x",
        "ssh -o BatchMode=yes -o ConnectTimeout=5 trade-1 traderctl release-check 1.5.0 || echo DIFFERS",
    ],
    ids=[
        *("a smoke test", "a pipe that reads", "a dry run", "a loop that reads", "a group that reads", "arithmetic"),
        *("a line that goes on", "a look at another host"),
    ],
)
def test_a_block_that_reads_is_not_asked_for(code, drilled_book):
    assert changes(code, drilled_book.system) == []


@pytest.mark.parametrize(
    "code",
    [
        "traderctl halt A1",
        "traderctl flatten A1 --confirm A1",
        "traderctl",
        "traderctl nosuchverb",
        "traderctl restore A1 --dry-run",
        "echo x > /etc/passwd",
        "echo x >> file",
        "echo x &> file",
        "systemctl stop x",
        "systemctl",
        'echo "$(systemctl stop x)"',
        'echo "$(echo "$(rm x)")"',
        "echo `rm x`",
        "true\nrm x",
        "true; rm x",
        "true && rm x",
        "true | rm x",
        "(rm x)",
        "cat <(rm x)",
        "curl -X POST http://a",
        "curl -sf -o file http://a",
        "curl -sf --unix-socket /run/x/admin.sock http://localhost/admin/halt",
        "journalctl --cursor-file=/etc/passwd",
        "ssh trade-1 rm x",
        "ssh -o BatchMode=yes trade-1",
        "ssh -o ProxyCommand=rm trade-1 cat x",
        "find / -delete",
        "sed -i s/a/b/ x",
        "journalctl --rotate",
        "journalctl --no-pager --vacuum-time=1s",
        "date -s 10:00",
        "hostname other",
        "bash -c 'rm x'",
        "eval rm",
        "$X y",
        "f() { rm x; }",
        "cat <<END\nrm\nEND",
        "if rm x; then true; fi",
        "while rm x; do true; done",
        "A=1 rm x",
        "echo 'unclosed",
        "echo $(a (b))",
        "xargs rm",
        "tee file",
    ],
    ids=lambda code: code.replace("\n", " (line break) "),
)
def test_a_block_that_changes_something_or_that_nobody_knows_is_asked_for(code, drilled_book):
    assert changes(code, drilled_book.system)


# ---------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("name", "only", "says"),
    [
        ("production", [], "production is never a target"),
        ("stagin", [], 'no environment stagin with a way in (ssh); did you mean "staging"?'),
        ("staging", ["database"], "database: not for staging"),
        ("staging", ["smoke", "database"], "database: not for staging"),
        ("staging", ["smok"], 'no procedure smok; did you mean "smoke"?'),
        ("staging", ["smoke", "standby"], "no terminal to answer: standby would change something on staging-1"),
        ("staging", ["warm"], "no terminal to answer"),
    ],
    ids=[
        "production",
        "no such environment",
        "not for staging",
        "one of two not for staging",
        "no such procedure",
        "a change and no terminal, second of two",
        "a change and no terminal",
    ],
)
def test_is_refused_before_anything_runs(drilled_book, drilled_site, tmp_path, capsys, monkeypatch, name, only, says):
    monkeypatch.setattr(real_system.RemoteHost, "run", lambda *_: pytest.fail("something was run"))
    with open(os.devnull) as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        assert real_system.run(drilled_book, lambda: drilled_site, name, only, tmp_path) == 2
    assert says in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_what_may_run_there_can_be_given_its_variables(drilled_book):
    system = real_system.find_target(drilled_book, "staging")
    marked = [name for name, it in drilled_book.procedures.items() if it.staging]
    assert marked and all(set(drilled_book.procedures[name].set) <= set(system.values) for name in marked)
    assert not set(drilled_book.rollout.environments["production"].accounts) & set(
        " ".join(system.values.values()).split()
    )


# ---------------------------------------------------------------------- over ssh


@pytest.fixture(scope="module")
def staging(tmp_path_factory, drilled_site):
    """A rig whose host plays staging, and a person who runs drills against it."""
    with Rig(hosts=["staging-1", "trade-1"], accounts={"staging-1": ["S1"]}) as rig:
        rig.start_accounts()
        rig.broker("flow", accounts=["S1"], rate=30)
        rig.hosts["staging-1"].must("traderctl backup S1")
        yield rig, Person(rig, drilled_site, tmp_path_factory.mktemp("ssh"))


@dataclass
class Person:
    """Somebody at a real terminal with a way in to a rig's hosts."""

    rig: Rig
    site: Path
    folder: Path

    def way(self, host: str) -> dict[str, str]:
        """A way in as an operator has it: settings of ssh that map the name to a host, here on the rig's network."""
        config = self.folder / host
        config.write_text(
            f"Host *\n  HostName {self.rig.hosts[host].address}\n  IdentityFile "
            f"{self.rig.root}/rig_key\n  IdentitiesOnly yes\n  UserKnownHostsFile {config}.known\n  "
            "StrictHostKeyChecking accept-new\n"
        )
        return {
            **os.environ,
            **SIGNED,
            SSH: shlex.join(["nsenter", "-t", str(self.rig.wire), "-n", "ssh", "-F", str(config)]),
        }

    def call(self, root: Path, only: list[str]) -> list[str]:
        """The command."""
        return [
            sys.executable,
            "-m",
            "drills",
            "--target",
            "staging",
            "--site",
            str(self.site),
            "--root",
            str(root),
            *only,
        ]

    def runs(self, only: list[str], answers: list[str], root: Path, host: str = "staging-1") -> tuple[int, str]:
        """Runs it and types the answers, one for each question, `no` to any more.

        Returns the exit code and all that was shown.
        """
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(ROOT)
            os.execve(sys.executable, self.call(root, only), self.way(host))
        shown, given, until = "", 0, time.monotonic() + 120
        while time.monotonic() < until:
            try:
                shown += os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                break
            if shown.count("yes/no: ") > given:
                os.write(terminal, (answers[given] if given < len(answers) else "no").encode() + b"\n")
                given += 1
        else:
            os.kill(child, signal.SIGKILL)
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def processes(rig: Rig) -> str:
    """The daemons of the account by their numbers: another one is another process."""
    return rig.hosts["staging-1"].must("systemctl show --property=MainPID --value traderd@S1:blue traderd@S1:green")


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
def test_procedures_run_over_ssh_and_leave_evidence_with_the_environments_name(staging, tmp_path):
    rig, person = staging
    before = processes(rig)
    code, shown = person.runs(["smoke", "standby"], ["yes", "yes"], tmp_path)
    assert code == 0, shown
    # The smoke tests only read; one step of the other one changes something.
    assert shown.count("yes/no: ") == 1 and shown.index("smoke-kill") < shown.index("yes/no: ")
    assert processes(rig) != before
    found = read(tmp_path)[0]
    assert found.drills == {} and found.failed == {} and set(found.real["staging"]) == {"smoke", "standby"}
    smoke = found.real["staging"]["smoke"]
    assert (smoke.environment, smoke.host, smoke.account, smoke.judged, smoke.attempts) == (
        "staging",
        "staging-1",
        "S1",
        "outputs only",
        1,
    )
    assert smoke.steps[0].id == "smoke-rules" and all(step.worst > 0 for step in smoke.steps)


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
def test_one_that_needs_a_situation_asks_for_it_and_runs(staging, tmp_path):
    rig, person = staging
    code, shown = person.runs(["halt", "resume"], ["yes"] * 4, tmp_path)
    assert code == 0 and "Is this so on staging-1 now?" in shown, shown
    assert set(read(tmp_path)[0].real["staging"]) == {"halt", "resume"}
    assert rig.hosts["staging-1"].must("traderctl wait S1:$(traderctl slot S1 active) active")


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
def test_a_refused_question_changes_nothing(staging, tmp_path):
    rig, person = staging
    before, epoch = processes(rig), rig.broker("report")["S1"]["epoch"]
    for only, answers in ((["standby"], ["no"]), (["standby"], ["y"]), (["halt"], ["no"]), (["halt"], ["yes", ""])):
        code, shown = person.runs(only, answers, tmp_path)
        assert code == 2 and "STOPPED: you said" in shown, shown
    assert (processes(rig), rig.broker("report")["S1"]["epoch"]) == (before, epoch)
    assert rig.hosts["staging-1"].must("traderctl wait S1:$(traderctl slot S1 active) active")
    assert not list(tmp_path.iterdir())


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
def test_a_procedure_that_is_not_safe_and_a_host_that_is_another_one_are_refused(staging, tmp_path):
    _, person = staging
    code, shown = person.runs(["database"], ["yes"] * 9, tmp_path)
    assert code == 2 and "database: not for staging" in shown and "yes/no" not in shown
    code, shown = person.runs(["smoke"], [], tmp_path, host="trade-1")
    assert code == 2 and "says that it is trade-1, data/rollout.yml that it is staging-1" in shown, shown
    assert not list(tmp_path.iterdir())


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
def test_a_failed_step_is_counted_and_ends_the_run(staging, tmp_path):
    rig, person = staging
    host = rig.hosts["staging-1"]
    host.must("systemctl stop traderd@S1:green traderd@S1:blue")
    try:
        code, shown = person.runs(["smoke", "standby"], ["yes"], tmp_path)
        assert (
            code == 1
            and "FAILED smoke: smoke-rules" in shown
            and "look at the system first" in shown
            and "standby:" not in shown
        ), shown
        failed = read(tmp_path)[0].failed["staging/smoke"]
        assert (failed.attempts, failed.failures) == (1, 1) and failed.why.startswith("smoke: smoke-rules")
    finally:
        host.must(
            "systemctl reset-failed 'traderd@S1:*'; systemctl start traderd@S1:blue && traderctl "
            "wait S1:blue active && systemctl start traderd@S1:green && traderctl wait S1:green "
            "standby"
        )
    assert person.runs(["smoke"], [], tmp_path)[0] == 0
    found = read(tmp_path)[0]
    assert found.failed == {} and (
        found.real["staging"]["smoke"].attempts,
        found.real["staging"]["smoke"].failures,
    ) == (2, 1)


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
def test_without_a_terminal_only_what_reads_runs(staging, tmp_path):
    _, person = staging
    how = {
        "cwd": ROOT,
        "env": person.way("staging-1"),
        "stdin": subprocess.DEVNULL,
        "capture_output": True,
        "text": True,
        "check": False,
    }
    refused = subprocess.run(person.call(tmp_path, ["smoke", "standby"]), **how)
    assert (
        refused.returncode == 2
        and refused.stderr.startswith("STOPPED: no terminal to answer: standby")
        and not list(tmp_path.iterdir())
    )
    assert subprocess.run(person.call(tmp_path, ["smoke"]), **how).returncode == 0
