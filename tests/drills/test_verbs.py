"""The verbs that prove, move and clean up keep their promises, also when they are pasted twice."""

import time

import pytest

from drills.rig.rig import Rig
from tests.drills.rig_helpers import assert_judged, ctl, flowing, matches, must, report, state_of, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]

QUICK = {
    "arrival.within": "1500 ms",
    "heartbeat.interval": "300 ms",
    "heartbeat.silence": "3 s",
    "reconnect.first": "200 ms",
    "event.age": "2 s",
    "breach.interval": "1 s",
}
VERSIONS = {"1.4.1": None, "1.4.10": None, "1.4.2": None, "1.5.0": None}


@pytest.fixture(scope="module")
def pair(drills_possible):
    """A host with the accounts A1 (both slots on 1.4.10) and A2 (one slot); each test leaves it well."""
    with Rig(accounts={"trade-1": ["A1", "A2"]}, release="1.4.10", versions=VERSIONS, thresholds=QUICK) as rig:
        yield flowing(rig, "A1", "A2")


def test_an_event_younger_than_the_call_is_arriving(pair):
    lines = must(pair, "arrival A1")
    assert matches(lines[0], "broker event … to …") and matches(lines[1], "daemon event … to …")
    assert lines[2:] == ["ARRIVING"]


def test_connected_without_events_is_not_arriving_until_a_new_session(pair):
    host = pair.hosts["trade-1"]
    pair.broker("mute", account="A1")
    code, lines = ctl(pair, "arrival A1")
    assert (code, lines[-1]) == (1, "NOT ARRIVING"), lines
    assert until(lambda: "connected, no events:" in host.journal(), 5)
    assert state_of(pair, "blue") == "active", "the state alone shows nothing"
    lines = must(pair, "reconnect A1")
    assert matches(lines[0], "A1: new session, blue active") and lines[-1] == "ARRIVING"
    pair.broker("unmute", account="A1")


def test_a_new_session_that_is_mute_too_is_not_arriving(pair):
    pair.broker("mute", account="A1", new=True)
    code, lines = ctl(pair, "reconnect A1")
    assert (code, lines[-1]) == (1, "NOT ARRIVING"), lines
    pair.broker("unmute", account="A1")
    assert ctl(pair, "reconnect A1")[0] == 0


def test_a_quiet_market_proves_nothing(pair):
    pair.broker("flow", accounts=["A1"], rate=0)
    time.sleep(0.3)
    code, lines = ctl(pair, "arrival A1")
    assert (code, lines[-1]) == (3, "NO NEW EVENTS"), lines
    pair.broker("flow", accounts=["A1"], rate=50)


def test_a_release_whose_name_only_begins_alike_is_another_one(pair):
    assert ctl(pair, "status A1 --active 1.4.10 --standby 1.4.10")[0] == 0
    code, lines = ctl(pair, "status A1 --active 1.4.1 --standby 1.4.1")
    assert (code, lines[2:]) == (1, ["ANOTHER RELEASE IS ACTIVE: 1.4.10", "NO STANDBY ON 1.4.1"])
    assert ctl(pair, "handover A1 --to 1.4.1")[0] == 1


def test_a_handover_to_a_release_pasted_twice_changes_nothing(pair):
    host, since = pair.hosts["trade-1"], time.time()
    host.must(
        "traderctl migrate A1 --for 1.5.0 && systemctl stop traderd@A1:green && ln -sfnT /opt/traderd/releases/1.5.0 "
        "/opt/traderd/slots/A1:green && systemctl start traderd@A1:green && traderctl wait A1:green standby"
    )
    for _ in range(2):
        assert matches(must(pair, "handover A1 --to 1.5.0")[0], "A1: green active, release 1.5.0, gap …")
    assert must(pair, "compat A1")[0] == "release 1.5.0 present"
    code, lines = ctl(pair, "handover A1 A2 --to 1.4.2")
    assert (code, [line.split(":")[0] for line in lines]) == (1, ["COLD A1", "COLD A2"]), lines
    assert state_of(pair, "green") == "active"
    must(pair, "handover A1 --to 1.4.10")
    assert_judged(pair, since, 3.0)
    pair.broker("flow", accounts=["A1"], rate=50)


def test_only_a_release_that_is_safe_today_takes_over(pair):
    host = pair.hosts["trade-1"]
    host.must("cp /etc/traderd/A1.yaml /tmp/good && sed -i 's/version: 3/version: 2/' /etc/traderd/A1.yaml")
    code, lines = ctl(pair, "handover A1 A2 --to 1.5.0")
    assert (code, [line.split(":")[0] for line in lines]) == (1, ["NOT SAFE A1", "COLD A2"]), lines
    assert state_of(pair, "blue") == "active"
    host.must("cp /tmp/good /etc/traderd/A1.yaml")


