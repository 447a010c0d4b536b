"""Credentials that were cut or are of something else."""

from pathlib import Path

import pytest

from netbill_tui.errors import KeyProblem
from netbill_tui.usecases.access import operators, sign_in
from tests.conftest import Desk
from tests.usecases.access.desks import at_desk


def test_a_credential_that_was_cut_or_is_of_something_else_opens_nothing(sqlite_desk: Desk, tmp_path: Path):
    file = tmp_path / "night.key"
    operators.add_principal(sqlite_desk.session, "night", file)
    text = file.read_text()
    head, name, raw = text.split()
    for wrong in (f"{head}\n{name}\n{raw[:-8]}\n", f"other\n{name}\n{raw}\n", f"{head}\n{name}\n", ""):
        file.write_text(wrong)
        file.chmod(0o600)
        with pytest.raises(KeyProblem, match="is not a credential"):
            sign_in.sign_in_with_credential(at_desk(sqlite_desk), file)
    file.write_text(text)
    sign_in.sign_in_with_credential(at_desk(sqlite_desk), file)
