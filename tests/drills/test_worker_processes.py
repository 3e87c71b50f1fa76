"""The runner's processes: they die with it, and what they say reaches it."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from drills.rig import judge
from drills.runner.site_build import ROOT
from runbook.evidence import store

RUNNER = """
import os, time
from drills.runner.worker_processes import workers
with workers() as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def test_a_killed_runner_leaves_no_worker():
    runner = subprocess.Popen([sys.executable, "-c", RUNNER], cwd=ROOT, stdout=subprocess.PIPE)
    with runner.stdout:
        worker = int(runner.stdout.readline())
        os.kill(worker, 0)
        runner.send_signal(signal.SIGKILL)
        runner.wait()
    until = time.monotonic() + 10
    while os.path.exists(f"/proc/{worker}") and time.monotonic() < until:
        time.sleep(0.02)
    assert not os.path.exists(f"/proc/{worker}")


def test_the_judge_fails_what_it_must():
    judge.self_test()


def test_two_runs_at_once_do_not_write_into_each_others_files(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(store.fail, tmp_path, "warm", "words", (n, n), "exit code 1") for n in range(1, 81)]
        assert [write.exception() for write in writes] == [None] * 80
    found, faults = store.read(tmp_path)
    assert not faults and set(found.failed) == {"warm"}
    assert [path.name for path in (tmp_path / "data/evidence").iterdir()] == ["failed.json"]
