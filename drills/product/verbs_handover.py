"""The verb that moves an account to its other slot: handover."""

from . import contract
from .canary_guard import end_guard
from .verb_support import VerbError
from .verbs_release import compatibility
from .verbs_slots import hand_over, slot_of


def handover(account: str, to: str) -> int:
    """Ends the canary's guard and hands the account over to a slot, or to the slot that runs a release.

    Changes nothing when that slot holds the lease already. A release takes over only where it is safe today.
    """
    target = slot_of(account, to)
    if to not in contract.SLOTS and (bad := compatibility(account, to)[1]):
        raise VerbError(f"{account}: not handed over to {to}: {', '.join(bad)}", sign="NOT SAFE")
    end_guard(account)
    return hand_over(account, target)
