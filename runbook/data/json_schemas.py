"""JSON Schemas from the models, so that an editor completes, checks and explains data/ while one types.

`python -m runbook schemas` writes them into data/schemas/; a test fails when they are stale.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from runbook.data.models.files import FILES, FOLDERS, PRIVATE


def schemas() -> dict[str, str]:
    """File name -> content, for each file of data/, for those of its folders, and for the private overlay."""
    kinds = {name: (kind, f"{name}.yml") for name, kind in FILES.items()}
    kinds |= {record: (kind, f"{folder}/<id>.yml") for folder, (kind, record) in FOLDERS.items()}
    kinds["private-contacts"] = (PRIVATE, "private-contacts.yml")
    return {
        f"{name}.schema.json": json.dumps(_schema(kind, path), indent=2, ensure_ascii=False) + "\n"
        for name, (kind, path) in sorted(kinds.items())
    }


def _schema(kind: Any, path: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"data/{path}",
        **TypeAdapter(kind).json_schema(by_alias=True),
    }


def write(folder: Path) -> None:
    """Writes every schema into a folder, which must exist."""
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
