"""When a change may begin: windows, freezes and sessions over daylight saving, holidays and midnight."""

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from drills.product import change_window
from runbook.data import change_windows
from runbook.data.market_time import Interval, around, at, daily, stretches, weekdays
from runbook.data.models.calendar import Calendar
from runbook.data.models.rollout import Session, Window
from runbook.data.quantity import parse
from tests.conftest import ROOT

GOLDEN = json.loads((ROOT / "tests/fixtures/windows/verdicts.json").read_text())


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"].replace(" ", "-"))
def test_the_command_line_tells_the_verdict_that_the_page_tells(case):
    assert change_window.verdict(GOLDEN["facts"], "canary", case["now"]) == (case["state"], case["text"])


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param("Sat", {5}, id="one-day"),
        pytest.param("Mon-Thu", {0, 1, 2, 3}, id="range"),
        pytest.param("Fri-Mon", {4, 5, 6, 0}, id="over-the-weekend"),
    ],
)
def test_days_are_counted_forward_from_the_first(days, expected):
    assert weekdays(days) == expected


def test_a_window_keeps_its_local_time_when_the_clocks_change():
    days = [
        daily("Mon-Fri", "09:00", "12:00", "Europe/London", "w", day, day)[0].begin
        for day in (date(2026, 3, 27), date(2026, 3, 30))
    ]
    assert days == [utc("2026-03-27T09:00"), utc("2026-03-30T08:00")]


def test_a_window_past_midnight_ends_on_the_next_day():
    (night,) = daily("Fri", "22:00", "02:00", "UTC", "w", date(2026, 11, 27), date(2026, 11, 27))
    assert (night.begin, night.end) == (utc("2026-11-27T22:00"), utc("2026-11-28T02:00"))


def test_every_freeze_over_a_moment_is_named():
    window = [Interval(utc("2026-11-27T09:00"), utc("2026-11-27T12:00"), "w")]
    half_hour = timedelta(minutes=30)
    freezes = [
        around(utc("2026-11-27T09:00"), half_hour, half_hour, "reset"),
        around(utc("2026-11-27T09:20"), half_hour, half_hour, "payrolls"),
        Interval(utc("2026-11-27T11:00"), utc("2026-11-27T20:00"), "holiday"),
    ]
    assert [(part.begin.strftime("%H:%M"), part.frozen) for part in stretches(window, freezes)] == [
        ("09:00", "reset, payrolls"),
        ("09:30", "payrolls"),
        ("09:50", None),
        ("11:00", "holiday"),
    ]


def firm(**calendar) -> SimpleNamespace:
    """As much of a catalog as the windows need: an exchange in Chicago that resets at 17:00, a desk in London."""
    covers = {"first": "2026-03-01", "last": "2026-12-31"}
    window = {"title": "Canary", "days": "Mon-Fri", "from": "09:00", "to": "23:30", "zone": "Europe/London", "why": "w"}
    times = {"window.finish": "60 min", "window.reset": "15 min", "window.event": "60 min"}
    return SimpleNamespace(
        calendar=Calendar(**{"covers": covers, "exchange": [], "events": [], "quiet": [], **calendar}),
        rollout=SimpleNamespace(
            zone="America/Chicago",
            reset="17:00",
            session=Session(opens={"days": "Sun-Thu", "at": "17:00"}, closes={"days": "Mon-Fri", "at": "16:00"}),
            windows={"canary": Window(**window)},
        ),
        thresholds={key: SimpleNamespace(value=parse(value)) for key, value in times.items()},
    )


