"""The broker of a rig: accounts, an order flow, sessions, keys, faults on command. It records everything and is the judge.

Started as `broker.py HOST PORT CONTROL_SOCKET`. Daemons and the command line speak to HOST:PORT, the rig to the control socket;
both one JSON object a line. It takes nobody's word: violations, positions and losses come from its own record.
"""

import asyncio
import inspect
import json
import random
import sys
import time
from dataclasses import dataclass, field

SYMBOLS = {"ES": 5000.0, "NQ": 18000.0}
KEY_LIFE = 90 * 86400.0  # seconds


@dataclass
class Settings:
    """What the rig may switch, for the whole broker."""

    heartbeat: float = 5.0  # seconds
    logon: float = 0.0  # seconds that a logon takes
    fencing: bool = True  # refuse whoever has an older epoch
    one_session: bool = False  # admit no observer beside the writer
    clock: float = 0.0  # seconds that our clock is ahead


@dataclass
class Session:
    """One daemon, logged on."""

    account: "Account"
    instance: str
    release: str
    writer: asyncio.StreamWriter
    outbox: asyncio.Queue
    role: str = "observer"
    epoch: int = 0
    silent: bool = False  # half-open: the line stands and carries nothing


@dataclass
class Breach:
    """A limit of the account broken at the broker. Position and loss: until flat or inside; size: until the order is gone."""

    rule: str
    target: str
    began: int
    t: float
    ended: float | None = None
    acted: float | None = None
    actions: int = 0


@dataclass
class Faults:
    """What is wrong with one account's line, at the moment."""

    outage: float = 0.0  # refuse every connection until this time
    reject: int = 0  # refuse that many orders
    rate_limit: float = 0.0  # answer "later" until this time
    delay: float = 0.0  # seconds that each message waits
    skip: int = 0  # push only events whose number this does not divide


