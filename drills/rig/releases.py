"""Builds the releases of a rig: archives as a build would make them, from one source, the bad ones with one fault each."""

import hashlib
import importlib.util
import json
import shutil
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import yaml

HERE = Path(__file__).resolve().parent
PRODUCT = HERE / "product"
DATA = HERE.parents[1] / "data"

# A bad release is a good one with one piece of its source changed: file, what stands there, what stands there instead.
BUGS = {
    "crash-at-start": (
        "traderd.py",
        "        self.read_config()\n",
        '        raise RuntimeError("cannot load the new rules")\n',
    ),
    "crash-under-load": (
        "book.py",
        '        self.seq = event["seq"]\n',
        '        self.seq = event["seq"]\n        if self.seq % 250 == 0:\n            raise RuntimeError("event buffer overrun")\n',
    ),
    "deaf": ("book.py", "        for rule in self.rules:\n", "        for rule in ():\n"),
    "mute": (
        "traderd.py",
        "        for action in actions:\n            if not self.lease",
        "        for action in ():\n            if not self.lease",
    ),
    "runaway": ("book.py", 'abs(qty) > book.limits["position_limit"]', 'abs(qty) > book.limits["position_limit"] // 3'),
    "inverted": ("book.py", "-held if symbol else 0)", "held if symbol else 0)"),
    "breaks-schema": (
        "traderd.py",
        "        self.store.load(self.book)\n\n",
        '        if states.schema(db) < 9:\n            states.migrate(db, 2)\n            db.execute("PRAGMA user_version=9")\n        self.store.load(self.book)\n\n',
    ),
    "random-ids": ("book.py", "-{violation.target}-{violation.tries}", "-{violation.target}-{id(object())}"),
    "no-gap-check": ("traderd.py", 'if fresh and fresh[0]["seq"] != self.book.seq + 1:', "if not fresh:"),
}


def thresholds(changed: dict[str, str] | None = None) -> dict[str, str]:
    """Every threshold's value by id. `changed`: values that a rig shortens, in the same notation."""
    values = {name: fact["value"] for name, fact in yaml.safe_load((DATA / "thresholds.yml").read_text()).items()}
    if unknown := (changed or {}).keys() - values.keys():
        raise ValueError(f"no such threshold: {sorted(unknown)[0]}")
    return values | (changed or {})


def contract(changed: dict[str, str] | None = None) -> dict:
    """The facts that every release is built with."""
    return {
        "system": yaml.safe_load((DATA / "system.yml").read_text()),
        "rollout": yaml.safe_load((DATA / "rollout.yml").read_text()),
        "thresholds": thresholds(changed),
    }


def whole_seconds(value: str) -> int:
    """A threshold's value in seconds, as a unit file wants it."""
    amount, unit = value.split()
    return int(float(amount) * {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}[unit])


def unit_file(facts: dict) -> str:
    """The unit of every slot; its numbers are thresholds."""
    limits, codes = facts["thresholds"], facts["system"]["exits"]
    final = " ".join(str(code) for code, fact in codes.items() if int(code) >= 64 and fact.get("restart") is False)
    slot = facts["system"]["paths"]["slot"]["path"].format(account="", slot="").removesuffix(":") + "%i"
    return f"""# A trading daemon's slot. %i is ACCOUNT:SLOT; the link names the release that it runs.
[Unit]
Description={facts["system"]["names"]["daemon"]} %i
After=network-online.target time-sync.target
StartLimitIntervalSec={whole_seconds(limits["restart.window"])}
# The first start and the restarts after it.
StartLimitBurst={1 + int(limits["restart.limit"].split()[0])}

[Service]
Type=notify
ExecStart={slot}/bin/{facts["system"]["names"]["daemon"]} %i
Restart=on-failure
RestartSec={whole_seconds(limits["restart.delay"])}
# A restart cannot cure these.
RestartPreventExitStatus={final}
TimeoutStartSec={whole_seconds(limits["start.fail"])}
TimeoutStopSec={whole_seconds(limits["stop.grace"])}
# A process that hangs does not answer a polite signal.
WatchdogSec={whole_seconds(limits["heartbeat.silence"])}
WatchdogSignal=SIGKILL
KillMode=mixed
RuntimeDirectory=traderd/%i
RuntimeDirectoryPreserve=restart

[Install]
WantedBy=multi-user.target
"""


