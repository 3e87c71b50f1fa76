"""From plain Python values to records, with faults that a person can act on instead of pydantic's."""

from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from runbook.data.catalog import nearest
from runbook.data.yaml_source import YamlFile
from runbook.diagnostics import Fault

Path = tuple[str | int, ...]
Schema = dict[str, Any]


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """Building a validator costs more than using it; the live preview and the tests load the data many times."""
    return TypeAdapter(kind)


def typed(kind: Any, file: YamlFile, faults: list[Fault]) -> Any:
    """The content of a file as a type. Notes what is wrong in `faults`; returns None then."""
    try:
        return adapter(kind).validate_python(file.data)
    except ValidationError as error:
        faults += [_fault(file, detail, kind) for detail in error.errors()]
        return None


def _fault(file: YamlFile, detail: ErrorDetails, kind: Any) -> Fault:
    # pydantic names the branch of a union and "[key]" in the path; the file has neither.
    path: Path = ()
    for part in detail["loc"]:
        absent = detail["type"] in ("missing", "extra_forbidden") and part == detail["loc"][-1]
        if (*path, part) in file.lines or absent:
            path = (*path, part)
    text = _text(detail, kind, path)
    shown = path[:-1] if len(path) > 1 and path[-1] == "value" else path
    label = ".".join(str(part) for part in shown)
    return Fault(file.name, file.line(path), f"{label}: {text}" if label else text)


def _text(detail: ErrorDetails, kind: Any, path: Path) -> str:
    """What was found and what is wanted."""
    found = detail["input"]
    match detail["type"]:
        case "extra_forbidden":
            return "unknown key" + nearest(path[-1], _siblings(kind, path[:-1]))
        case "missing":
            return "is missing"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "string_type":
            return "is empty; write a text" if found is None else f"{found!r} is not text; put it in quotes"
        case "literal_error":
            return f'"{found}" is not one of {detail["ctx"]["expected"]}'
    return detail["msg"]


def _siblings(kind: Any, path: Path) -> list[str]:
    """The keys that a record may have, from its JSON Schema."""
    schema = adapter(kind).json_schema(by_alias=True)
    here = schema
    for part in path:
        here = _below(_resolve(here, schema), part)
    return list(_resolve(here, schema).get("properties", {}))


def _below(here: Schema, part: str | int) -> Schema:
    """The schema of what stands below a key, or below a place in a list."""
    below = (
        here.get("properties", {}).get(str(part))
        or here.get("additionalProperties")
        or next(iter(here.get("patternProperties", {}).values()), None)
        or here.get("items")
    )
    return below if isinstance(below, dict) else {}


def _resolve(here: Schema, schema: Schema) -> Schema:
    for option in here.get("anyOf", []):
        if "$ref" in option:
            here = option
    return cast(Schema, schema["$defs"][here["$ref"].rsplit("/", 1)[1]]) if "$ref" in here else here
