"""The account's configuration: read, and refused when anything about it is unknown, missing or out of range."""

from pathlib import Path
from typing import Any

import yaml

from .book import LIMIT_OF, RULES

FLAG_RULES = ("net-limits", "trailing-loss")
# Smallest and largest value of each limit.
RANGES = {
    "position_limit": (1, 1000),
    "order_limit": (1, 1000),
    "net_limit": (1, 5000),
    "loss_limit": (1, 10_000_000),
    "trailing_limit": (1, 10_000_000),
}
KEYS = {"version": int, "account": str, "broker": dict, "limits": dict, "rules": list, "flags": list}


class RefusedError(Exception):
    """The configuration cannot be used; the text says why."""


def load(path: Path, account: str, release: dict[str, Any]) -> dict[str, Any]:
    """The configuration at `path`, as the release (its release.json) reads it. Raises RefusedError."""
    try:
        config = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RefusedError(" ".join(str(error).split())) from error
    if not isinstance(config, dict):
        raise RefusedError("it is empty or not a mapping")
    for key, kind in KEYS.items():
        if type(config.get(key)) is not kind:
            raise RefusedError(f"{key} is missing or not a {kind.__name__}")
    if unknown := config.keys() - KEYS.keys():
        raise RefusedError(f"unknown field {sorted(unknown)[0]}")
    low, high = release["reads_config"]
    if not low <= config["version"] <= high:
        raise RefusedError(
            f"version {config['version']} is not read by {release['version']}, which reads {low} to {high}"
        )
    if config["account"] != account:
        raise RefusedError(f"it is for account {config['account']}")
    if set(config["broker"]) != {"host", "port"}:
        raise RefusedError("broker needs host and port")
    if unknown := set(config["flags"]) - set(release["flags"]):
        raise RefusedError(f"flag {sorted(unknown)[0]} is not known to {release['version']}")
    _check_rules(config)
    return config


def rules(config: dict[str, Any]) -> list[str]:
    """The rules that must be loaded: those listed, and those that a flag switches on."""
    return list(config["rules"]) + [flag for flag in FLAG_RULES if flag in config["flags"]]


def _check_rules(config: dict[str, Any]) -> None:
    if not config["rules"]:
        raise RefusedError("it lists no rules")
    for rule in rules(config):
        if rule not in RULES:
            raise RefusedError(f"unknown rule {rule}")
        if LIMIT_OF[rule] not in config["limits"]:
            raise RefusedError(f"rule {rule} has no {LIMIT_OF[rule]}")
    for name in RANGES.keys() - config["limits"].keys():
        raise RefusedError(f"{name} is missing")
    for name, value in config["limits"].items():
        if name not in RANGES:
            raise RefusedError(f"unknown limit {name}")
        low, high = RANGES[name]
        if type(value) not in (int, float) or not low <= value <= high:
            raise RefusedError(f"{name} is {value}, not between {low} and {high}")
