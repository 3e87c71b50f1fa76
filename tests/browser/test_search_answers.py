"""What people paste or type into the search at night, and what must come first: one page, one index, every question."""

import json
import re

import pytest

from runbook.site.search_tags import answers, location
from tests.browser.conftest import opened, results_settled
from tests.conftest import say, wake

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

# Asks the theme's own worker through ours, as the page does, and gives the first places that each question finds.
ASK = """async (questions) => {
  const config = JSON.parse(document.querySelector("#__config").textContent);
  const base = new URL(config.base.replace(/\\/?$/, "/"), location.href);
  const worker = new Worker(new URL(config.search, location.href));
  const said = () => new Promise(done => worker.addEventListener("message", it => done(it.data), { once: true }));
  const index = await (await fetch(new URL("search/search_index.json", base))).json();
  const ready = said();
  worker.postMessage({ type: 0, data: { ...index, options: { suggest: false } } });
  await ready;
  const found = [];
  for (const question of questions) {
    const answer = said();
    worker.postMessage({ type: 2, data: question });
    const { items } = (await answer).data;
    found.push((items[0] ?? []).map(it => it.location));
  }
  worker.terminate();
  return found;
}"""

JOURNAL = "Nov 25 03:12:01 trade-1 traderd[812]: {}"
SYSLOG = "<4>1 2026-11-25T03:12:01.118Z trade-1 traderd 812 - - {} id=7f3a9c0d12"
UNIT = "2026-11-25T03:12:01+0000 trade-1 traderd@U100:a.service[812]: {}"
JSON = json.dumps({"ts": "2026-11-25T03:12:01Z", "level": "warning", "host": "trade-1", "pid": 812, "msg": "{}"})
PAGERS = [
    "[FIRING:1] {name} (U100 trade-1 sev1)",
    "[RESOLVED] {name} for U100 (traderd monitoring eu)",
    "alertname = {name}\nhost = trade-1\naccount = U100\nsummary = {says}",
    "{name}: {says}",
    "{says}",
]
UNITS_END = (
    "traderd@U100:a.service: Main process exited, code=exited, status={0}/NOPERM",
    "Process: 812 ExecStart=/opt/traderd/bin/traderd (code=exited, status={0})",
    "exit code {0}",
    "traderctl returned {0}",
)

# What other programs print and what people say -> the goal, as data/search.yml names it.
QUESTIONS = {
    # Other programs, as they write it
    "sqlite3.DatabaseError: database disk image is malformed": "database",
    "Error: file is not a database": "database",
    "sqlite3.OperationalError: unable to open database file": "database",
    "sqlite3.OperationalError: database or disk is full": "disk",
    "OSError: [Errno 28] No space left on device: '/var/lib/traderd/U100/state.db'": "disk",
    "EXT4-fs (sda1): Remounting filesystem: Read-only file system": "disk",
    "systemd[1]: traderd@U100:a.service: Start request repeated too quickly.": "crash",
    "traderd@U100:a.service: Main process exited, code=killed, status=9/KILL": "crash",
    "traderd@U100:a.service: Failed with result 'core-dump'.": "crash",
    "kernel: Out of memory: Killed process 812 (traderd) total-vm:812345kB": "crash",
    "ConnectionRefusedError: [Errno 111] Connection refused": "disconnect",
    "curl: (6) Could not resolve host: api.broker.example.com": "disconnect",
    "socket.gaierror: [Errno -3] Temporary failure in name resolution": "disconnect",
    "read tcp 10.0.0.4:51234->10.1.0.9:443: read: connection reset by peer": "disconnect",
    "ssl.SSLCertVerificationError: certificate verify failed: unable to get local issuer": "disconnect",
    "HTTP/1.1 429 Too Many Requests": "disconnect",
    "8=FIX.4.4 35=5 58=MsgSeqNum too low, expecting 412 but received 7": "disconnect",
    "HTTP 503 Service Unavailable from api.broker.example.com": "broker",
    "ssh: connect to host trade-1 port 22: No route to host": "host",
    "HTTP/1.1 401 Unauthorized": "credentials",
    '{"code":-1022,"msg":"Signature for this request is not valid."}': "credentials",
    '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}': "clock",
    "EAPI:Invalid nonce": "clock",
    "InvalidNonce": "clock",
    "chronyd[512]: System clock wrong by 1.204 seconds": "clock",
    "chronyd[512]: Can't synchronise: no selectable sources": "clock",
    "chronyd[512]: Forward time jump detected!": "clock",
    "yaml.parser.ParserError: while parsing a block mapping in config.yml, line 4": "config",
    "Get http://trade-1:9400/metrics: context deadline exceeded": "blind",
    # Signs that the search itself takes for orders
    "clock~jumped": "clock",
    "+mismatch -broker": "reconcile",
    '"connection refused"': "disconnect",
    "traderd@U100:a.service: daemon is down": "crash",
    # Symptoms
    "error rate": "deployment/rollback_procedure.md",
    "error rate 1.4 % at 40 minutes": "deployment/rollback_procedure.md",
    "roll back or wait?": "deployment/rollback_procedure.md",
    "slow": "slow",
    "latency": "slow",
    "the daemon is slow since the release": "slow",
    "memory leak": "slow",
    "locked out": "desk/index.md#locked-out",
    "I am locked out, why?": "desk/index.md#locked-out",
    "a locked-out account trades": "lockout",
    "lockout missing": "lockout",
    "no events": "disconnect",
    "connected but no events": "disconnect",
    "degraded": "disconnect",
    "DNS": "disconnect",
    "NTP": "clock",
    "daylight saving": "clock",
    "mismatch": "reconcile",
    "position mismatch": "reconcile",
    "manual trade": "reconcile",
    "holiday": "deployment/release/windows.md",
    "Fed day": "deployment/release/windows.md",
    "may we deploy today?": "deployment/release/windows.md",
    "half day before Thanksgiving": "deployment/release/windows.md",
    "halted": "resume",
    "account is halted": "resume",
    "stuck": "crash",
    "daemon not responding": "crash",
    "kill switch": "flatten",
    "close everything": "flatten",
    "not enforcing": "not-enforcing",
    "a limit is broken and nothing happens": "not-enforcing",
    "too many orders": "runaway",
    "a fault after the soak": "soaked",
    "duplicate orders": "split",
    "position flipped": "split",
    "broker is down": "broker",
    "host does not answer": "host",
    "key leaked": "credentials",
    "secrets manager": "credentials",
    "keep the evidence": "collect",
    "who notifies the regulator?": "deployment/recovery/notify.md",
    "host is repaired": "failback",
    "reviewed configuration": "apply",
    "disk full": "disk",
    "bad config": "config",
    "wrong limit": "settings",
    "no such column: fills.venue": "down",
    "no standby": "standby",
    "prometheus is down": "blind",
    "this site does not open": "site",
    "hotfix": "deployment/release/emergency.md",
    "reboot": "patch",
    "restore a backup": "backup",
    "limitations": "reference/limits.md",
    "scope": "reference/limits.md",
    "whom to call": "reference/contacts.md",
    "who may decide": "reference/contacts.md#authority",
    "RTO": "deployment/recovery/exercises.md#objectives",
    "PromQL": "reference/alerts.md",
}


