"""A book that its Unix group can write is refused, unless somebody asked for just that."""

import os
from pathlib import Path

import pytest

from tests.conftest import Run

INIT = ("init", "--company", "Acme Net", "--currency", "EUR", "--timezone", "UTC", "--country", "GB", "--no-input")


def test_shared_book_is_refused_unless_asked_for(netbill: Run, tmp_path: Path) -> None:
    netbill(*INIT, check=0)
    book = tmp_path / "acme.db"
    book.chmod(0o660)
    tmp_path.chmod(0o770)
    refused = netbill("customers")
    assert refused.code == 78
    assert f"chmod 600 {book}" in refused.err
    Path(f"{book}.lock").unlink(missing_ok=True)
    netbill("customers", "--accept-shared-file", check=0)
    netbill("verify", env={"NETBILL_ACCEPT_SHARED_FILE": "on"}, check=0)
    doctor = netbill("doctor", "--accept-shared-file", "--json")
    assert any("shared with its group" in c["text"] for c in doctor.json["checks"])
    for file in (book, Path(f"{book}.lock")):
        assert os.stat(file).st_mode & 0o777 == 0o660
    tmp_path.chmod(0o700)


def test_book_that_everybody_can_read_is_refused_even_then(netbill: Run, tmp_path: Path) -> None:
    netbill(*INIT, check=0)
    (tmp_path / "acme.db").chmod(0o664)
    assert netbill("customers", "--accept-shared-file").code == 78
    (tmp_path / "acme.db").chmod(0o660)
    tmp_path.chmod(0o777)
    assert netbill("customers", "--accept-shared-file").code == 78
    tmp_path.chmod(0o700)


@pytest.mark.parametrize(("file", "folder"), [(0o660, 0o770), (0o600, 0o700)])
def test_a_shared_book_is_backed_up_and_restored(netbill: Run, tmp_path: Path, file: int, folder: int) -> None:
    shares = netbill(*INIT, check=0).json["recovery"]  # type: ignore[index]
    (tmp_path / "shares").write_text("\n".join(shares) + "\n")
    (tmp_path / "shares").chmod(0o600)
    book = tmp_path / "acme.db"
    Path(f"{book}.lock").unlink(missing_ok=True)
    book.chmod(file)
    tmp_path.chmod(folder)
    netbill("new-customer", "Ann", "--account", "C1", "--yes", "--accept-shared-file", check=0)
    netbill("backup", str(tmp_path / "b.age"), "--accept-shared-file", check=0)
    restore = ("restore", str(tmp_path / "b.age"), "--shares-file", str(tmp_path / "shares"), "--accept-shared-file", "--yes")
    netbill(*restore, "--drill", check=0)
    netbill(*restore, env={"NETBILL_BOOK": str(tmp_path / "new.db")}, check=0)
    there = netbill("customer", "C1", "--accept-shared-file", env={"NETBILL_BOOK": str(tmp_path / "new.db")}, check=0)
    assert "Ann" in there.out
    tmp_path.chmod(0o700)
