"""The daemon: follows one account at the broker and enforces its limits. One process per slot; the one with the lease writes.

traderd ACCOUNT:SLOT               run, as the unit file does
traderd check-config ACCOUNT       say whether this release reads the configuration (exit 78 if not)
traderd replay FILE                run a recorded day through this release's rules
traderd stress FILE FACTOR         the same at a multiple of its speed, with a real state
"""

import asyncio
import errno
import os
import signal
import socket
import sqlite3
import sys
import time
from collections import Counter, deque
from pathlib import Path

from . import account_config as configuration
from . import admin_socket as admin
from . import broker_client as wire
from . import contract
from . import lease as leases
from . import release_facts as release
from . import state as states
from .book import OVERRIDE, Action, Book, smoke
from .broker_session import Session
from .halt_flag import write_halt_flag

POLL = 0.05  # seconds between two looks at the lease and at the halt flag
TAKE_BACK = 1.5  # seconds that a drained slot leaves the lease to the other one
LEVEL = {"info": 6, "warning": 4, "error": 3, "fatal": 2}


class Ended(Exception):
    """The daemon must end: `event` is the log event of the contract, `code` its exit code."""

    def __init__(self, event: str, detail: str):
        self.code = contract.SYSTEM["log_events"][event]["exit"]
        super().__init__(f"{contract.log_words(event)} {detail}".rstrip())


def log(event: str, detail: str = "") -> None:
    """Writes one of the contract's log events."""
    level = LEVEL[contract.SYSTEM["log_events"][event]["level"]]
    print(f"<{level}>{contract.log_words(event)} {detail}".rstrip(), flush=True)


def say(text: str) -> None:
    """Writes a line that nobody searches for."""
    print(f"<6>{text}", flush=True)


