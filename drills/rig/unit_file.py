"""The systemd unit of a trading daemon's slot. Its numbers are thresholds."""

from typing import Any

from runbook.data.quantity import Quantity, plain


def systemd_time(quantity: Quantity) -> str:
    """A time as systemd reads it: `5s`, `500ms`. Raises ValueError for another unit, and for 0."""
    if quantity.dimension != "time":
        raise ValueError(f"{quantity} is not a time")
    for unit in ("s", "ms"):
        number = quantity.to(unit)
        if "." not in number and number != "0":
            return f"{number}{unit}"
    microseconds = quantity.base * 1_000_000
    if microseconds < 1:
        # systemd takes 0 for "never": a watchdog of no time would be switched off.
        raise ValueError(f"{quantity} is too short for systemd")
    return f"{plain(microseconds.to_integral_value())}us"


def unit_file(system: dict[str, Any], limits: dict[str, Quantity]) -> str:
    """The unit of every slot. system: data/system.yml; limits: the thresholds by id."""
    final = " ".join(
        str(code) for code, fact in system["exits"].items() if int(code) >= 64 and fact["restart"] is False
    )
    slot = system["paths"]["slot"]["path"].format(account="", slot="").removesuffix(":") + "%i"

    def time(threshold: str) -> str:
        return systemd_time(limits[threshold])

    return f"""# A trading daemon's slot. %i is ACCOUNT:SLOT; the link names the release that it runs.
[Unit]
Description={system["names"]["daemon"]} %i
After=network-online.target time-sync.target
StartLimitIntervalSec={time("restart.window")}
# The first start and the restarts after it.
StartLimitBurst={1 + int(limits["restart.limit"].number)}

[Service]
Type=notify
ExecStart={slot}/bin/{system["names"]["daemon"]} %i
Restart=on-failure
RestartSec={time("restart.delay")}
# A restart cannot cure these.
RestartPreventExitStatus={final}
TimeoutStartSec={time("start.fail")}
TimeoutStopSec={time("stop.grace")}
# A process that hangs does not answer a polite signal.
WatchdogSec={time("heartbeat.silence")}
WatchdogSignal=SIGKILL
KillMode=mixed
RuntimeDirectory=traderd/%i
RuntimeDirectoryPreserve=restart

[Install]
WantedBy=multi-user.target
"""
