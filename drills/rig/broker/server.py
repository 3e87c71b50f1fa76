"""The server: what daemons and the command line may ask, one line of JSON in, one or more out."""

import asyncio
import json
import time

from drills.rig.broker import figures
from drills.rig.broker.account import Account
from drills.rig.broker.orders import acknowledge, fence, promote, take_order
from drills.rig.broker.rig_commands import RigCommands
from drills.rig.broker.session import Message, Session
from drills.rig.broker.settings import Settings
from drills.rig.broker.traders import trade


class Broker:
    """The server: one line of JSON in, one or more out.

    heartbeat: seconds between two.
    """

    def __init__(self, heartbeat: float) -> None:
        self.settings = Settings()
        self.heartbeat = heartbeat
        self.accounts: dict[str, Account] = {}

    def account(self, name: str) -> Account:
        """An account, made when it is first named."""
        if name not in self.accounts:
            self.accounts[name] = Account(name, self.settings)
        return self.accounts[name]

    async def serve(self, host: str, port: int, control: str) -> None:
        """Runs until it is ended."""
        await asyncio.start_server(self.line, host, port, limit=64 * 1024 * 1024)
        await asyncio.start_unix_server(RigCommands(self.settings, self.accounts, self.account).line, control)
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
                    trade(account)
                    at += 1 / account.rate
                due[account.name] = at

    async def heartbeats(self) -> None:
        """Carry the number of the last event, so that a hole at the end of the flow shows too."""
        while True:
            await asyncio.sleep(self.heartbeat)
            for account in self.accounts.values():
                for session in account.sessions:
                    session.send(type="heartbeat", head=session.head, t=account.now())

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
    def refusal(account: Account, question: Message) -> Message | None:
        """Why a question is not answered; None when it is."""
        if question.get("key") != account.key:
            return {"ok": False, "code": "key", "why": "unknown key"}
        if account.key_state != "valid":
            return {"ok": False, "code": "key", "why": f"the key is {account.key_state}"}
        return None

    def answer(self, account: Account, question: Message) -> Message:
        """Answers a single question."""
        match question["op"]:
            case "snapshot":
                return account.snapshot()
            case "events":
                return {"ok": True, "events": account.events[question["from"] - 1 :]}
            case "clock":
                return {"ok": True, "t": account.now()}
            case "key" if self.settings.key_question:
                return {"ok": True, "key_expires": account.key_expires - time.time()}
            case "limits" if self.settings.limits_question:
                return account.held_to()
            case "audit":
                return figures.audit(account, question["since"])
            case "fence":
                fence(account, question["epoch"])
                return account.snapshot()
            case "order":
                desk = {"instance": figures.DESK, "release": "", "epoch": question["epoch"]}
                return {"ok": True, **take_order(account, question["order"], desk)}
        return {"ok": False, "code": "unknown", "why": f"unknown question {question['op']}"}

    async def session(
        self, account: Account, logon: Message, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """A daemon's session, from its logon to its end."""
        await asyncio.sleep(self.settings.logon)
        session = Session(account, logon["instance"], logon["release"], writer)
        if self.settings.one_session and account.sessions and not (logon.get("epoch", 0) > account.epoch):
            writer.write(json.dumps({"ok": False, "code": "session", "why": "one session only"}).encode() + b"\n")
            return
        if self.settings.second_ends_first:
            for older in list(account.sessions):
                older.end("session", why="a second logon")
        if account.faults.mute:
            session.muted_at = logon.get("from", 1) - 1
        answer: Message = {"ok": True, "head": session.head}
        if logon.get("epoch"):
            answer = promote(account, session, logon["epoch"])
        answer |= {"t": account.now(), "key_expires": account.key_expires - time.time()}
        writer.write(json.dumps(answer).encode() + b"\n")
        if not answer["ok"]:
            return
        account.sessions.append(session)
        poster = asyncio.create_task(session.post())
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
    def hear(session: Session, message: Message) -> None:
        """One message of a logged-on daemon."""
        account = session.account
        match message["op"]:
            case "ack":
                if acknowledge(account, session, message["seq"], message["guarding"]):
                    session.send(type="acknowledged", seq=message["seq"])
            case "order":
                who = {"instance": session.instance, "release": session.release, "epoch": session.epoch}
                session.send(**take_order(account, message["order"], who))
            case "resend":
                account.push(account.events[message["from"] - 1 :], only=session)
            case "promote":
                answer = promote(account, session, message["epoch"])
                if answer["ok"]:
                    session.send(type="promoted", **answer)
                    account.push(account.events[message["from"] - 1 :], only=session)
                else:
                    session.end("fenced", epoch=account.epoch)
            case "demote":
                session.role = "observer"
                session.send(type="demoted")
            case "logoff":
                session.end("logoff")