def launcher(program: str, root: str = '"$(dirname "$(readlink -f "$0")")/.."/lib') -> str:
    """A small shell program that starts one of ours. Its bytecode goes elsewhere: a release is immutable."""
    return f'#!/bin/sh\nexec {sys.executable} -E -s -X pycache_prefix=/var/cache/traderd {root}/{program}.py "$@"\n'


def build(version: str, into: Path, facts: dict, bug: str | None = None) -> Path:
    """Builds one release into the folder `into`/`version`. bug: one of BUGS. Returns the folder.

    Raises ValueError when the piece that the bug replaces does not stand in the source exactly once.
    """
    known = facts["rollout"]["releases"].get(version) or facts["rollout"]["releases"][facts["rollout"]["next"]]
    folder = into / version
    shutil.copytree(PRODUCT, folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    about = {"version": version, **known}
    if bug == "breaks-schema":
        about["reads_schema"] = [1, 9]
    (folder / "release.json").write_text(json.dumps(about, indent=1) + "\n")
    (folder / "lib/contract.json").write_text(json.dumps(facts))
    for step in range(about["schema"] + 1, 10):
        for script in (folder / "lib/migrations").glob(f"{step}.*.sql"):
            script.unlink()
    if bug:
        sabotage(folder / "lib", *BUGS[bug])
    (folder / "bin").mkdir()
    for program in ("traderd", "traderctl"):
        file = folder / "bin" / program
        file.write_text(launcher(program))
        file.chmod(0o755)
    (folder / "traderd@.service").write_text(unit_file(facts))
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder)}\n" for file in files]
    (folder / "MANIFEST.sha256").write_text("".join(lines))
    return folder


def sabotage(folder: Path, name: str, good: str, bad: str) -> None:
    """Puts a fault into the source."""
    text = (folder / name).read_text()
    if text.count(good) != 1:
        raise ValueError(f"{name}: {good!r} stands there {text.count(good)} times, not once")
    (folder / name).write_text(text.replace(good, bad))


def archive(folder: Path, into: Path) -> Path:
    """Packs a release folder as its build would: traderd-VERSION.tar.gz and its checksum."""
    into.mkdir(parents=True, exist_ok=True)
    file = into / f"traderd-{folder.name}.tar.gz"
    with tarfile.open(file, "w:gz", compresslevel=1) as tar:
        tar.add(folder, arcname=".")
    file.with_name(file.name + ".sha256").write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n")
    return file


def module(path: Path) -> ModuleType:
    """Loads one Python file by its path, whatever else has its name."""
    spec = importlib.util.spec_from_file_location(f"rig_{path.stem}", path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def configuration(
    account: str, broker: str, flags: list[str] | None = None, limits: dict | None = None, version: int = 3
) -> str:
    """An account's configuration. The judge's limits at the broker are the same by default."""
    facts = {
        "version": version,
        "account": account,
        "broker": {"host": broker, "port": 9000},
        "limits": {
            "position_limit": 10,
            "order_limit": 20,
            "net_limit": 1000,
            "loss_limit": 1_000_000,
            "trailing_limit": 1_000_000,
        }
        | (limits or {}),
        "rules": ["max-position", "order-size", "daily-loss"],
        "flags": ["net-limits"] if flags is None else flags,
    }
    return yaml.safe_dump(facts, sort_keys=False)


def recording(account: str, events: int, rate: float = 50.0) -> str:
    """A recorded day of the simulated traders with what a good release did: events in number, rate per second."""
    broker, book = module(HERE / "broker.py"), module(PRODUCT / "book.py")
    rules, limits = (
        ["max-position", "order-size", "daily-loss", "net-limits"],
        yaml.safe_load(configuration(account, "none"))["limits"],
    )
    source = broker.Account(account, broker.Settings())
    engine = book.Book(account, limits, rules)
    lines, done, clock = [json.dumps({"account": account, "limits": limits, "rules": rules})], 0, 1_790_000_000.0
    sent: set[str] = set()
    while done < events:
        if done and done % 500 == 0:
            source.breach("size")
        else:
            source.trade()
        while done < len(source.events):
            event = source.events[done] | {"t": clock + done / rate}
            engine.apply(event)
            fresh = [action for action in engine.actions() if action.coid not in sent]
            sent.update(action.coid for action in fresh)
            done += 1
            if fresh:
                event["expected"] = [[action.rule, action.target, action.qty] for action in fresh]
            lines.append(json.dumps(event))
            for action in fresh:
                source.order(vars(action), {"instance": "recording", "release": "", "epoch": 0})
    return "\n".join(lines) + "\n"
