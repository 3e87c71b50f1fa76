"""The reference daemon and its command line say what the contract says."""

import json

import pytest

from tests.drills.rig_helpers import matches, must, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]

# Lines that only an option asks for.
ASKED_FOR = ["FLAT"]


def test_every_verb_that_looks_says_what_the_contract_says(one):
    says = {name: verb["says"] for name, verb in one.facts["system"]["verbs"].items()}
    host = one.hosts["trade-1"]
    one.write_recording(host, "A1", 600)
    calls = {
        "status A1": "status",
        "slot A1 active": "slot",
        "wait A1:blue active": "wait",
        "broker A1": "broker",
        "clock A1": "clock",
        "credentials A1": "credentials",
        "reconcile A1": "reconcile",
        "smoke A1": "smoke",
        "release-check 1.5.0": "release-check",
        "compat A1 --release 1.5.0": "compat",
        "config-check A1": "config-check",
        "backup-verify A1": "backup-verify",
        "state-check A1 --against latest": "state-check",
        "replay /srv/recordings/A1.jsonl --release 1.5.0": "replay",
    }
    must(one, "backup A1")
    for call, verb in calls.items():
        lines = must(one, call)
        wanted = [line for line in says[verb] if line not in ASKED_FOR]
        assert len(lines) == len(wanted), (call, lines)
        for line, pattern in zip(lines, wanted, strict=True):
            assert matches(line, pattern), (call, line, pattern)
    assert must(one, "stress /srv/recordings/A1.jsonl --release 1.5.0 --times 8")[-1] == "WITHIN LIMITS"
    assert must(one, "accounts") == ["A1"]


def test_health_and_metrics_have_the_contracts_names(one):
    host = one.hosts["trade-1"]
    socket = "/run/traderd/A1:blue/admin.sock"
    health = json.loads(host.must(f"curl -sf --unix-socket {socket} http://localhost/health"))
    assert {field["field"] for field in one.facts["system"]["health"]} <= health.keys()
    assert (
        health["state"] == "active"
        and health["link"] == "up"
        and health["rules_loaded"] == health["rules_expected"] == 4
    )
    by_monitor = {"enforce_missed", "enforce_unexpected", "scrape", "writers"}
    host.must("systemd-run --quiet --collect --unit=traderd-guard-A1 traderctl guard A1 --control A2 --back-to green")
    asked = f"curl -sf --unix-socket {socket} http://localhost/metrics"
    assert until(lambda: "traderd_guard_watching" in host.must(asked), 10), "the guard does not say that it watches"
    text = host.must(asked)
    wanted = {fact["name"] for key, fact in one.facts["system"]["metrics"].items() if key not in by_monitor}
    assert {name for name in wanted if f"\n{name}" not in f"\n{text}"} == set()