@dataclass
class Account:
    """One account: its record and the traders' flow into it."""

    name: str
    settings: Settings
    limits: dict = field(default_factory=lambda: {"position": 10, "size": 20, "net": 1000, "loss": 1e6})
    events: list = field(default_factory=list)
    times: list = field(default_factory=list)  # by event: when it really was, whatever the broker's clock said
    positions: dict = field(default_factory=dict)
    orders: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)  # client order id: the answer it was given
    sessions: list = field(default_factory=list)
    writes: list = field(default_factory=list)
    writers: list = field(default_factory=list)
    breaches: list = field(default_factory=list)
    acknowledged: list = field(default_factory=list)  # by event: (time, instance, epoch)
    guarded: list = field(default_factory=list)  # by event: time at which a daemon that enforces acknowledged it
    stale_acks: int = 0
    epoch: int = 0
    key: str = ""
    key_state: str = "valid"
    key_expires: float = field(default_factory=lambda: time.time() + KEY_LIFE)
    rate: float = 0.0  # events a second
    trading: bool = True  # False: the traders hold; prices go on
    cost: float = 0.0
    realised: float = 0.0
    average: dict = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self):
        self.random = random.Random(f"flow of {self.name}")
        self.prices = dict(SYMBOLS)
        self.key = self.key or f"key-{self.name}"

    # ------------------------------------------------------------------ the record

    def now(self) -> float:
        """The broker's clock."""
        return time.time() + self.settings.clock

    def emit(self, kind: str, **body) -> dict:
        """Records one event and pushes it to every session of the account."""
        event = {"seq": len(self.events) + 1, "t": self.now(), "kind": kind, **body}
        self.events.append(event)
        self.times.append(time.time())
        if kind == "fill":
            self._book_fill(event)
        elif kind == "order":
            self.orders[event["id"]] = {"symbol": event["symbol"], "qty": event["qty"]}
        elif kind == "cancel":
            self.orders.pop(event["id"], None)
        self._judge(event)
        skip = self.faults.skip
        if not (skip and event["seq"] % skip == 0):
            self.push([event])
        return event

    def push(self, events: list, only: Session | None = None) -> None:
        """Sends events; with them the number of the last one, so that a hole shows."""
        for session in [only] if only else self.sessions:
            send(session, type="events", events=events, head=len(self.events))

    def _book_fill(self, event: dict) -> None:
        symbol, qty, price = event["symbol"], event["qty"], event["price"]
        held, average = self.positions.get(symbol, 0), self.average.get(symbol, 0.0)
        if held * qty < 0:
            self.realised += min(abs(held), abs(qty)) * (price - average) * (1 if held > 0 else -1)
            average = price if abs(qty) > abs(held) else average
        else:
            average = (held * average + qty * price) / (held + qty)
        self.positions[symbol], self.average[symbol] = held + qty, average
        self.cost = max(self.cost, -self.realised)

    def _judge(self, event: dict) -> None:
        held = {symbol: qty for symbol, qty in self.positions.items() if qty}
        broken = {("max-position", symbol) for symbol, qty in held.items() if abs(qty) > self.limits["position"]}
        broken |= {
            ("order-size", name) for name, order in self.orders.items() if abs(order["qty"]) > self.limits["size"]
        }
        if abs(sum(held.values())) > self.limits["net"]:
            broken.add(("net-limits", max(held, key=lambda symbol: abs(held[symbol]))))
        if self.cost >= self.limits["loss"]:
            broken |= {("daily-loss", target) for target in (*held, *self.orders)}
        standing = {(breach.rule, breach.target): breach for breach in self.breaches if breach.ended is None}
        for key in broken - standing.keys():
            self.breaches.append(Breach(*key, began=event["seq"], t=time.time()))
        for key in standing.keys() - broken:
            standing[key].ended = time.time()

    def in_breach(self, target: str) -> bool:
        """Whether a symbol or an order breaks a limit now."""
        return any(breach.target == target and breach.ended is None for breach in self.breaches)

    # ------------------------------------------------------------------ the traders

    def trade(self) -> None:
        """One step of the traders. One whose symbol or order is in breach waits: no breach heals by itself, so a missing action cannot hide."""
        pick, symbol = self.random.random(), self.random.choice(list(SYMBOLS))
        self.prices[symbol] = round(self.prices[symbol] + self.random.choice((-0.25, 0.0, 0.25)), 2)
        price, size = self.prices[symbol], self.random.choice((-3, -2, -1, 1, 2, 3))
        if not self.trading or self.in_breach(symbol) or pick < 0.4:
            self.emit("mark", symbol=symbol, price=price)
        elif pick < 0.75:
            self.emit("fill", symbol=symbol, qty=size, price=price, coid=None)
        elif pick < 0.88 and len(self.orders) < 5:
            self.emit("order", id=f"T{len(self.events) + 1}", symbol=symbol, qty=size, price=price)
        elif healthy := [name for name in self.orders if not self.in_breach(name)]:
            self.emit("cancel", id=healthy[0], coid=None)
        else:
            self.emit("mark", symbol=symbol, price=price)

    def breach(self, rule: str) -> int:
        """Has the traders break a limit now. Returns the number of the event that does."""
        if rule == "position":
            over = self.limits["position"] + 1 - self.positions.get("ES", 0)
            return self.emit("fill", symbol="ES", qty=over, price=self.prices["ES"], coid=None)["seq"]
        if rule == "size":
            return self.emit(
                "order",
                id=f"T{len(self.events) + 1}",
                symbol="ES",
                qty=self.limits["size"] + 1,
                price=self.prices["ES"],
            )["seq"]
        if rule == "loss":
            self.emit(
                "fill", symbol="NQ", qty=1, price=self.prices["NQ"] + self.limits["loss"] + self.prices["NQ"], coid=None
            )
            return self.emit("fill", symbol="NQ", qty=-1, price=0.0, coid=None)["seq"]
        raise ValueError(f"no such rule: {rule}")

    # ------------------------------------------------------------------ the daemons

    def acknowledge(self, session: Session, seq: int, guarding: bool) -> bool:
        """Takes an acknowledgement of all events up to `seq`. False when it comes from a fenced writer."""
        if session.role != "writer" or (self.settings.fencing and session.epoch < self.epoch):
            self.stale_acks += 1
            return False
        now = time.time()
        self.acknowledged += [(now, session.instance, session.epoch)] * (seq - len(self.acknowledged))
        if guarding:
            self.guarded += [now] * (seq - len(self.guarded))
        return True

    def order(self, order: dict, who: dict) -> dict:
        """One order or cancellation, from a session or from the desk. `who`: instance, release, epoch."""
        stale, caused = who["epoch"] < self.epoch, self.in_breach(order["target"])
        answer = self._answer(order, who)
        facts = {name: order.get(name) for name in ("coid", "cause", "rule", "target", "qty")}
        self.writes.append(
            {"t": time.time(), "stale": stale, "caused": caused, "answer": answer["status"], **facts, **who}
        )
        return {"type": "order", "coid": order["coid"], **answer}

    def _answer(self, order: dict, who: dict) -> dict:
        now = time.time()
        if self.settings.fencing and who["epoch"] < self.epoch:
            return {"status": "fenced", "epoch": self.epoch}
        if self.faults.rate_limit > now:
            return {"status": "later", "wait": min(0.5, self.faults.rate_limit - now)}
        if self.faults.reject > 0:
            self.faults.reject -= 1
            return {"status": "rejected", "why": "risk system unavailable"}
        if order["coid"] in self.answers:
            return {"status": "duplicate", "seq": self.answers[order["coid"]]}
        return {"status": "accepted", "seq": self._execute(order)}

    def _execute(self, order: dict) -> int:
        for breach in self.breaches:
            if breach.ended is None and breach.target == order["target"]:
                breach.acted = breach.acted or time.time()
                breach.actions += 1
        if order["kind"] == "cancel":
            known = order["target"] in self.orders
            seq = self.emit("cancel", id=order["target"], coid=order["coid"])["seq"] if known else len(self.events)
        else:
            price = self.prices[order["symbol"]]
            seq = (
                self.emit("fill", symbol=order["symbol"], qty=order["qty"], price=price, coid=order["coid"])["seq"]
                if order["qty"]
                else len(self.events)
            )
        self.answers[order["coid"]] = seq
        return seq

    def promote(self, session: Session, epoch: int) -> dict:
        """Makes a session the writer. With fencing, ends every other one."""
        if self.settings.fencing and (
            epoch < self.epoch or (epoch == self.epoch and any(s.instance != session.instance for s in self.writing()))
        ):
            return {"ok": False, "code": "fenced", "why": f"epoch {self.epoch} is known", "epoch": self.epoch}
        self.epoch = max(self.epoch, epoch)
        if self.settings.fencing:
            for other in [s for s in self.sessions if s.role == "writer" and s is not session]:
                end(other, "fenced", epoch=self.epoch)
        session.role, session.epoch = "writer", epoch
        self.writers.append(
            {
                "t": time.time(),
                "instance": session.instance,
                "release": session.release,
                "epoch": epoch,
                "at_once": len(self.writing()),
            }
        )
        return {"ok": True, "head": len(self.events), "epoch": epoch}

    def writing(self) -> list[Session]:
        """The writing sessions."""
        return [session for session in self.sessions if session.role == "writer"]

    def snapshot(self) -> dict:
        """What a daemon or an operator may ask about the account."""
        last = self.acknowledged[-1] if self.acknowledged else None
        return {
            "ok": True,
            "seq": len(self.events),
            "t": self.now(),
            "positions": {symbol: qty for symbol, qty in self.positions.items() if qty},
            "orders": self.orders,
            "fills_from": 1,
            "fills": {str(e["seq"]): [e["symbol"], e["qty"], e["price"]] for e in self.events if e["kind"] == "fill"},
            "epoch": self.epoch,
            "writers": [{"instance": s.instance, "release": s.release, "epoch": s.epoch} for s in self.writing()],
            "observers": [s.instance for s in self.sessions if s.role == "observer"],
            "acknowledged": {"seq": len(self.acknowledged), "age": time.time() - last[0]} if last else None,
            "key_expires": self.key_expires - time.time(),
        }

    def audit(self, since: float) -> dict:
        """Breaches and actions since a time, from our own record: what a monitor counts."""
        breaches = [breach for breach in self.breaches if breach.t >= since]
        actions = [
            write
            for write in self.writes
            if write["t"] >= since and write["answer"] == "accepted" and write["instance"] != "desk"
        ]
        reactions = [breach.acted - breach.t for breach in breaches if breach.acted]
        open_for = [time.time() - breach.t for breach in breaches if breach.acted is None]
        return {
            "ok": True,
            "breaches": len(breaches),
            "missed": sum(age > 1.0 for age in open_for),
            "unexpected": sum(not write["caused"] for write in actions),
            "fanout": max([breach.actions for breach in breaches], default=0),
            "reaction": max(reactions + open_for, default=0.0),
            "writers": len(self.writing()),
            "loss": self.cost,
        }

    def report(self, since: float) -> dict:
        """The judge's figures since a time (epoch seconds): see judge.py for what must hold."""
        now = time.time()
        audit = self.audit(since)
        times = self.times
        first = next((i for i, t in enumerate(times) if t >= since), len(times))
        gaps = [
            ((self.guarded[i] if i < len(self.guarded) else now) - times[i], i + 1, times[i])
            for i in range(first, len(times))
        ]
        acks = [
            (self.acknowledged[i][0] if i < len(self.acknowledged) else now) - times[i]
            for i in range(first, len(times))
        ]
        worst = max(gaps, default=(0.0, 0, 0.0))
        writes = [write for write in self.writes if write["t"] >= since]
        accepted = [write for write in writes if write["answer"] == "accepted"]
        causes = [(write["target"], write["cause"]) for write in accepted if write["instance"] != "desk"]
        breaches = [breach for breach in self.breaches if breach.t >= since]
        return {
            "events": len(times) - first,
            "last": len(times),
            "acknowledged": len(self.acknowledged),
            "guarded": len(self.guarded),
            "gap": {"seconds": worst[0], "event": worst[1], "at": worst[2]},
            "acknowledgement": max(acks, default=0.0),
            "writers_now": len(self.writing()),
            "writers_max": max(
                [entry["at_once"] for entry in self.writers if entry["t"] >= since], default=len(self.writing())
            ),
            "takeovers": [entry for entry in self.writers if entry["t"] >= since],
            "breaches": len(breaches),
            "lost": sum(
                breach.acted is None and (breach.ended is not None or now - breach.t > 1.0) for breach in breaches
            ),
            "duplicated": len(causes) - len(set(causes)),
            "duplicates_refused": sum(write["answer"] == "duplicate" for write in writes),
            "stale_accepted": sum(write["stale"] for write in accepted),
            "stale_refused": sum(write["answer"] == "fenced" for write in writes),
            "unexpected": audit["unexpected"],
            "reaction": audit["reaction"],
            "orders": len(accepted),
            "positions": {symbol: qty for symbol, qty in self.positions.items() if qty},
            "working": len(self.orders),
            "loss": self.cost,
            "epoch": self.epoch,
        }


