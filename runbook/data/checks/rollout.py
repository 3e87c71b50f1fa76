"""The rollout: hosts, accounts, waves, the ways in for drills, change classes, what is watched."""

import re

from runbook.data.catalog import Catalog
from runbook.data.checks.reporting import fault, no_threshold, unknown
from runbook.diagnostics import Fault


def check(catalog: Catalog) -> list[Fault]:
    """What is wrong with the rollout."""
    return [
        *check_releases(catalog),
        *check_environments(catalog),
        *check_accounts(catalog),
        *check_hosts(catalog),
        *check_ways_in(catalog),
        *check_wave_accounts(catalog),
        *check_waves(catalog),
        *check_controls(catalog),
        *check_freezes(catalog),
        *check_change_classes(catalog),
        *check_watch(catalog),
        *check_observations(catalog),
    ]


def check_releases(catalog: Catalog) -> list[Fault]:
    """The current and the next release are described."""
    plan = catalog.rollout
    return [
        each
        for key, release in (("current", plan.current), ("next", plan.next))
        for each in unknown(catalog, "rollout", (key,), "release", release, plan.releases)
    ]


def check_environments(catalog: Catalog) -> list[Fault]:
    """The hosts and accounts of each environment exist."""
    faults, plan = [], catalog.rollout
    for name, environment in plan.environments.items():
        here = ("environments", name)
        for i, host in enumerate(environment.hosts):
            faults += unknown(catalog, "rollout", (*here, "hosts", i), "host", host, plan.hosts)
        for i, account in enumerate(environment.accounts):
            faults += unknown(catalog, "rollout", (*here, "accounts", i), "account", account, plan.accounts)
    return faults


def check_accounts(catalog: Catalog) -> list[Fault]:
    """Each account has its host, and a name that the command blocks take."""
    faults, plan = [], catalog.rollout
    pattern = catalog.system.variables["ACCOUNT"].pattern
    for name, account in plan.accounts.items():
        faults += unknown(catalog, "rollout", ("accounts", name, "host"), "host", account.host, plan.hosts)
        if not re.fullmatch(pattern, name):
            text = f"does not match the pattern of ACCOUNT in data/system.yml: {pattern}"
            faults.append(fault(catalog, "rollout", ("accounts", name), text))
    return faults


def check_hosts(catalog: Catalog) -> list[Fault]:
    """A spare takes over hosts that exist."""
    plan = catalog.rollout
    return [
        each
        for name, host in plan.hosts.items()
        for other in host.spare_of
        for each in unknown(catalog, "rollout", ("hosts", name, "spare_of"), "host", other, plan.hosts)
    ]


def check_ways_in(catalog: Catalog) -> list[Fault]:
    """No drill reaches production: it has no way in, and shares no host and no account with what has one."""
    faults, plan = [], catalog.rollout
    live = plan.environments["production"]
    for name, environment in plan.environments.items():
        if not environment.ssh:
            continue
        if name == "production":
            text = "drills never run in production; take the way in out"
            faults.append(fault(catalog, "rollout", ("environments", name, "ssh"), text))
        elif shared := sorted({*environment.hosts, *environment.accounts} & {*live.hosts, *live.accounts}):
            text = (
                f"shares {', '.join(shared)} with production; what drills can reach has hosts and accounts of its own"
            )
            faults.append(fault(catalog, "rollout", ("environments", name), text))
    return faults


def check_wave_accounts(catalog: Catalog) -> list[Fault]:
    """Each production account is in exactly one wave, and no other account is in any."""
    production = catalog.rollout.environments["production"].accounts
    planned = [account for wave in catalog.rollout.waves for account in wave.accounts]
    texts = [
        f"account {account} is in {planned.count(account)} waves; each production account is in exactly one"
        for account in production
        if planned.count(account) != 1
    ]
    texts += [f"account {account} is no production account" for account in planned if account not in production]
    return [fault(catalog, "rollout", ("waves",), text) for text in texts]


def check_waves(catalog: Catalog) -> list[Fault]:
    """Each wave has as many accounts as its threshold says."""
    faults: list[Fault] = []
    for i, wave in enumerate(catalog.rollout.waves):
        here = ("waves", i)
        faults += no_threshold(catalog, "rollout", (*here, "size"), wave.size, "accounts")
        faults += no_threshold(catalog, "rollout", (*here, "after"), wave.after)
        if wave.size in catalog.thresholds:
            size = catalog.thresholds[wave.size].value
            if size.number != len(wave.accounts):
                text = f"wave {wave.id} has {len(wave.accounts)} accounts; {wave.size} says {size}"
                faults.append(fault(catalog, "rollout", here, text))
    return faults


def check_controls(catalog: Catalog) -> list[Fault]:
    """The control accounts exist and are not the canary."""
    faults, plan = [], catalog.rollout
    for i, account in enumerate(plan.controls):
        here = ("controls", i)
        faults += unknown(catalog, "rollout", here, "account", account, plan.accounts)
        if account in plan.waves[0].accounts:
            text = f"{account} is the canary; a control account keeps the old release"
            faults.append(fault(catalog, "rollout", here, text))
    return faults


def check_freezes(catalog: Catalog) -> list[Fault]:
    """How long a freeze lasts before and after is a duration."""
    return [
        each
        for i, freeze in enumerate(catalog.rollout.freezes)
        for key, rule in (("before", freeze.before), ("after", freeze.after))
        for each in no_threshold(catalog, "rollout", ("freezes", i, key), rule)
    ]


def check_change_classes(catalog: Catalog) -> list[Fault]:
    """Each class has its sign-off, its soak and its time for late signatures."""
    faults: list[Fault] = []
    for name, change in catalog.rollout.change_classes.items():
        here = ("change_classes", name)
        signoffs = catalog.contacts.signoffs
        faults += unknown(catalog, "rollout", (*here, "signoff"), "sign-off", change.signoff, signoffs)
        if change.soak != "none":
            faults += no_threshold(catalog, "rollout", (*here, "soak"), change.soak)
        faults += no_threshold(catalog, "rollout", (*here, "late"), change.late)
    return faults


def check_watch(catalog: Catalog) -> list[Fault]:
    """What is watched exists, and is not more than one can watch."""
    faults, watched = [], catalog.rollout.watch
    for i, watch in enumerate(watched):
        faults += unknown(catalog, "rollout", ("watch", i), "metric", watch.metric, catalog.system.metrics)
        for key in (watch.warn, watch.back):
            faults += unknown(catalog, "rollout", ("watch", i), "threshold", key, catalog.thresholds)
    allowed = catalog.thresholds["canary.metrics"].value
    if len(watched) > allowed.number:
        text = f"{len(watched)} metrics; canary.metrics allows {allowed}"
        faults.append(fault(catalog, "rollout", ("watch",), text))
    return faults


def check_observations(catalog: Catalog) -> list[Fault]:
    """Who looks at the canary is a role."""
    return [
        each
        for i, look in enumerate(catalog.rollout.observe)
        for each in unknown(catalog, "rollout", ("observe", i, "by"), "role", look.by, catalog.contacts.roles)
    ]
