"""A quantity is a number, a space and a unit from a closed list."""

from decimal import Decimal

import pytest

from runbook.data.quantity import clock, parse


@pytest.mark.parametrize(
    "text, shown",
    [
        ("240 s", "4 minutes"),
        ("60 s", "1 minute"),
        ("90 s", "90 seconds"),
        ("30 s", "30 seconds"),
        ("60 min", "60 minutes"),
        ("500 MB", "500 MB"),
    ],
)
def test_a_page_shows_durations_in_one_form(text, shown):
    assert parse(text).spoken == shown


@pytest.mark.parametrize(
    "text, shown",
    [
        ("24 h", "24 hours"),
        ("1 h", "1 hour"),
        ("5 min", "5 minutes"),
        ("30 s", "30 seconds"),
        ("200 ms", "200 ms"),
        ("1 d", "1 day"),
        ("0.1 %", "0.1 %"),
        ("500 MB", "500 MB"),
        ("1 account", "1 account"),
        ("1 accounts", "1 account"),
        ("2 people", "2 people"),
        ("0 contracts", "0 contracts"),
        ("2 times", "2 times"),
    ],
)
def test_a_quantity_is_written_for_people(text, shown):
    assert str(parse(text)) == shown


@pytest.mark.parametrize(
    "text, unit, number",
    [
        ("5 min", "s", "300"),
        ("24 h", "d", "1"),
        ("200 ms", "s", "0.2"),
        ("1 GB", "MB", "1000"),
        ("2 times", "times", "2"),
        ("0.1 %", "%", "0.1"),
    ],
)
def test_a_quantity_gives_the_bare_number_in_a_unit(text, unit, number):
    assert parse(text).to(unit) == number


def test_a_number_of_days_may_be_written_in_hours():
    assert parse("36 h").whole("d") == 1


def test_a_quantity_refuses_a_unit_of_another_kind():
    with pytest.raises(ValueError, match="24 hours is not a number of account"):
        parse("24 h").to("account")


@pytest.mark.parametrize(
    "value, message",
    [
        ("5 mins", '"5 mins" is not a duration; write e.g. "5 min"'),
        ("90 seconds", '"90 seconds" is not a duration; write e.g. "90 s"'),
        ("300s", '"300s" is not a quantity; write one space between number and unit: "300 s"'),
        ("5  min", '"5  min" is not a quantity; write one space between number and unit: "5 min"'),
        ("PT5M", '"PT5M" is not a quantity; write a number, a space and a unit, e.g. "5 min"'),
        ("-5 min", '"-5 min" is not a quantity; write a number, a space and a unit, e.g. "5 min"'),
        (5, '5 has no unit; write e.g. "5 min"'),
        ("5", '"5" has no unit; write e.g. "5 min"'),
        (True, '"True" is not a quantity; write a number, a space and a unit, e.g. "5 min"'),
    ],
)
def test_a_quantity_that_is_none_says_what_to_write(value, message):
    with pytest.raises(ValueError) as error:
        parse(value)
    assert str(error.value) == message


def test_a_unit_that_is_none_lists_the_units():
    with pytest.raises(
        ValueError, match=r'"5 parsecs" is not a quantity: "parsecs" is no unit; use one of ms, s, min, h, d, %, MB'
    ):
        parse("5 parsecs")


@pytest.mark.parametrize("seconds, shown", [(0, "0:00"), (90, "1:30"), (480, "8:00"), (3600, "60:00")])
def test_the_clock_shows_minutes_and_seconds(seconds, shown):
    assert clock(Decimal(seconds)) == shown