def frozen(catalog, moment: str) -> str | None:
    """The freeze at a moment inside of the window; raises StopIteration outside."""
    now = utc(moment)
    return next(part.frozen for part in change_windows.window(catalog, "canary") if part.begin <= now < part.end)


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        pytest.param("2026-11-24T21:59", None, id="an-hour-and-a-minute-before-the-reset"),
        pytest.param("2026-11-24T22:00", "daily reset", id="an-hour-before-the-reset"),
        pytest.param("2026-11-24T23:14", "daily reset", id="14-minutes-after-the-reset"),
        pytest.param("2026-11-24T23:15", None, id="15-minutes-after-the-reset"),
        # Two weeks in March, one in autumn: Chicago and London are five hours apart, not six.
        pytest.param("2026-03-10T20:59", None, id="before-the-reset-when-only-chicago-has-changed"),
        pytest.param("2026-03-10T21:00", "daily reset", id="the-reset-when-only-chicago-has-changed"),
    ],
)
def test_nothing_begins_too_near_to_the_daily_reset(moment, why):
    assert frozen(firm(), moment) == why


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        pytest.param("2026-12-23T12:00", "day before Christmas Eve", id="the-day-before-a-half-day"),
        pytest.param("2026-12-24T12:00", "Christmas Eve, day before Christmas", id="a-half-day-before-a-closed-day"),
        pytest.param("2026-12-22T12:00", None, id="two-days-before"),
        pytest.param("2026-12-28T12:00", None, id="the-next-trading-day"),
    ],
)
def test_a_holiday_freezes_its_day_and_the_trading_day_before(moment, why):
    holidays = [
        {"date": "2026-12-24", "kind": "half", "closes": "12:15", "title": "Christmas Eve"},
        {"date": "2026-12-25", "kind": "closed", "title": "Christmas"},
    ]
    assert frozen(firm(exchange=holidays), moment) == why


def test_the_day_before_a_monday_holiday_is_the_friday():
    catalog = firm(exchange=[{"date": "2026-11-30", "kind": "closed", "title": "Monday off"}])
    assert change_windows.trading_day_before(catalog, date(2026, 11, 30)) == date(2026, 11, 27)
    assert frozen(catalog, "2026-11-27T10:00") == "day before Monday off"


@pytest.mark.parametrize(
    ("minutes", "why"), [(-61, None), (-60, "Rate decision"), (59, "Rate decision"), (60, None)], ids=str
)
def test_an_announcement_freezes_the_time_around_it(minutes, why):
    catalog = firm(events=[{"at": "2026-11-24 13:00", "zone": "Europe/London", "title": "Rate decision"}])
    moment = at(date(2026, 11, 24), "13:00", "Europe/London") + timedelta(minutes=minutes)
    assert frozen(catalog, moment.strftime("%Y-%m-%dT%H:%M")) == why


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        pytest.param("2026-11-27T22:30", "closed", id="friday-1630-at-the-exchange"),
        pytest.param("2026-11-28T01:00", "closed", id="friday-evening"),
        pytest.param("2026-11-29T22:59", "closed", id="sunday-before-the-opening"),
        pytest.param("2026-11-29T23:00", "open", id="sunday-at-the-opening"),
        pytest.param("2026-11-24T22:30", "closed", id="the-daily-break"),
        pytest.param("2026-11-24T12:00", "open", id="a-trading-day"),
        pytest.param("2026-11-26T18:00", "closed", id="after-the-close-of-a-half-day"),
        pytest.param("2026-11-26T17:59", "open", id="before-the-close-of-a-half-day"),
        pytest.param("2026-12-25T12:00", "closed", id="a-closed-day"),
        pytest.param("2027-02-01T12:00", "unknown", id="past-the-calendar"),
    ],
)
def test_the_session_is_open_when_the_exchange_trades(moment, state):
    holidays = [
        {"date": "2026-11-26", "kind": "half", "closes": "12:00", "title": "Thanksgiving"},
        {"date": "2026-12-25", "kind": "closed", "title": "Christmas"},
    ]
    catalog = firm(exchange=holidays)
    catalog.rollout.desk_zone = "Europe/London"
    assert change_window.session(change_windows.facts(catalog), utc(moment).timestamp()) == state
