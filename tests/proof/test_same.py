"""The comparison of two versions finds nothing between equal ones, and what another one does otherwise."""

import shutil
from pathlib import Path

from tests.proof.same import ROOT, compare


def test_two_equal_versions_are_the_same_and_a_changed_one_is_not(tmp_path: Path):
    done, wrong = compare(ROOT, tmp_path, "sqlite", 7, 20, 10)
    assert wrong == []
    assert done > 15
    shutil.copytree(ROOT / "netbill_tui", tmp_path / "other" / "netbill_tui", ignore=shutil.ignore_patterns("__pycache__"))
    changed = tmp_path / "other/netbill_tui/usecases/customers/notes.py"
    text = changed.read_text()
    assert text.count('"note.add"') == 1
    changed.write_text(text.replace('"note.add"', '"note.made"'))
    _, wrong = compare(tmp_path / "other", tmp_path, "sqlite", 8, 20, 10)
    assert any("rows of audit_event differ" in w for w in wrong)
