"""When a build was made."""

from datetime import UTC, datetime

import pytest

from runbook import build_info


def test_the_time_of_a_build_can_be_set(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert build_info.made() == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("epoch", ["abc", "1.5", "9" * 20], ids=["a word", "a fraction", "too late"])
def test_a_time_that_is_none_is_one_clear_line(monkeypatch, epoch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(SystemExit, match=f"SOURCE_DATE_EPOCH is '{epoch}'; set it to seconds since 1970"):
        build_info.made()