def notify(message: str) -> None:
    """Tells the service manager."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect("\0" + address[1:] if address[0] == "@" else address)
            line.send(message.encode())


class Figures:
    """What the metrics are made of."""

    def __init__(self):
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


class Daemon:
    """One slot of one account."""

    def __init__(self, account: str, slot: str):
        self.account, self.slot = account, slot
        self.instance = f"{socket.gethostname()}/{account}:{slot}"
        self.folder = contract.path("state_dir", account=account)
        self.halt_flag = contract.path("halted", account=account)
        self.state = "starting"
        self.figures = Figures()
        self.session: Session | None = None
        self.link = "down"
        self.link_changed = time.monotonic()
        self.acknowledged = (0, time.monotonic())  # number, when the broker confirmed it
        self.saved = time.monotonic()
        self.last_event = time.monotonic()
        self.head = 0
        self.asked_from = 0
        self.reconciled: dict | None = None
        self.sent: dict[str, tuple[Action, float]] = {}  # by client order id, until the broker answers
        self.waiting: dict[str, float] = {}  # target: when our order was accepted and its event is still to come
        self.key_expires = 0.0
        self.hold_off = 0.0
        self.stopping = False
        self.holds = False  # whether this slot has the lease
        self.writable = False  # whether the broker has taken us as the writer
        self.since = time.time()
        self.started = time.monotonic()
        self.queue: asyncio.Queue | None = None
        self.restarts = count_start(contract.path("socket", account=account, slot=slot).parent) - 1
        self.wake = asyncio.Event()
        self.writing = asyncio.Lock()

    # ------------------------------------------------------------------ life

    async def run(self) -> None:
        """Runs until the process ends; whatever is raised ends it at once, before other tasks can mask it."""
        try:
            await self.live()
        except BaseException as error:
            die(error)

    async def live(self) -> None:
        """Starts up and follows the account. Raises Ended with the exit code."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, lambda: loop.create_task(self.stop()))
        # What fails in a callback must end the daemon as anything else does.
        loop.set_exception_handler(lambda _, context: die(context.get("exception") or RuntimeError(context["message"])))
        await admin.serve(contract.path("socket", account=self.account, slot=self.slot), self)
        self.read_config()
        self.open_state()
        self.lease = leases.Lease(
            contract.path("lease", account=self.account), self.slot, contract.seconds("lease.ttl")
        )
        tasks = [self.follow(), self.keep_lease(), self.pulse(), self.watch_clock()]
        await asyncio.gather(*tasks)

    def read_config(self) -> None:
        """Reads configuration and key."""
        try:
            self.config_text = read_text(contract.path("config", account=self.account))
            self.config = configuration.load(contract.path("config", account=self.account), self.account, release.FACTS)
        except configuration.Refused as refused:
            raise Ended("config_refused", str(refused)) from refused
        try:
            self.key = contract.path("secrets", account=self.account).read_text().strip()
        except OSError as error:
            raise Ended("credentials_refused", str(error)) from error
        self.expected = configuration.rules(self.config)
        self.book = self.new_book()

    def new_book(self) -> Book:
        """An empty book with the account's limits and rules."""
        zone, hour = contract.ROLLOUT["zone"], int(contract.ROLLOUT["reset"].split(":")[0])
        return Book(self.account, self.config["limits"], list(self.expected), (zone, hour))

    def open_state(self) -> None:
        """Opens the state. A missing one is made only for an account that never ran here."""
        path = contract.path("state", account=self.account)
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            if not path.exists() and not contract.path("lease", account=self.account).exists():
                states.create(path, release.FACTS["schema"])
            db = states.check(path, release.FACTS["reads_schema"])
        except states.Refused as refused:
            raise Ended(refused.event, refused.why) from refused
        self.store = states.Store(path, db, release.FACTS["reads_schema"], release.FACTS["schema"])
        self.store.load(self.book)

    async def stop(self) -> None:
        """A clean end: answers come in, the lease goes out, the session is logged off."""
        notify("STOPPING=1")
        self.stopping = True
        await self.settle()
        if self.holds:
            self.holds = self.writable = False
            self.lease.release()
        if self.session:
            self.session.send(op="logoff")
            await asyncio.sleep(0.02)
        # Writes the log back into the database: what is stopped cleanly is one file.
        self.store.db.close()
        os._exit(0)

    async def settle(self) -> None:
        """Waits until the broker has answered every order, at the most a second."""
        until = time.monotonic() + 1
        while self.sent and time.monotonic() < until:
            await asyncio.sleep(0.005)

    def set_state(self, state: str) -> None:
        """Changes the state, and tells the service manager."""
        if state != self.state:
            self.state, self.since = state, time.time()
            ready = "READY=1\n" if state in ("standby", "active", "halted") else ""
            notify(f"{ready}STATUS={state} {release.FACTS['version']}")

    def working_state(self) -> str:
        """What the holder of the lease is, with a broker link."""
        return "halted" if self.halt_flag.exists() else "active"

    # ------------------------------------------------------------------ the broker's line

    async def follow(self) -> None:
        """Keeps a session with the broker, for ever, and handles what it sends."""
        wait = contract.seconds("reconnect.first")
        while not self.stopping:
            try:
                await self.connect()
                wait = contract.seconds("reconnect.first")
                await self.read_session()
            except wire.KeyRefused as refused:
                raise Ended("credentials_refused", str(refused)) from refused
            except wire.Denied as denied:
                self.denied(denied)
            except wire.Unreachable as lost:
                self.lost_link(str(lost))
            await self.sleep_or_wake(wait)
            wait = min(wait * 2, contract.seconds("reconnect.max"))

    async def sleep_or_wake(self, wait: float) -> None:
        """The pause before the next try. Taking the lease ends it: a writer must not wait."""
        try:
            await asyncio.wait_for(self.wake.wait(), wait)
        except TimeoutError:
            pass
        self.wake.clear()

    async def connect(self) -> None:
        """Logs on: as the writer when we hold the lease, else to read only."""
        logon = {
            "account": self.account,
            "key": self.key,
            "instance": self.instance,
            "release": release.FACTS["version"],
        }
        if self.holds:
            logon |= {"epoch": self.lease.epoch, "from": self.book.seq + 1}
        held = self.holds
        self.session = await Session.open(self.config["broker"], logon, contract.seconds("start.ready"))
        self.link, self.link_changed = "up", time.monotonic()
        self.wake.clear()  # an old call must not shorten the first pause after this line
        self.head, self.asked_from = self.session.logon["head"], 0
        self.key_expires = time.time() + self.session.logon["key_expires"]
        if held:
            await self.writing_now()
        elif self.holds:
            self.promote()
        elif self.state == "starting":
            self.set_state("standby")

    async def read_session(self) -> None:
        """Reads until the line ends or falls silent."""
        queue: asyncio.Queue = asyncio.Queue()
        self.queue = queue
        reader = asyncio.create_task(self.fill_queue(self.session, queue))
        try:
            while True:
                messages = [await queue.get()]
                while not queue.empty():
                    messages.append(queue.get_nowait())
                for arrived, message in messages:
                    if isinstance(message, Exception):
                        raise message
                    await self.handle(arrived, message)
        finally:
            reader.cancel()
            self.session.close()
            self.session = None

    @staticmethod
    async def fill_queue(session: Session, queue: asyncio.Queue) -> None:
        """Moves messages from the line to the queue, with the time of their arrival."""
        silence = contract.seconds("heartbeat.silence")
        while True:
            try:
                message = await asyncio.wait_for(session.receive(), silence)
            except TimeoutError:
                log("link_silent")
                message = wire.Unreachable(f"nothing heard for {silence:.0f} s")
            except wire.Unreachable as lost:
                message = lost
            queue.put_nowait((time.monotonic(), message))
            if isinstance(message, Exception):
                return

    def lost_link(self, why: str) -> None:
        """The line is gone: the holder sees nothing from here on."""
        if self.link == "up" and not self.stopping:
            log("link_lost", why)
            self.link_changed = time.monotonic()
        self.figures.operations += 1
        self.figures.errors += 1
        self.link, self.writable = "down", False
        self.sent.clear()
        self.waiting.clear()
        if self.state in ("active", "halted", "draining"):
            self.set_state("degraded")

    def denied(self, denied: wire.Denied) -> None:
        """The broker refuses our logon."""
        if denied.answer["code"] == "fenced":
            raise Ended("fenced", str(denied.answer["epoch"]))
        self.link = "down"
        say(f"broker refuses the session: {denied}")

    async def handle(self, arrived: float, message: dict) -> None:
        """One message of the broker."""
        match message["type"]:
            case "events":
                self.head = max(self.head, message["head"])
                self.last_event = arrived
                if self.writable:
                    await self.take_events(arrived, message["events"])
            case "heartbeat":
                self.head = max(self.head, message["head"])
                self.figures.skew = time.time() - message["t"]
                if self.writable:
                    self.ask_resend()
                    await self.decide(arrived)
            case "acknowledged":
                self.acknowledged = (message["seq"], arrived)
            case "order":
                await self.order_answered(arrived, message)
            case "promoted":
                self.head = message["head"]
                await self.writing_now()
            case "end" if message["code"] == "fenced":
                if self.holds:
                    raise Ended("fenced", str(message["epoch"]))
                raise wire.Unreachable("session ended")
            case "end" if message["code"] == "key":
                raise wire.KeyRefused(message["why"])
            case "end":
                raise wire.Unreachable(f"session ended: {message['code']}")

    # ------------------------------------------------------------------ the lease

    async def keep_lease(self) -> None:
        """Renews the lease while we hold it, waits for it while we do not."""
        renewed = 0.0
        while True:
            if self.holds:
                self.watch_halt_flag()
                if time.monotonic() - renewed > contract.seconds("lease.renew"):
                    self.renew()
                    renewed = time.monotonic()
            elif self.may_contend():
                self.contend()
                renewed = time.monotonic()
            await asyncio.sleep(POLL)

    def may_contend(self) -> bool:
        """A slot without a line leaves the lease to one that has it, but not for ever: a broker may admit nobody beside the writer."""
        patience = self.started + contract.seconds("lease.ttl")
        if self.hold_off and (
            time.monotonic() > self.hold_off or leases.read(self.lease.db)["epoch"] > self.lease.epoch
        ):
            self.hold_off = 0.0  # what we gave away has been taken, or nobody wants it
        return not self.stopping and not self.hold_off and (self.state == "standby" or time.monotonic() > patience)

    def contend(self) -> None:
        """Takes the lease if it is free."""
        loop = asyncio.get_running_loop()
        self.lease.contend(lambda: loop.call_soon_threadsafe(self.try_take))
        self.try_take()

    def try_take(self) -> None:
        """Called when the lease may have become free."""
        if self.holds or not self.may_contend():
            return
        try:
            why = self.lease.take()
        except sqlite3.Error as error:
            raise_sqlite(error)
        if why:
            log("took_over", f"epoch {self.lease.epoch}, {why}")
            self.book = self.new_book()
            self.store.load(self.book)
            self.sent.clear()
            self.waiting.clear()
            self.holds = True
            if self.session:
                self.promote()
            else:
                self.set_state("degraded")
            self.wake.set()

    def promote(self) -> None:
        """Asks the broker to make this session the writer."""
        self.session.send(op="promote", epoch=self.lease.epoch, **{"from": self.book.seq + 1})

    async def writing_now(self) -> None:
        """The broker has taken us as the writer; what we missed is on its way."""
        self.writable = True
        self.asked_from = self.book.seq + 1 if self.head > self.book.seq else 0
        if self.head <= self.book.seq:
            await self.caught_up()

    def renew(self) -> None:
        """Renews the lease, or ends."""
        try:
            self.lease.renew()
        except leases.Lost as lost:
            raise Ended("fenced", str(lost.epoch)) from lost
        except sqlite3.Error as error:
            raise_sqlite(error)

    def watch_halt_flag(self) -> None:
        """Follows the halt flag."""
        if self.state in ("active", "halted") and self.state != self.working_state():
            self.set_state(self.working_state())
            asyncio.get_running_loop().create_task(self.guarded_task(self.decide(time.monotonic())))

    async def drain(self, to: str) -> dict:
        """Finishes what was sent, saves, gives the lease away. Returns when (epoch seconds)."""
        if self.state not in ("active", "halted"):
            return {"ok": False, "why": f"{self.slot} is {self.state}"}
        self.set_state("draining")
        await self.settle()
        async with self.writing:
            if self.session:
                self.session.send(op="demote")
            self.writable = self.holds = False
            self.hold_off, at = time.monotonic() + TAKE_BACK, time.time()
            self.lease.release()
            self.set_state("standby")
        say(f"gave the lease away, to {to}")
        return {"ok": True, "at": at}

    # ------------------------------------------------------------------ events and orders

    async def take_events(self, arrived: float, events: list[dict]) -> None:
        """Applies events in order, commits, acts, acknowledges. A hole is asked for, never skipped."""
        async with self.writing:
            if not self.writable:
                return
            fresh = [event for event in events if event["seq"] > self.book.seq]
            if fresh and fresh[0]["seq"] != self.book.seq + 1:
                self.ask_resend()
                return
            if not fresh:
                return
            for event in fresh:
                self.book.apply(event)
                if event.get("coid"):  # our own order has reached the record
                    self.waiting.pop(event.get("symbol") or event["id"], None)
            if self.asked_from and self.book.seq >= self.head:
                self.asked_from = 0
            if self.book.seq >= self.head and self.state in ("standby", "degraded"):
                self.save(fresh, [])
                await self.caught_up()
                return
            actions = self.wanted() if self.book.seq >= self.head else []
            self.save(fresh, actions)
            self.figures.decided.append(time.monotonic() - arrived)
            self.send_actions(actions, arrived)
            self.acknowledge()

    def ask_resend(self) -> None:
        """Asks for what is missing between the last event in the state and the last one at the broker."""
        if self.head > self.book.seq and self.asked_from != self.book.seq + 1:
            self.asked_from = self.book.seq + 1
            log("gap_found", f"{self.asked_from} to {self.head}")
            self.session.send(op="resend", **{"from": self.asked_from})

    async def caught_up(self) -> None:
        """Everything missed is in the state: guard from here on."""
        self.set_state(self.working_state())
        self.settle_pending()
        await self.decide_locked(time.monotonic())
        keep_last_good(self.account, self.config_text)
        asyncio.get_running_loop().create_task(self.guarded_task(self.reconcile()))

    def settle_pending(self) -> None:
        """Orders in doubt: sent again under the same id if their cause still stands, else given up."""
        for intent in self.store.pending():
            violation = self.book.violations.get((intent["rule"], intent["target"]))
            if not violation or violation.began != intent["cause"]:
                self.store.answered(intent["coid"], "given up")
            elif self.state == "active":
                self.send_actions([Action(**intent)], time.monotonic())

    async def decide(self, arrived: float) -> None:
        """Acts on what is broken now, without a new event."""
        async with self.writing:
            if self.writable:
                await self.decide_locked(arrived)

    async def decide_locked(self, arrived: float) -> None:
        """The same, for a caller that has the lock."""
        actions = self.wanted()
        self.save([], actions)
        self.send_actions(actions, arrived)
        self.acknowledge()

    def wanted(self) -> list[Action]:
        """The orders to send now: one for each open violation whose order is not on its way already."""
        if self.state not in ("active", "draining"):
            return []
        busy = {action.target for action, _ in self.sent.values()} | set(self.waiting)
        return [action for action in self.book.actions() if action.target not in busy and self.below_fanout(action)]

    def below_fanout(self, action: Action) -> bool:
        """More orders for one violation than a close may need is a loop: the daemon halts itself."""
        tries = self.book.violations[(action.rule, action.target)].tries
        self.figures.fanout = max(self.figures.fanout, tries)
        if tries < contract.number("enforce.fanout"):
            return True
        log("halted_itself", f"{action.rule} on {action.target}, {tries} orders")
        write_halt_flag(self.halt_flag, "the daemon itself")
        self.set_state("halted")
        return False

    def send_actions(self, actions: list[Action], arrived: float) -> None:
        """Sends orders whose intent is committed. Without a valid lease nothing is sent."""
        for action in actions:
            if not self.lease.valid():
                raise Ended("fenced", str(leases.read(self.lease.db)["epoch"]))
            self.figures.actions[action.rule] += 1
            self.figures.operations += 1
            self.sent[action.coid] = (action, arrived)
            self.session.send(op="order", order=vars(action))

    async def order_answered(self, arrived: float, answer: dict) -> None:
        """The broker's word on one of our orders."""
        action, began = self.sent.pop(answer["coid"], (None, 0.0))
        if action is None:
            return
        match answer["status"]:
            case "accepted" | "duplicate":
                self.figures.enforced.append(arrived - began)
                self.store.answered(action.coid, "accepted")
                violation = self.book.violations.get((action.rule, action.target))
                if violation:
                    violation.tries += 1
                if answer["seq"] > self.book.seq:
                    self.waiting[action.target] = arrived
            case "later":
                log("rate_limited", f"{answer['wait']:.1f} s")
                self.retry(action, began, answer["wait"])
            case "rejected":
                log("orders_rejected", answer["why"])
                self.figures.errors += 1
                self.retry(action, began, 0.5)
            case "fenced":
                raise Ended("fenced", str(answer["epoch"]))
            case _:
                self.figures.unknown += 1

    def retry(self, action: Action, began: float, wait: float) -> None:
        """Sends an order that was not taken once more, under the same id, while its cause stands."""

        async def again() -> None:
            await asyncio.sleep(wait)
            if (action.rule, action.target) not in self.book.violations or self.state not in ("active", "draining"):
                self.sent.pop(action.coid, None)
            elif self.writable:
                self.send_actions([action], began)

        # It stays among the sent ones, so that nothing else is sent for its target meanwhile.
        self.sent[action.coid] = (action, began)
        asyncio.get_running_loop().create_task(self.guarded_task(again()))

    def save(self, events: list[dict], actions: list[Action]) -> None:
        """Commits, or ends: a daemon that cannot save must not go on."""
        try:
            self.store.save(self.book, events, actions, self.lease.epoch, time.time())
        except states.Fenced as fenced:
            raise Ended("fenced", "in the state") from fenced
        except states.Refused as refused:
            raise Ended(refused.event, refused.why) from refused
        except sqlite3.Error as error:
            raise_sqlite(error)
        except OSError as error:
            raise_os(error)
        self.saved = time.monotonic()

    def acknowledge(self) -> None:
        """Tells the broker how far we are, and whether we enforce."""
        if self.session and self.writable:
            self.session.send(op="ack", seq=self.book.seq, guarding=self.state in ("active", "draining"))

    async def reconcile(self) -> dict:
        """Compares the state with the broker's snapshot. Changes nothing."""
        began = time.monotonic()
        question = {"op": "snapshot", "account": self.account, "key": self.key}
        snapshot = await asyncio.to_thread(wire.ask, self.config["broker"], question)
        until = time.monotonic() + 3
        while self.book.seq < snapshot["seq"] and time.monotonic() < until:
            await asyncio.sleep(0.01)
        found = states.differences(self.store.db, snapshot)
        lines = [line for _, differing in found.values() for line in differing]
        self.figures.mismatch, self.figures.reconcile_time = len(lines), time.monotonic() - began
        self.reconciled = {"at": time.time(), "equal": not lines}
        if lines:
            log("mismatch", "; ".join(lines[:5]))
        return self.reconciled

    # ------------------------------------------------------------------ what the command line asks for

    def smoke(self) -> dict:
        """Tests the loaded rules without sending."""
        return {"expected": self.expected, "loaded": self.book.rules, "results": smoke(self.book)}

    async def adopt(self) -> dict:
        """Takes the broker's record into the state."""
        async with self.writing:
            question = {"op": "events", "account": self.account, "key": self.key, "from": 1}
            answer = await asyncio.to_thread(wire.ask, self.config["broker"], question, 30)
            book = self.new_book()
            booked = states.rebuild(self.store.db, book, answer["events"])
            self.book = self.new_book()
            self.store.load(self.book)
        await self.reconcile()
        return {"booked": booked, "equal": self.reconciled["equal"]}

    async def lock_out(self) -> dict:
        """Locks the account out until a person ends it."""
        async with self.writing:
            self.book.lock_out(OVERRIDE)
            self.save([], [])
        return {"ok": True}

    async def resume(self) -> dict:
        """Ends a halt and an override's lockout."""
        async with self.writing:
            if self.book.lockouts.pop(OVERRIDE, None):
                states.note_ended(self.store.db, OVERRIDE, self.book.seq)
            self.book.violations = {
                key: v for key, v in self.book.violations.items() if self.book.lockouts or v.rule != "daily-loss"
            }
            self.save([], [])
            self.halt_flag.unlink(missing_ok=True)
        self.watch_halt_flag()
        return {"state": self.state}

    def look(self) -> dict:
        """Looks at the halt flag at once."""
        if self.holds:
            self.watch_halt_flag()
        return {"state": self.state, "holds": self.holds}

    # ------------------------------------------------------------------ pulse and clock

    async def pulse(self) -> None:
        """The service manager's watchdog; and, for the holder, a reconcile now and then."""
        beats = 0
        while True:
            notify("WATCHDOG=1")
            beats += 1
            if beats % 10 == 0 and self.state in ("active", "halted"):
                await self.guarded(self.reconcile())
            await asyncio.sleep(1)

    async def watch_clock(self) -> None:
        """The clock of the day against the clock that nobody sets."""
        offset = time.time() - leases.boottime()
        while True:
            await asyncio.sleep(0.5)
            now = time.time() - leases.boottime()
            if abs(now - offset) > contract.seconds("clock.skew.warn"):
                log("clock_jump", f"{now - offset:+.3f} s")
            offset = now

    @staticmethod
    async def guarded(work) -> None:
        """Background work: an unreachable broker is the line's business, not the daemon's end."""
        try:
            await work
        except (wire.Unreachable, wire.KeyRefused, wire.Denied):
            pass

    async def guarded_task(self, work) -> None:
        """The same as a task of its own: what it raises must end the daemon as anywhere else."""
        try:
            await self.guarded(work)
        except BaseException as error:
            die(error)


