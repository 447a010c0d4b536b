"""A book that its Unix group can write is refused, unless somebody asked for just that."""

import os
from pathlib import Path

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