# ---------------------------------------------------------------------- the line


def send(session: Session, **message) -> None:
    """Queues a message for a session; the fault `delay` holds it up."""
    session.outbox.put_nowait((time.monotonic() + session.account.faults.delay, message))


async def post(session: Session) -> None:
    """Writes a session's outbox to its line."""
    while True:
        due, message = await session.outbox.get()
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        if not session.silent:
            session.writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        if message.get("type") == "end":
            session.writer.close()
            return


def end(session: Session, code: str, **more) -> None:
    """Ends a session, saying why."""
    if session in session.account.sessions:
        session.account.sessions.remove(session)
    session.role = "ended"
    send(session, type="end", code=code, **more)


class Broker:
    """The server: one line of JSON in, one or more out."""

    def __init__(self):
        self.settings = Settings()
        self.accounts: dict[str, Account] = {}

    def account(self, name: str) -> Account:
        """An account, made when it is first named."""
        if name not in self.accounts:
            self.accounts[name] = Account(name, self.settings)
        return self.accounts[name]

    async def serve(self, host: str, port: int, control: str) -> None:
        """Runs until it is ended."""
        await asyncio.start_server(self.line, host, port, limit=64 * 1024 * 1024)
        await asyncio.start_unix_server(self.control_line, control)
        await asyncio.gather(self.flow(), self.heartbeats())

    async def flow(self) -> None:
        """The traders of every account, each at its own rate."""
        due: dict[str, float] = {}
        while True:
            await asyncio.sleep(0.002)
            now = time.monotonic()
            for account in self.accounts.values():
                if not account.rate:
                    due.pop(account.name, None)
                    continue
                # After a stall the flow goes on at its rate; it does not make up for lost time in one burst.
                at = max(due.get(account.name, now), now - 0.1)
                while at <= now:
                    account.trade()
                    at += 1 / account.rate
                due[account.name] = at

    async def heartbeats(self) -> None:
        """Carry the number of the last event, so that a hole at the end of the flow shows too."""
        while True:
            await asyncio.sleep(self.settings.heartbeat)
            for account in self.accounts.values():
                for session in account.sessions:
                    send(session, type="heartbeat", head=len(account.events), t=account.now())

    async def line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: a logon that becomes a session, or a single question."""
        try:
            question = json.loads(await reader.readline() or b"{}")
            account = self.account(question.get("account", "?"))
            if account.faults.outage > time.time():
                writer.transport.abort()
                return
            answer = self.refusal(account, question)
            if not answer and question["op"] == "logon":
                await self.session(account, question, reader, writer)
                return
            answer = answer or self.answer(account, question)
            writer.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
            await writer.drain()
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass  # the other end went away
        finally:
            writer.close()

    @staticmethod
    def refusal(account: Account, question: dict) -> dict | None:
        """Why a question is not answered; None when it is."""
        if question.get("key") != account.key:
            return {"ok": False, "code": "key", "why": "unknown key"}
        if account.key_state != "valid":
            return {"ok": False, "code": "key", "why": f"the key is {account.key_state}"}
        return None

    @staticmethod
    def answer(account: Account, question: dict) -> dict:
        """Answers a single question."""
        match question["op"]:
            case "snapshot":
                return account.snapshot()
            case "events":
                return {"ok": True, "events": account.events[question["from"] - 1 :]}
            case "clock":
                return {"ok": True, "t": account.now()}
            case "audit":
                return account.audit(question["since"])
            case "fence":
                account.epoch = max(account.epoch, question["epoch"])
                if account.settings.fencing:
                    for session in [s for s in account.writing() if s.epoch < account.epoch]:
                        end(session, "fenced", epoch=account.epoch)
                return account.snapshot()
            case "order":
                return {
                    "ok": True,
                    **account.order(question["order"], {"instance": "desk", "release": "", "epoch": question["epoch"]}),
                }
        return {"ok": False, "code": "unknown", "why": f"unknown question {question['op']}"}

    async def session(
        self, account: Account, logon: dict, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """A daemon's session, from its logon to its end."""
        await asyncio.sleep(self.settings.logon)
        session = Session(account, logon["instance"], logon["release"], writer, asyncio.Queue())
        if self.settings.one_session and account.sessions and not (logon.get("epoch", 0) > account.epoch):
            writer.write(json.dumps({"ok": False, "code": "session", "why": "one session only"}).encode() + b"\n")
            return
        answer = {"ok": True, "head": len(account.events)}
        if logon.get("epoch"):
            answer = account.promote(session, logon["epoch"])
        answer |= {"t": account.now(), "key_expires": account.key_expires - time.time()}
        writer.write(json.dumps(answer).encode() + b"\n")
        if not answer["ok"]:
            return
        account.sessions.append(session)
        poster = asyncio.create_task(post(session))
        if session.role == "writer":
            account.push(account.events[logon["from"] - 1 :], only=session)
        try:
            while line := await reader.readline():
                if session.silent:
                    continue
                self.hear(session, json.loads(line))
        finally:
            if session in account.sessions:
                account.sessions.remove(session)
            session.role = "ended"
            poster.cancel()

    @staticmethod
    def hear(session: Session, message: dict) -> None:
        """One message of a logged-on daemon."""
        account = session.account
        match message["op"]:
            case "ack":
                if account.acknowledge(session, message["seq"], message["guarding"]):
                    send(session, type="acknowledged", seq=message["seq"])
            case "order":
                who = {"instance": session.instance, "release": session.release, "epoch": session.epoch}
                send(session, **account.order(message["order"], who))
            case "resend":
                account.push(account.events[message["from"] - 1 :], only=session)
            case "promote":
                answer = account.promote(session, message["epoch"])
                if answer["ok"]:
                    send(session, type="promoted", **answer)
                    account.push(account.events[message["from"] - 1 :], only=session)
                else:
                    end(session, "fenced", epoch=account.epoch)
            case "demote":
                session.role = "observer"
                send(session, type="demoted")
            case "logoff":
                end(session, "logoff")

    # ------------------------------------------------------------------ the rig's side

    async def control_line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One command of the rig: {"do": name, ...arguments}."""
        while line := await reader.readline():
            command = json.loads(line)
            try:
                result = {"result": getattr(self, "do_" + command.pop("do"))(**command)}
            except Exception as error:  # the rig shall see whatever went wrong
                result = {"error": repr(error)}
            writer.write(json.dumps(result).encode() + b"\n")
            await writer.drain()

    def commands(self) -> dict[str, str]:
        """The rig's commands and what they take."""
        return {name[3:]: str(inspect.signature(getattr(self, name))) for name in dir(self) if name.startswith("do_")}

    def do_set(self, **settings) -> None:
        """Switches the broker's settings."""
        for name, value in settings.items():
            if not hasattr(self.settings, name):
                raise ValueError(f"no such setting: {name}")
            setattr(self.settings, name, value)

    def do_flow(self, accounts: list, rate: float, trading: bool = True) -> None:
        """rate: events a second, 0 to stop; trading: False when the traders hold and only prices move."""
        for name in accounts:
            account = self.account(name)
            account.rate, account.trading = rate, trading

    def do_limits(self, account: str, **limits) -> None:
        """The limits by which we judge: position, size, net, loss."""
        self.account(account).limits.update(limits)

    def do_breach(self, account: str, rule: str) -> int:
        """Breaks a limit: position, size or loss."""
        return self.account(account).breach(rule)

    def do_drop(self, account: str) -> int:
        """Cuts the account's lines. Returns how many there were."""
        sessions = list(self.account(account).sessions)
        for session in sessions:
            session.writer.transport.abort()
        return len(sessions)

    def do_silence(self, account: str) -> int:
        """Half-open: the lines stand and carry nothing any more. Returns how many there were."""
        sessions = list(self.account(account).sessions)
        for session in sessions:
            session.silent = True
        return len(sessions)

    def do_outage(self, account: str, seconds: float) -> int:
        """Cuts the lines and refuses every connection for so long."""
        self.account(account).faults.outage = time.time() + seconds
        return self.do_drop(account)

    def do_key(self, account: str, state: str = "valid", key: str | None = None) -> None:
        """state: valid, expired or revoked; a revoked key ends its sessions. key: the new one."""
        target = self.account(account)
        target.key_state, target.key = state, key or target.key
        target.key_expires = time.time() + (KEY_LIFE if state == "valid" else 0)
        if state == "revoked":
            for session in list(target.sessions):
                end(session, "key", why="the key is revoked")

    def do_reject(self, account: str, orders: int) -> None:
        """Refuses the next orders."""
        self.account(account).faults.reject = orders

    def do_rate_limit(self, account: str, seconds: float) -> None:
        """Answers orders with `later` for so long."""
        self.account(account).faults.rate_limit = time.time() + seconds

    def do_delay(self, account: str, seconds: float) -> None:
        """Every message to the account's daemons waits so long."""
        self.account(account).faults.delay = seconds

    def do_skip(self, account: str, every: int) -> None:
        """Does not push every so-maniest event; 0 ends it."""
        self.account(account).faults.skip = every

    def do_order(self, account: str, order: dict, instance: str, epoch: int) -> dict:
        """A stranger's order, past every session: for the judge's own test and for a leaked key."""
        return self.account(account).order(order, {"instance": instance, "release": "", "epoch": epoch})

    def do_report(self, since: float = 0.0) -> dict:
        """The judge's figures for every account."""
        return {name: account.report(since) for name, account in self.accounts.items() if name != "?"}

    def do_record(self, account: str, since: float = 0.0, until: float = 1e18) -> dict:
        """The raw record of one account around a moment: for a failure's message."""
        target = self.account(account)
        inside = [item for item in (*target.writes, *target.writers) if since <= item["t"] <= until]
        return {
            "events": [e for e in target.events if since <= e["t"] <= until],
            "orders": inside,
            "breaches": [vars(b) for b in target.breaches if since <= b.t <= until],
        }

    def do_snapshot(self, account: str) -> dict:
        """What the account's daemon could ask."""
        return self.account(account).snapshot()


if __name__ == "__main__":
    asyncio.run(Broker().serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
