"""What the parts of one running slot share: who it is, what it knows, and what the metrics are made of."""

import asyncio
import socket
import time
from collections import Counter, deque
from typing import Any

from . import contract, restrictions
from . import lease as leases
from . import release_facts as release
from . import state as states
from .book import Action, Book
from .broker_session import Session
from .daemon_files import count_start
from .daemon_log import notify

# A message of the broker, or the error that ended the line; with the time of its arrival (monotonic).
Arrived = tuple[float, dict[str, Any] | Exception]


class Figures:
    """What the metrics are made of."""

    def __init__(self) -> None:
        self.decided: deque[float] = deque(maxlen=10_000)  # seconds from an event's arrival to its decision
        self.enforced: deque[float] = deque(maxlen=1_000)  # seconds from a breach's arrival to the broker's answer
        self.actions: Counter[str] = Counter()
        self.fanout = 0
        self.operations = 0
        self.errors = 0
        self.unknown = 0
        self.skew = 0.0  # seconds
        self.mismatch = 0
        self.reconcile_time = 0.0  # seconds


class Slot:
    """One slot of one account, as it is now. What has no value here comes with the configuration and the state."""

    config: dict[str, Any]
    config_text: str
    key: str
    expected: list[str]
    book: Book
    store: states.Store
    lease: leases.Lease

    def __init__(self, account: str, name: str) -> None:
        self.account, self.name = account, name
        self.instance = f"{socket.gethostname()}/{account}:{name}"
        self.folder = contract.path("state_dir", account=account)
        self.halt_flag = contract.path("halted", account=account)
        self.state = "starting"
        self.figures = Figures()
        self.session: Session | None = None
        self.sessions = 0  # opened since the start
        self.link = "down"
        self.link_changed = time.monotonic()
        self.acknowledged = (0, time.monotonic())  # number, when the broker confirmed it
        self.saved = time.monotonic()
        self.last_event = time.monotonic()
        self.silence_noted = False  # whether the log says that no event comes
        self.head = 0
        self.asked_from = 0
        self.reconciled: dict[str, Any] | None = None
        self.sent: dict[str, tuple[Action, float]] = {}  # by client order id, until the broker answers
        self.waiting: dict[str, float] = {}  # target: when our order was accepted and its event is still to come
        self.key_expires = 0.0
        self.hold_off = 0.0
        self.stopping = False
        self.holds = False  # whether this slot has the lease
        self.writable = False  # whether the broker has taken us as the writer
        self.since = time.time()
        self.started = time.monotonic()
        self.queue: asyncio.Queue[Arrived] | None = None
        self.shipped = time.monotonic()  # when the restrictions last reached every spare host
        self.resumed = restrictions.last_resume(account)
        self.restarts = count_start(contract.path("socket", account=account, slot=name).parent) - 1
        self.wake = asyncio.Event()
        self.writing = asyncio.Lock()

    def new_book(self) -> Book:
        """An empty book with the account's limits and rules."""
        zone, hour = contract.ROLLOUT["zone"], int(contract.ROLLOUT["reset"].split(":")[0])
        return Book(self.account, self.config["limits"], list(self.expected), (zone, hour))

    def set_state(self, state: str) -> None:
        """Changes the state, and tells the service manager."""
        if state != self.state:
            self.state, self.since = state, time.time()
            ready = "READY=1\n" if state in ("standby", "active", "halted") else ""
            notify(f"{ready}STATUS={state} {release.FACTS['version']}")

    def working_state(self) -> str:
        """What the holder of the lease is, with a broker link."""
        return "halted" if self.halt_flag.exists() else "active"

    def send(self, **message: Any) -> None:
        """Sends to the broker. Raises RuntimeError without a session."""
        if self.session is None:
            raise RuntimeError("no session with the broker")
        self.session.send(**message)
