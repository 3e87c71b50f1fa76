"""The data as it is keeps what must hold, and so it does after any legal edit: no test is bound to today's values."""

import dataclasses
from decimal import Decimal

import pytest
import yaml

from runbook.data.checks import relations
from tests.conftest import ROOT, say
from tests.invariants import INVARIANTS
from tests.legal_edits import with_another_value


def keys_of(file: str) -> list[str]:
    return list(yaml.safe_load((ROOT / "data" / f"{file}.yml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.__name__.replace("_", " "))
def test_it_holds_of_the_data_as_it_is(catalog, invariant):
    say(invariant(catalog))


@pytest.mark.parametrize("key", keys_of("thresholds"))
def test_every_threshold_may_have_another_value(catalog, key):
    """One at a time: a value that only today's number would pass is one that no editor can change."""
    after, against = with_another_value(catalog, key)
    assert after is not None, "no other value is legal:\n" + "\n".join(against)


RELATIONS = yaml.safe_load((ROOT / "data" / "relations.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(i, id=f"{'+'.join(it['left'])} {it['is']} {'+'.join(it['right'])}")
        for i, it in enumerate(RELATIONS)
    ],
)
def test_a_relation_that_is_broken_is_a_fault(catalog, number):
    """Raises the left side far above the right one, and wants to be told about this very relation."""
    relation = catalog.relations[number]
    key = relation.left[0]
    high = catalog.thresholds[key].model_copy(
        update={"value": dataclasses.replace(catalog.thresholds[key].value, number=Decimal(10**9))}
    )
    broken = dataclasses.replace(catalog, thresholds={**catalog.thresholds, key: high})
    wanted = f"{' + '.join(relation.left)} {relation.is_} {' + '.join(relation.right)} does not hold"
    assert any(wanted in fault.text for fault in relations.check(broken))
