"""Work beside the daemon's main tasks."""

from collections.abc import Awaitable
from contextlib import suppress

from . import broker_client as wire
from .fatal import die


async def guarded(work: Awaitable[object]) -> None:
    """Background work: an unreachable broker is the line's business, not the daemon's end."""
    with suppress(wire.UnreachableError, wire.KeyRefusedError, wire.DeniedError):
        await work


async def guarded_task(work: Awaitable[object]) -> None:
    """The same as a task of its own: what it raises must end the daemon as anywhere else."""
    try:
        await guarded(work)
    except BaseException as error:
        die(error)