def test_the_state_never_goes_down_without_the_word(pair):
    code, lines = ctl(pair, "migrate A1 --for 1.4.2")
    assert (code, lines[-1]) == (1, "A1: not migrated: would go down from 2 to 1: needs --down")
    assert matches(must(pair, "migrate A1 --for 1.4.2 --down --dry-run")[-1], "A1: would migrate schema 2 to 1")


def test_a_verb_for_several_accounts_names_each_and_tries_all(pair):
    lines = must(pair, "status A1 A2")
    assert [line.split()[0] for line in lines] == ["A1", "A1", "A2", "A2"]
    assert must(pair, 'backup "A1 A2"')[1].startswith("A2: backup ")
    code, lines = ctl(pair, "smoke A9 A2")
    assert (code, lines[0].split(":")[0], lines[-1]) == (1, "FAILED A9", "A2 SMOKE PASS")


@pytest.mark.parametrize("taken_over_by", ["handover A1 --to green", "reconnect A1"])
def test_whoever_moves_the_account_ends_the_guard(pair, taken_over_by):
    host = pair.hosts["trade-1"]
    host.must("systemd-run --quiet --collect --unit=traderd-guard-A1 traderctl guard A1 --control A2 --back-to 1.4.10")
    assert must(pair, taken_over_by)[0] == "guard stopped: the canary has ended"
    assert host.run("systemctl is-active traderd-guard-A1").code != 0


def test_the_credentials_check_leaves_the_working_session_alone(pair):
    pair.broker("set", second_ends_first=True)
    before = report(pair)["takeovers"]
    assert matches(must(pair, "credentials A1")[0], "A1: key accepted by the broker, expires in … d")
    time.sleep(0.5)
    assert report(pair)["takeovers"] == before
    pair.broker("set", key_question=False)
    assert ctl(pair, "credentials A1")[0] == 3
    pair.broker("set", second_ends_first=False, key_question=True)


def test_a_cap_is_read_at_the_broker(pair):
    assert must(pair, "limits A2") == ["account open", "largest position not set", "loss limit not set"]
    assert ctl(pair, "limits A2 --cap 1")[0] == 1
    pair.broker("limits_at_broker", account="A2", cap=2, loss=1000)
    assert ctl(pair, "limits A2 --cap 1")[0] == 1
    pair.broker("limits_at_broker", account="A2", cap=1, loss=1000)
    assert must(pair, "limits A2 --cap 1") == ["account open", "largest position 1", "loss limit 1000.00"]
    pair.broker("set", limits_question=False)
    assert ctl(pair, "limits A2 --cap 1")[0] == 3
    pair.broker("set", limits_question=True)


def test_a_block_is_read_at_the_broker_and_lets_positions_close(pair):
    assert ctl(pair, "limits A2 --blocked")[0] == 1
    pair.broker("limits_at_broker", account="A2")
    pair.broker("breach", account="A2", rule="position")
    pair.broker("block", account="A2")
    assert matches(must(pair, "limits A2 --blocked")[0], "account blocked since …")
    since = time.time()
    pair.broker("breach", account="A2", rule="position")
    time.sleep(1)
    figures = report(pair, since, "A2")
    assert figures["breaches"] == 0, "a blocked account opens nothing"
    must(pair, "flatten A2 --confirm A2")
    assert report(pair, account="A2")["positions"] == {}
    pair.broker("block", account="A2", blocked=False)


def test_a_configuration_restored_twice_goes_no_further_back(pair):
    host = pair.hosts["trade-1"]
    digest = host.must("sha256sum /etc/traderd/A1.yaml").split()[0][:12]
    host.must("cp /etc/traderd/A1.yaml /tmp/good && echo 'rules: [' > /etc/traderd/A1.yaml")
    assert ctl(pair, "config-restore A1 --digest 000000000000")[0] == 1
    first, second = (must(pair, f"config-restore A1 --digest {digest}")[-1] for _ in range(2))
    assert matches(first, f"A1: configuration restored, {digest} in place, …")
    assert second == f"A1: configuration unchanged, {digest} in place already"
    host.must("cmp /etc/traderd/A1.yaml /tmp/good")


def test_the_window_is_told_with_the_time_at_the_exchange_at_the_desk_and_in_utc(pair):
    host = pair.hosts["trade-1"]
    host.loosen_clock()
    host.step_clock(1796119200 - time.time())
    lines = must(pair, "window canary")
    host.right_clock()
    assert lines[0] == "exchange Tue 04:00 Chicago · desk Tue 10:00 London · UTC Tue 10:00"
    assert matches(lines[1], "window canary: open, closes in …"), "the market of a rig is always open"


