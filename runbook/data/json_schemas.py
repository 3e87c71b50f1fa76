"""JSON Schemas from the models, so that an editor completes and checks data/ while one types.

`python -m runbook.data.json_schemas` writes them into data/schemas/; a test fails when they are stale.
"""

import json
from pathlib import Path

from pydantic import TypeAdapter

from runbook.data import models as model


def schemas() -> dict[str, str]:
    """File name -> content, for each file of data/ and for the private overlay."""
    kinds = {**model.FILES, "private-contacts": model.PRIVATE}
    return {
        f"{name}.schema.json": json.dumps(_schema(name, kind), indent=2, ensure_ascii=False) + "\n"
        for name, kind in sorted(kinds.items())
    }


def _schema(name: str, kind: type) -> dict:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"data/{name}.yml",
        **TypeAdapter(kind).json_schema(by_alias=True),
    }


def write(folder: Path) -> None:
    """Writes every schema into a folder, which must exist."""
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).resolve().parents[2] / "data" / "schemas")
