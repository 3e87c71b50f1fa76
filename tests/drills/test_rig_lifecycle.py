"""A rig boots, runs beside others, and vanishes without a trace."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drills.rig.rig import Rig
from tests.drills.rig_helpers import traces, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]


def test_boots_and_leaves_nothing_behind():
    with Rig(hosts=["trade-1", "trade-2"]) as rig:
        assert traces(str(rig.root))
        assert rig.hosts["trade-1"].must("hostname").strip() == "trade-1"
        assert rig.hosts["trade-2"].must("cat /proc/1/comm").strip() == "systemd"
        rig.hosts["trade-1"].must("exec 3<>/dev/tcp/broker/9000")
        rig.hosts["trade-1"].must("touch /srv/proof-of-the-rig /root/proof-of-the-rig && rm -f /etc/passwd")
        print(f"boot {max(host.boot_seconds for host in rig.hosts.values()):.2f} s")
    assert traces(str(rig.root)) == []
    assert (
        Path("/etc/passwd").exists()
        and not Path("/srv/proof-of-the-rig").exists()
        and not Path("/root/proof-of-the-rig").exists()
    )


def test_leaves_nothing_behind_when_its_owner_is_killed():
    code = "from drills.rig.rig import Rig; r = Rig(); r.begin(); print(r.root, flush=True); input()"
    owner = subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    root = owner.stdout.readline().decode().strip()
    assert traces(root)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdin.close()
    owner.stdout.close()
    assert until(lambda: not traces(root), 10), traces(root)


def test_what_a_killed_keeper_leaves_is_swept_by_the_next_rig():
    first = Rig()
    first.begin()
    os.kill(first.keeper.pid, signal.SIGKILL)
    first.end()
    assert traces(str(first.root))
    with Rig():
        assert until(lambda: not traces(str(first.root)), 10), traces(str(first.root))


def test_control_groups_version_2():
    if not Path("/sys/fs/cgroup/unified").is_dir() and not Path("/sys/fs/cgroup/cgroup.controllers").exists():
        pytest.skip("no version 2 hierarchy on this machine")
    with Rig(accounts={"trade-1": ["A1"]}, cgroups=2) as rig:
        rig.start_accounts()
        assert "traderd" in rig.hosts["trade-1"].must("systemd-cgls --no-pager")


def test_a_terminal_keeps_its_variables_and_fails_closed():
    with Rig() as rig:
        terminal = rig.hosts["trade-1"].shell()
        assert terminal.run("ACCOUNT=A1; cd /var").code == 0
        unset = terminal.run('echo "${SLOT:?set SLOT}" && echo went on')
        assert unset.code != 0 and "set SLOT" in unset.output and "went on" not in unset.output
        assert terminal.run('echo "$ACCOUNT in $PWD"').output == "A1 in /var\n"
        slow = terminal.run("sleep 30", timeout=0.5)
        assert slow.code == 124 and slow.seconds < 5
        terminal.close()


def test_rigs_run_side_by_side_and_their_hosts_reach_each_other_by_ssh():
    with Rig(hosts=["trade-1", "trade-2"]) as one, Rig(hosts=["trade-1"]) as other:
        assert one.hosts["trade-1"].must("ssh trade-2 hostname").strip() == "trade-2"
        one.hosts["trade-1"].must("touch /srv/only-here")
        assert other.hosts["trade-1"].run("test -e /srv/only-here || ssh -o ConnectTimeout=1 trade-2 true").code != 0
