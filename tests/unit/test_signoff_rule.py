"""The sign-off rule of the build, by the cases that the rule in the browser is tested with too."""

import json
from pathlib import Path

import pytest

from runbook.data import signoff_rule
from runbook.data.models.deployment_records import DeploymentRecord

CASES = Path(__file__).parents[1] / "fixtures" / "record_cases"


def read(name: str):
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def merged(value, patch):
    """A JSON merge patch without its deletions."""
    if not isinstance(value, dict) or not isinstance(patch, dict):
        return patch
    return value | {key: merged(value.get(key), part) for key, part in patch.items()}


@pytest.mark.parametrize("case", read("signoffs.json"), ids=lambda case: case["id"])
def test_the_build_judges_a_sign_off(case):
    record = DeploymentRecord.model_validate(merged(read("base.json"), case["patch"]))
    pause = next(pause for pause in record.sheet.pauses if pause.id == case["pause"])
    verdict = signoff_rule.judge(record, pause, signoff_rule.moment(case["now"]))
    assert case["expect"] == (
        verdict
        and {
            "signoff": verdict.name,
            "counted": verdict.counted,
            "reasons": sorted({it.reason for it in verdict.objections}),
            "holds": verdict.holds,
            "opens": verdict.opens,
        }
    )


@pytest.mark.parametrize("case", read("names.json"), ids=lambda case: case["id"])
def test_the_build_tells_whether_two_names_are_one_persons(case):
    assert signoff_rule.same_person(case["one"], case["other"]) == case["same"]