def test_prune_keeps_the_latest_backup_however_old(pair):
    host = pair.hosts["trade-1"]
    root = "/var/backups/traderd/A2"
    host.must("traderctl backup A2 && traderctl backup A2")
    host.must(f"touch -d '100 days ago' {root}/*/*")
    names = sorted(host.must(f"ls {root} | grep -v latest").split())
    latest = host.must(f"readlink {root}/latest").strip()
    kept = names[0]
    host.must(f"echo {kept} > {root}/keep && rm {root}/latest")
    assert ctl(pair, "prune A2")[0] == 1
    host.must(f"ln -s {latest} {root}/latest")
    assert matches(must(pair, "prune A2 --dry-run")[0], "A2: would delete …, kept latest …")
    assert matches(must(pair, "prune A2")[0], "A2: deleted …, kept latest …")
    assert sorted(host.must(f"ls -d {root}/2*").split()) == sorted({f"{root}/{kept}", f"{root}/{latest}"})
    must(pair, "backup-verify A2")


def test_prune_says_how_much_of_the_disk_is_free_for_each_account(pair):
    pair.hosts["trade-1"].must("traderctl backup A1 A2")
    lines = must(pair, 'prune "A2 A1" --dry-run')
    assert [line.split(":")[0] for line in lines] == ["A2", "A2", "A1", "A1"]
    assert all(matches(line, "…: … of the disk free, enough") for line in lines[1::2]), lines


def test_the_accounts_that_run_a_release_are_found_by_its_whole_name(pair):
    words = [line.split() for line in ctl(pair, "status A1 A2")[1]]
    running = {account: release for account, _, state, release, *_ in words if state in ("active", "halted")}
    assert set(running) == {"A1", "A2"}
    for release in set(running.values()):
        wanted = [account for account in must(pair, "accounts") if running[account] == release]
        assert must(pair, f"accounts --on {release}") == wanted
    assert ctl(pair, "accounts --on 1.4.1") == (1, [])


def test_a_copy_of_the_configuration_is_compared_line_by_line_before_it_is_put_back(pair):
    host = pair.hosts["trade-1"]
    digest = host.must("sha256sum /etc/traderd/A1.yaml").split()[0][:12]
    assert must(pair, f"config-check A1 --diff {digest}")[-1] == f"nothing differs: {digest} is in place"
    host.must(
        "cp /etc/traderd/A1.yaml /tmp/good && sed -i 's/position_limit: 10/position_limit: 50/' /etc/traderd/A1.yaml"
    )
    lines = must(pair, f"config-check A1 --diff {digest}")
    assert [line[0] + line[1:].strip() for line in lines[4:]] == ["-position_limit: 50", "+position_limit: 10"], lines
    assert ctl(pair, "config-check A1 --diff 000000000000")[0] == 1
    host.must("cp /tmp/good /etc/traderd/A1.yaml")


def test_state_and_arrival_are_proven_for_several_accounts(pair):
    lines = must(pair, "state-check A1 A2 --against record")
    assert [line for line in lines if line.endswith("integrity ok")] == ["A1 integrity ok", "A2 integrity ok"]
    assert [line for line in must(pair, "arrival A1 A2") if line.endswith("ARRIVING")] == ["A1 ARRIVING", "A2 ARRIVING"]


def test_an_account_with_a_position_or_an_order_is_not_flat(pair):
    pair.broker("flow", accounts=["A1", "A2"], rate=20, trading=True)
    assert until(lambda: ctl(pair, "broker A1 --flat")[0] == 1, 5)
    assert ctl(pair, "broker A1 --flat")[1][-1] in ("NOT FLAT", "FLAT")


def test_the_standby_is_tested_before_it_is_promoted(pair):
    assert must(pair, "smoke A1 --standby")[-1] == "SMOKE PASS"
    code, lines = ctl(pair, "smoke A2 --standby")
    assert code == 1 and "no slot stands by" in lines[-1], lines


def test_evidence_names_what_it_could_not_have_and_keeps_the_rest(pair):
    host = pair.hosts["trade-1"]
    key = host.must("cat /etc/traderd/secrets/A2").strip()
    host.must("mv /etc/traderd/secrets/A2 /root/key")
    code, lines = ctl(pair, "collect A2")
    host.must("mv /root/key /etc/traderd/secrets/A2")
    assert code == 1 and lines[0].startswith("A2: MISSING broker:"), lines
    folder = host.must("ls -d /var/backups/traderd-incidents/A2/*").split()[-1]
    host.must(f"cd {folder} && sha256sum -c --quiet SHA256SUMS && test -s state.db && test -s log.txt")
    assert key not in host.run(f"cat {folder}/*.txt {folder}/*.json {folder}/*.yaml").output
    assert matches(must(pair, "collect A2")[-1], "A2: collected … files in …, digest …")
