"""Credentials for timers: what their principal may do, and of which book they are."""

from tests.conftest import Run


def test_a_principal_for_timers_bills_and_can_do_nothing_else(shop: Run, tmp_path):
    shop("service", "C1", "--code", "INT-100", "--start", "2026-11-01", check=0)
    file = tmp_path / "night.credential"
    shop("operator", "add", "night", "--write-credential", str(file), "--dry-run", check=0)
    assert not file.exists()
    shop("operator", "add", "night", "--write-credential", str(file), check=0)
    assert file.stat().st_mode & 0o777 == 0o600
    night = {"NETBILL_CREDENTIAL": str(file), "NETBILL_PASSWORD_FILE": ""}
    for words in (
        ("note", "C1", "hello"), ("pay", "C1", "5", "--method", "cash"), ("operator", "add", "x", "--write-credential", f"{file}2"),
        ("operator", "disable", "boss"), ("bill", "--undo", "RUN-0001", "--reason", "wrong", "--yes"), ("customer", "C1", "--private"),
    ):  # fmt: skip
        assert shop(*words, check=None, env=night).code not in (0, 3), words
    made = shop("bill", "--as-of", "2026-11-01", "--json", check=0, env=night).json
    assert made["issued"] == 1
    assert shop("bill", "--runs", "--json", check=0, env=night).json[0]["by"] == "night"
    # As systemd gives it: a folder of its own, the group bits being the mask of its access list.
    given = tmp_path / "given"
    given.mkdir()
    (given / "netbill").write_bytes(file.read_bytes())
    (given / "netbill").chmod(0o440)
    assert shop("bill", "--json", check=0, env={"CREDENTIALS_DIRECTORY": str(given), "NETBILL_PASSWORD_FILE": ""})
    file.chmod(0o440)
    assert "chmod 600" in shop("bill", check=None, env=night).err
    file.chmod(0o600)
    assert "leave --operator out" in shop("bill", "--operator", "boss", check=None, env=night).err
    shop("operator", "disable", "night", check=0)
    assert "was disabled" in shop("bill", check=None, env=night).err
    assert [(o["name"], o["status"]) for o in shop("operator", "--json", check=0).json] == [
        ("boss", "active"),
        ("night", "disabled"),
    ]
    assert shop("verify", check=0)


def test_a_credential_of_another_book_or_of_no_book_is_refused(shop: Run, tmp_path):
    file = tmp_path / "bad"
    for text in ("", "netbill-credential-1\nnight\nAAAA\n", "x\ny\nz\n", "\xff\xfe", "netbill-credential-1\nnight\n" + "A" * 128):
        file.write_text(text, encoding="latin-1")
        file.chmod(0o600)
        told = shop("bill", check=None, env={"NETBILL_CREDENTIAL": str(file)})
        assert "is not a credential" in told.err
        assert told.code != 0
