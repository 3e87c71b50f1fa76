"""Drills need root, systemd and namespaces. Without them they are skipped with one loud line.

REQUIRE_DRILLS=1 makes that a failure.
"""

import os

import pytest

from drills.rig.preflight import preflight
from drills.rig.rig import Rig
from drills.runner.site_build import ROOT
from runbook.data.loader import load
from tests.drills.rig_helpers import flowing


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
def drilled_site(site):
    """The folder of the built site, whose blocks are drilled."""
    return site.folder


@pytest.fixture
def one():
    """One host with account A1, both slots running, 50 events a second."""
    with Rig(accounts={"trade-1": ["A1"]}) as rig:
        yield flowing(rig, "A1")