def raise_sqlite(error: sqlite3.Error) -> None:
    """Names a database error as the contract does."""
    if states.full(error):
        raise Ended("disk_full", "") from error
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        raise error
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in str(error) or "not a database" in str(error)):
        raise Ended("state_damaged", str(error)) from error
    raise error


def raise_os(error: OSError) -> None:
    """Names a file error as the contract does."""
    if error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
        raise Ended("disk_full", "") from error
    raise error


def read_text(path: Path) -> str:
    """A file's text; empty when it cannot be read."""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def count_start(folder: Path) -> int:
    """The starts within the window of restarts, this one among them. The folder outlives a restart, not a stop."""
    folder.mkdir(parents=True, exist_ok=True)
    now, window = leases.boottime(), contract.seconds("restart.window")
    starts = [start for start in map(float, read_text(folder / "starts").split()) if start > now - window] + [now]
    (folder / "starts").write_text(" ".join(map(str, starts)))
    return len(starts)


def keep_last_good(account: str, text: str) -> None:
    """Keeps the configuration that passed the check and runs; the one before it stays beside it."""
    copy = contract.path("last_good", account=account)
    if copy.exists():
        if copy.read_text() == text:
            return
        copy.replace(contract.path("before_last", account=account))
    new = copy.with_name("config.last-good.new")
    new.write_text(text)
    new.rename(copy)


