"""JSON Schemas from the models, so that an editor completes, checks and explains data/ while one types.

`python -m runbook schemas` writes them into data/schemas/; a test fails when they are stale.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from runbook.data.models.files import FILES, PRIVATE


def schemas() -> dict[str, str]:
    """File name -> content, for each file of data/ and for the private overlay."""
    kinds = {**FILES, "private-contacts": PRIVATE}
    return {
        f"{name}.schema.json": json.dumps(_schema(name, kind), indent=2, ensure_ascii=False) + "\n"
        for name, kind in sorted(kinds.items())
    }


def _schema(name: str, kind: Any) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"data/{name}.yml",
        **TypeAdapter(kind).json_schema(by_alias=True),
    }


def write(folder: Path) -> None:
    """Writes every schema into a folder, which must exist."""
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
