"""What may stand in a log, by the cases that others wrote."""

import json

from netbill_tui.text import scrub
from tests.conftest import shared


def test_every_case() -> None:
    cases = json.loads(shared("oracles", "log_scrubbing.json").read_text(encoding="utf-8"))
    assert len(cases) >= 7
    wrong = [c["id"] for c in cases if (c["value"] not in scrub(f"seen {c['value']} here")) != c["expected_filtered_by_default"]]
    assert wrong == []