def die(error: BaseException) -> None:
    """Ends the process as the contract says."""
    if isinstance(error, Ended):
        print(f"<2>{error}", flush=True)
        notify(f"STATUS={error}")
        os._exit(error.code)
    if isinstance(error, sqlite3.Error) and states.full(error):
        die(Ended("disk_full", ""))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        die(Ended("disk_full", ""))
    print(f"<2>internal error: {error!r}", flush=True)
    sys.excepthook(type(error), error, error.__traceback__)
    os._exit(contract.EXIT["internal error"])


def main() -> None:
    """Runs what the words of the call ask for."""
    match sys.argv[1:]:
        case ["check-config", account]:
            try:
                configuration.load(contract.path("config", account=account), account, release.FACTS)
            except configuration.Refused as refused:
                print(f"{contract.log_words('config_refused')} {refused}")
                sys.exit(contract.EXIT["configuration refused"])
        case ["replay" | "stress" as what, file, *factor]:
            from . import rehearse

            sys.exit(rehearse.replay(Path(file)) if what == "replay" else rehearse.stress(Path(file), float(factor[0])))
        case [slot] if ":" in slot:
            asyncio.run(Daemon(*slot.split(":")).run())
        case _:
            print(__doc__, file=sys.stderr)
            sys.exit(contract.EXIT["usage"])
