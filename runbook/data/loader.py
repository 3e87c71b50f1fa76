"""Reads data/, checks it, and hands out typed records. Nothing else opens a file there."""

import os
import re
from pathlib import Path
from typing import Any

from runbook.data import evidence_files, yaml_source
from runbook.data.catalog import Catalog, nearest
from runbook.data.checks import check_all
from runbook.data.models.base import ID_PATTERN
from runbook.data.models.contacts import Contacts
from runbook.data.models.deployment_records import DeploymentRecord
from runbook.data.models.files import FILES, FOLDERS, PRIVATE
from runbook.data.typed_file import typed
from runbook.data.yaml_source import YamlFile
from runbook.diagnostics import Fault, FaultsError

PRIVATE_FILE = "private/contacts.yml"


def load(root: Path, audience: str | None = None) -> Catalog:
    """Reads and checks everything under root/data.

    root: the repository. audience: "public" or "internal"; by default the variable RUNBOOK_AUDIENCE, else public.
    Raises FaultsError with every fault in every file.
    """
    audience = audience or os.environ.get("RUNBOOK_AUDIENCE", "public")
    if audience not in ("public", "internal"):
        text = f'RUNBOOK_AUDIENCE is "{audience}"; it is public or internal'
        raise FaultsError([Fault("Makefile", 1, text)])
    files: dict[str, YamlFile] = {}
    faults: list[Fault] = []
    content = {name: _content(root, name, kind, files, faults) for name, kind in FILES.items()}
    for folder, (kind, _) in FOLDERS.items():
        content[folder] = _folder(root, folder, kind, files, faults)
    content["procedures"] = _in_order(content["procedures"], content.pop("procedure_order"), files, faults)
    if audience == "internal" and content["contacts"] is not None:
        content["contacts"] = _with_private(content["contacts"], root, faults)
    content["proven"], unreadable = evidence_files.read(root)
    content["records"] = _records(root, files, faults)
    faults += unreadable
    # Relations between records are meaningful only when every record could be read.
    if faults:
        raise FaultsError(faults)
    catalog = Catalog(root, audience, files, **content)
    if faults := check_all(catalog):
        raise FaultsError(faults)
    return catalog


def _content(root: Path, name: str, kind: Any, files: dict[str, YamlFile], faults: list[Fault]) -> Any:
    """One file as its type; None when something is wrong with it, which is in `faults` then."""
    file = files[name] = yaml_source.read(root / "data" / f"{name}.yml", root)
    faults += file.faults
    return typed(kind, file, faults) if file.data is not None else None


def _folder(root: Path, folder: str, kind: Any, files: dict[str, YamlFile], faults: list[Fault]) -> dict[str, Any]:
    """Every file of a folder as its type, by the id that the file is named after."""
    paths = sorted((root / "data" / folder).glob("*.yml"))
    for path in paths:
        if not re.fullmatch(ID_PATTERN, path.stem):
            text = f'"{path.stem}" is not an id; name the file with small letters, digits, - and _'
            faults.append(Fault(path.relative_to(root).as_posix(), 1, text))
    return {path.stem: _content(root, f"{folder}/{path.stem}", kind, files, faults) for path in paths}


def _in_order(
    procedures: dict[str, Any], order: list[str] | None, files: dict[str, YamlFile], faults: list[Fault]
) -> dict[str, Any]:
    """The procedures as data/procedure_order.yml has them; it names each once, and nothing else."""
    if order is None:
        return procedures
    place = files["procedure_order"]
    for i, name in enumerate(order):
        if name not in procedures:
            text = f"no file data/procedures/{name}.yml{nearest(name, procedures)}"
            faults.append(Fault(place.name, place.line((i,)), text))
        elif name in order[:i]:
            faults.append(Fault(place.name, place.line((i,)), f'"{name}" stands twice; remove one of them'))
    for name in sorted(procedures.keys() - set(order)):
        text = f"is not in the order; add {name} to {place.name}"
        faults.append(Fault(files[f"procedures/{name}"].name, 1, text))
    return {name: procedures[name] for name in order if name in procedures}


def _with_private(contacts: Contacts, root: Path, faults: list[Fault]) -> Contacts:
    """Names and personal numbers, for an internal build. A public build never opens the file."""
    path = root / "data" / PRIVATE_FILE
    if not path.exists():
        return contacts
    file = yaml_source.read(path, root)
    faults += file.faults
    people = typed(PRIVATE, file, faults) if file.data is not None else None
    merged = dict(contacts.contacts)
    for name, person in (people or {}).items():
        if name in merged:
            channels = person.channels + merged[name].channels
            merged[name] = merged[name].model_copy(update={"name": person.name, "channels": channels})
        else:
            text = f"{name}: no such contact in data/contacts.yml{nearest(name, merged)}"
            faults.append(Fault(file.name, file.line((name,)), text))
    return contacts.model_copy(update={"contacts": merged})


def _records(root: Path, files: dict[str, YamlFile], faults: list[Fault]) -> dict[str, DeploymentRecord]:
    """Every deployment record under data/records by the name of its file."""
    found = {}
    for path in sorted((root / "data" / "records").glob("*.json")):
        file = files[f"records/{path.stem}"] = yaml_source.read(path, root)
        faults += file.faults
        if file.faults:
            continue
        if file.data is None:
            faults.append(Fault(file.name, 1, "the file is empty; put the exported run in"))
        elif record := typed(DeploymentRecord, file, faults):
            found[path.stem] = record
    return found
