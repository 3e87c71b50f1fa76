"""Negative controls: bad releases and sabotaged procedures that a drill must fail, each by the check that it names."""

import re
from pathlib import Path

import pytest
import yaml

from . import drill

CONTROLS = sorted(path.stem for path in (Path(__file__).parent / "controls").glob("*.yml"))


@pytest.mark.drills
@pytest.mark.usefixtures("drills_possible")
@pytest.mark.parametrize("name", CONTROLS)
def test_is_caught(name, drilled_book, drilled_site):
    control = drill.spec(name, Path(__file__).parent / "controls")
    with pytest.raises(drill.DrillFailed) as caught:
        drill.run(drilled_book, drilled_site, control["drill"], drill.spec(control["drill"]) | control["change"], control_seconds=0.5)
    assert re.search(control["caught_by"], str(caught.value)), caught.value


def test_each_control_says_what_it_is_for():
    assert len(CONTROLS) >= 8
    for name in CONTROLS:
        text = (Path(__file__).parent / "controls" / f"{name}.yml").read_text(encoding="utf-8")
        control = yaml.safe_load(text)
        assert text.startswith("# ") and control["drill"] in drill.names() and control["change"] and control["caught_by"], name
