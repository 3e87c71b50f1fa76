"""An alert is shown as the monitoring writes it."""

import pytest

from runbook.data.alert_expression import expression, in_metric
from runbook.data.models.alerts import Alert
from runbook.data.quantity import parse


def alert(**facts) -> Alert:
    return Alert(severity="sev1", owner="crash", says="Something is wrong.", **facts)


@pytest.mark.parametrize(
    "facts, wanted",
    [
        ({"metric": "errors_rate", "op": "above", "limit": "errors.rate.rollback"}, "traderd_error_ratio > 0.01"),
        (
            {"metric": "credentials_expiry", "op": "below", "limit": "canary.soak"},
            "traderd_credentials_expiry_seconds < 86400",
        ),
        (
            {"metric": "enforce_latency", "op": "above", "limit": "latency.enforce.rollback"},
            'traderd_enforcement_latency_seconds{quantile="0.95"} > 1',
        ),
        ({"metric": "active", "op": "absent"}, 'absent(traderd_active{account="ACCOUNT"} > 0)'),
        ({"metric": "scrape", "op": "absent", "per": "host"}, 'absent(up{host="HOST"} > 0)'),
        ({"metric": "active", "op": "alone"}, "count by (account) (traderd_active) < 2"),
        (
            {"metric": "halted", "op": "present", "unless": ["halted_itself", "halted_recovery"]},
            "traderd_halted == 1 unless traderd_halted_itself == 1 unless traderd_halted_recovery == 1",
        ),
    ],
    ids=["above", "below", "quantile", "no account", "no host", "one slot", "silenced"],
)
def test_an_alert_has_its_expression(sample_catalog, facts, wanted):
    assert expression(sample_catalog, alert(**facts)) == wanted


@pytest.mark.parametrize(
    "written, wanted",
    [("250 ms", "0.25"), ("2 h", "7200"), ("700 MB", "700000000"), ("0.1 %", "0.001"), ("0 contracts", "0")],
)
def test_a_limit_is_in_the_unit_of_the_metric(written, wanted):
    assert in_metric(parse(written)) == wanted
