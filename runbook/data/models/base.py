"""What all records have in common, and the kinds of text that their fields hold."""

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from runbook.data import quantity


class Record(BaseModel):
    """Closed and frozen: an unknown key is a fault, and nobody changes a value after loading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True, use_attribute_docstrings=True
    )


def matches(pattern: str, wanted: str) -> AfterValidator:
    """A validator: the whole text matches a pattern.

    wanted: what the text should have been, for the message, e.g. 'a release; write e.g. "1.5.0"'.
    """

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f'"{text}" is not {wanted}')
        return text

    return AfterValidator(check)


def _one_line(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write a sentence")
    if any(ord(char) < 32 for char in text):
        raise ValueError("has a line break or a control character; write it on one line")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{text}" is not a time zone; write e.g. "Europe/London"') from None
    return text


_TIME = r"([01]\d|2[0-3]):[0-5]\d"
ID_PATTERN = "[a-z][a-z0-9_-]*"
_DAY = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"

Text = Annotated[str, AfterValidator(_one_line)]
Zone = Annotated[str, AfterValidator(_zone)]
Time = Annotated[
    str,
    matches(_TIME, 'a time of day; write e.g. "17:00"'),
    Field(json_schema_extra={"pattern": f"^{_TIME}$"}),
]
Date = Annotated[str, matches(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", 'a date; write e.g. "2026-11-23"')]
Days = Annotated[str, matches(f"{_DAY}(-{_DAY})?", 'a day or a range of days; write e.g. "Mon-Fri"')]
Version = Annotated[str, matches(r"\d+\.\d+\.\d+", 'a release; write e.g. "1.5.0"')]
Id = Annotated[str, matches(ID_PATTERN, "an id; use small letters, digits, - and _")]
Quantity = Annotated[
    quantity.Quantity,
    BeforeValidator(quantity.parse),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": quantity.PATTERN}),
]
