"""A damaged state, configuration or disk is refused, and the account comes back."""

import time

import pytest

from drills.rig.rig import Rig
from tests.drills.rig_helpers import SIGNED, assert_judged, ctl, ended_with, flowing, must, report, until

pytestmark = [pytest.mark.drills, pytest.mark.usefixtures("drills_possible")]


STOPPED = "systemctl stop 'traderd@A1:*'; "
DAMAGE = [
    pytest.param(
        STOPPED + "dd if=/dev/urandom of={db} bs=4096 seek=1 count=20 conv=notrunc status=none", id="overwritten"
    ),
    pytest.param(STOPPED + "truncate -s 9000 {db}", id="truncated"),
    pytest.param(STOPPED + ": > {db}", id="emptied"),
    pytest.param(STOPPED + "rm {db}", id="missing"),
    pytest.param(
        "systemctl kill --signal=KILL 'traderd@A1:*'; " + STOPPED + "test -s {db}-wal && rm {db}-wal {db}-shm",
        id="write-ahead log lost",
    ),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_state_is_refused_and_restored(one, request, damage):
    one.broker("breach", account="A1", rule="loss")
    time.sleep(0.5)
    host = one.hosts["trade-1"]
    must(one, "backup A1")
    before = one.examine(host, "A1")["strict"]
    assert before["lockouts"], "there is something to lose"
    host.must(damage.format(db="/var/lib/traderd/A1/state.db"))
    assert host.run("systemctl start traderd@A1:blue").code != 0
    assert ended_with(one, "blue") == 65
    missing = request.node.callspec.id == "missing"
    assert f"state refused: database {'missing' if missing else 'damaged'}" in host.journal()
    assert ctl(one, "state-check A1")[0] == 65

    since = time.time()
    host.must(
        "traderctl fence A1 --cause recovery && traderctl restore A1 --backup latest && traderctl start A1 "
        "&& traderctl adopt A1 && traderctl state-check A1 --against record && traderctl smoke A1"
    )
    assert ctl(one, "resume A1")[0] == 1, "what was damaged may have held more"
    must(one, f"resume A1 {SIGNED}")
    time.sleep(0.3)
    assert_judged(one, since, 30.0, before)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("position_limit: [", id="not YAML"),
        pytest.param("", id="empty"),
        pytest.param("position_limit: 99999", id="above the largest limit"),
        pytest.param("surprise: 1", id="an unknown key"),
    ],
)
def test_a_refused_configuration_is_restored(one, broken):
    host = one.hosts["trade-1"]
    path = "/etc/traderd/A1.yaml"
    host.must(
        f"echo '{broken}' > {path}"
        if ":" not in broken or "[" in broken
        else f"sed -i 's/^  position_limit.*/  {broken}/' {path}"
    )
    code, lines = ctl(one, "config-check A1")
    assert code == 78 and lines[0].startswith("configuration refused: "), (broken, lines)
    host.run("systemctl restart traderd@A1:green")
    assert ended_with(one, "green") == 78 and "configuration refused:" in host.journal(5)
    digest = host.must("sha256sum < /var/lib/traderd/A1/config.last-good.yaml")[:12]
    must(one, f"config-restore A1 --digest {digest}")
    must(one, "config-check A1")
    host.must(
        "systemctl reset-failed 'traderd@A1:*'; systemctl start traderd@A1:green && traderctl wait A1:green standby"
    )
    assert_judged(one, 0, 3.0)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("DELETE FROM fills WHERE seq = (SELECT max(seq) FROM fills)", id="a fill is lost"),
        pytest.param("UPDATE positions SET qty = qty + 1", id="a position is off"),
        pytest.param("INSERT INTO orders VALUES ('T0', 'ES', 1, 1, NULL)", id="an order nobody sent"),
    ],
)
def test_adopt_mends_each_kind_of_mismatch(one, change):
    host, db = one.hosts["trade-1"], "/var/lib/traderd/A1/state.db"
    must(one, "halt A1 --cause recovery")
    host.must(f'sqlite3 -cmd ".timeout 3000" {db} "{change}"')
    # A running daemon writes the positions that it knows; only a stopped one keeps a wrong one.
    if "positions" in change:
        host.must(f"systemctl stop 'traderd@A1:*'; sqlite3 {db} \"{change}\"")
    code, lines = ctl(one, "reconcile A1")
    assert code == 1 and lines[-1] == "MISMATCH", lines
    host.must(
        "systemctl start traderd@A1:blue traderd@A1:green; traderctl adopt A1 && traderctl "
        "reconcile A1 && traderctl smoke A1 && traderctl resume A1"
    )
    assert_judged(one, time.time() - 0.2, None)


def test_a_full_disk_ends_the_daemon_and_frees_again():
    with Rig(accounts={"trade-1": ["A1"]}, disk_mb=64) as rig:
        flowing(rig, "A1")
        host = rig.hosts["trade-1"]
        must(rig, "backup A1")
        host.must(
            "touch /var/lib/traderd/filler && fallocate -l $(df --output=avail -B1 /var/lib | tail "
            "-n 1) /var/lib/traderd/filler || dd if=/dev/zero of=/var/lib/traderd/filler bs=4k "
            "status=none || true"
        )
        assert until(lambda: "cannot save state: disk full" in host.journal(), 10), host.journal()
        assert until(lambda: report(rig)["writers_now"] == 0, 30)
        host.must(
            "rm /var/lib/traderd/filler; systemctl reset-failed 'traderd@A1:*'; systemctl start "
            "traderd@A1:blue && traderctl wait A1:blue 'active|standby'"
        )
        must(rig, "state-check A1 --against latest")
        assert_judged(rig, 0, 120.0)
