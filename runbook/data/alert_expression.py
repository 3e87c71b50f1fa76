"""An alert as the monitoring writes it: its condition in the language of Prometheus, from the records of data/."""

from decimal import Decimal

from runbook.data.catalog import Catalog
from runbook.data.models.alerts import Alert
from runbook.data.models.system import Metric
from runbook.data.quantity import Quantity, plain

# A metric gives sizes in bytes and shares as a part of 1; data/ writes both for people.
IN_METRIC = {"size": Decimal(1_000_000), "%": Decimal("0.01")}
# A value that is missing has no name: a rule for it is written for one account or one host.
STANDS_FOR = {"account": 'account="ACCOUNT"', "host": 'host="HOST"'}


def expression(catalog: Catalog, alert: Alert) -> str:
    """The condition of an alert, e.g. `traderd_error_ratio > 0.01`; how long it must hold is said beside it.

    ACCOUNT and HOST stand for the one account or host of a rule. Raises KeyError for a metric or a limit that does
    not exist.
    """
    metrics = catalog.system.metrics
    silenced = (f"{series(metrics[key])} == 1" for key in alert.unless)
    return " unless ".join([_condition(catalog, alert), *silenced])


def _condition(catalog: Catalog, alert: Alert) -> str:
    metric = catalog.system.metrics[alert.metric]
    match alert.op:
        case "absent":
            return f"absent({series(metric, STANDS_FOR[alert.per])} > 0)"
        case "alone":
            return f"count by (account) ({series(metric)}) < {len(catalog.system.slots)}"
        case "present":
            return f"{series(metric)} == 1"
        case "above" | "below":
            assert alert.limit is not None
            sign = ">" if alert.op == "above" else "<"
            return f"{series(metric)} {sign} {in_metric(catalog.thresholds[alert.limit].value)}"


def series(metric: Metric, *labels: str) -> str:
    """A metric by its name in the monitoring, with the quantile that is judged and further labels."""
    chosen = [*([f'quantile="{metric.quantile}"'] if metric.quantile else []), *labels]
    return f"{metric.name}{{{','.join(chosen)}}}" if chosen else metric.name


def in_metric(value: Quantity) -> str:
    """A threshold's bare number as a metric has it: seconds, bytes, a part of 1, or what is counted."""
    return plain(value.base * IN_METRIC.get(value.dimension, Decimal(1)))
