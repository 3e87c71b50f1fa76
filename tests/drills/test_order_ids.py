"""An order that is made again, after a restore or a crash, must have the id that it had: the broker then refuses it."""

import importlib.util
import sys

import pytest

from drills.rig import account_files
from drills.rig.bad_releases import BUGS
from drills.rig.broker.account import Account
from drills.rig.broker.figures import report
from drills.rig.broker.orders import take_order
from drills.rig.broker.settings import Settings
from drills.rig.broker.traders import breach
from drills.rig.contract_facts import contract_facts, quantities
from drills.rig.release_builder import build


def book_of(folder):
    """The module `book` of a release, whatever else has its name."""
    spec = importlib.util.spec_from_file_location(f"book_{folder.name}", folder / "lib/product/book.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def made_twice(book, account):
    """The order for a breach, made by a daemon and then by one that begins anew, both sent to the broker."""
    breach(account, "size")
    events = list(account.events)
    for _ in range(2):
        engine = book.Book(account.name, account_files.LIMITS, account_files.RULES)
        for event in events:
            engine.apply(event)
        for action in engine.actions():
            take_order(account, vars(action), {"instance": "daemon", "release": "", "epoch": 0})
    return report(account, 0.0)


@pytest.mark.parametrize(
    ("bug", "duplicated", "refused"),
    [pytest.param(None, 0, 1, id="good-release"), pytest.param("random-ids", 1, 0, id="random-ids")],
)
def test_an_order_made_again_is_refused_unless_its_id_is_another(tmp_path, bug, duplicated, refused):
    release = build("1.5.0", tmp_path, contract_facts(), quantities(), BUGS[bug] if bug else None)
    figures = made_twice(book_of(release), Account("A1", Settings()))
    assert (figures["duplicated"], figures["duplicates_refused"]) == (duplicated, refused)
