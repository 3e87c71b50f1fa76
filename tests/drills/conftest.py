"""Drills need root, systemd and namespaces. Without them they are skipped with one loud line; REQUIRE_DRILLS=1 makes that a failure."""

import fcntl
import os

import pytest

from drills.rig.preflight import preflight
from drills.runner.site_build import ROOT, build
from runbook.data.loader import load


@pytest.fixture(scope="session")
def drills_possible():
    """Skips, or fails when drills are required, where a rig cannot run."""
    if missing := preflight():
        text = f"DRILLS NOT RUN: {missing}. Nothing was proved."
        if os.environ.get("REQUIRE_DRILLS") == "1":
            pytest.fail(text)
        pytest.skip(text)


@pytest.fixture(scope="session")
def drilled_book():
    """The data as it is, in a public build."""
    return load(ROOT, "public")


@pytest.fixture(scope="session")
def drilled_site(tmp_path_factory):
    """The site, built once for all drills of a run, whichever of the run's processes needs it first."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return build(tmp_path_factory.mktemp("site"))
    shared = tmp_path_factory.getbasetemp().parent / "drilled_site"
    with open(f"{shared}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared.with_name("drilled_site.done")
        if not done.exists():
            build(shared)
            done.touch()
    return shared