def own_words(catalog) -> dict[str, list[str]]:
    """Each line of the log, alert and exit code in the forms in which people meet it -> the goals that answer."""
    asked: dict[str, list[str]] = {}
    for typed, goals in answers(catalog).items():
        asked[typed] = goals
        if typed in catalog.alerts:
            for form in PAGERS:
                asked.setdefault(form.format(name=typed, says=catalog.alerts[typed].says), goals)
        elif not typed.startswith(("exit", "status", "returned")):
            for form in ("{}", JOURNAL, SYSLOG, UNIT):
                asked[form.format(f"{typed} 17 of 20")] = goals
            asked[JSON.replace("{}", f"{typed} 17 of 20")] = goals
    for scenario, it in catalog.scenarios.scenarios.items():
        for sight in it.see:
            if sight.kind == "exit":
                asked |= {form.format(sight.what): [scenario] for form in UNITS_END}
    return asked


def test_what_is_pasted_finds_its_procedure_first(desk, address, catalog):
    wanted = {typed: [location(catalog, goal)] for typed, goal in QUESTIONS.items()}
    wanted |= {typed: [location(catalog, goal) for goal in goals] for typed, goals in own_words(catalog).items()}
    found = opened(desk, address, "index.md").evaluate(ASK, list(wanted))
    say(
        [
            f"{typed!r} finds {places[:1] or 'nothing'} first, not {goals[0]}; see data/search.yml"
            for (typed, goals), places in zip(wanted.items(), found, strict=True)
            if not places or places[0] not in goals
        ]
    )


def test_enough_is_asked(catalog):
    assert len(QUESTIONS) >= 60
    procedures = {goal.partition("#")[0] for goal in QUESTIONS.values()}
    missing = [name for name in catalog.scenarios.scenarios if name not in procedures]
    assert not missing, f"QUESTIONS asks nothing that leads to {missing}"


def test_every_alert_and_line_is_asked_for(catalog):
    typed = answers(catalog)
    lines = {event.line for event in catalog.system.log_events.values()}
    assert set(catalog.alerts) | lines <= set(typed)


def typed_last_of_each(catalog) -> list[tuple[str, list[str]]]:
    """An alert, a line of the log and an exit code as somebody types them, and a line as it is pasted."""
    typed = answers(catalog)
    lines = {event.line for event in catalog.system.log_events.values()}
    chosen = {"alert": "", "line": "", "other": ""}
    for text in typed:
        chosen["alert" if text in catalog.alerts else "line" if text in lines else "other"] = text
    lost = catalog.system.log_events["link_lost"].line
    return [(text, typed[text]) for text in chosen.values() if text] + [
        (UNIT.format(f"{lost} read timed out"), ["disconnect"])
    ]


def test_what_is_typed_shows_its_procedure_first(desk, address, catalog):
    """The same in the theme's own field: the first section of the first page found is the one that answers."""
    tab = opened(desk, address, "index.md")
    wake(tab)
    tab.keyboard.press("/")
    field, results, faults = tab.locator(".md-search__input"), tab.locator(".md-search-result__item"), []
    for typed, goals in typed_last_of_each(catalog):
        field.fill("")
        results.first.wait_for(state="detached")
        # The search answers each key; only the answer to the last one is judged.
        field.fill(typed[:-1])
        field.press_sequentially(typed[-1])
        tab.locator(".md-search-result__link").first.wait_for(state="attached")
        results_settled(tab)
        found = results.first.locator(".md-search-result__link").first.evaluate("link => link.href")
        found = re.sub(r"\?[^#]*", "", found).removeprefix(address)
        if found not in [location(catalog, goal) for goal in goals]:
            faults.append(f"typing {typed!r} shows {found} first, not {goals[0]}")
    say(faults)
