"""Where an operator's files go: anywhere for one's own Unix user, into one's own folder where a service account is shared."""

import os
from pathlib import Path

import pytest

from netbill_tui.errors import InvalidInput, NotPermitted, Refused
from netbill_tui.usecases.access import rotation
from netbill_tui.usecases.audit import exports
from netbill_tui.usecases.core import host
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.lookup import views
from tests.conftest import Desk, Run
from tests.usecases.access.desks import enrolled


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "netbill" / "exports"


def shared(session: Session) -> Session:
    """The session of somebody who works under a service account."""
    session.settings = session.settings._replace(exports=exports.OWN)
    return session


def test_ones_own_unix_user_writes_wherever_that_user_may(sqlite_desk: Desk, home: Path, tmp_path: Path):
    sqlite_desk.session.settings = sqlite_desk.session.settings._replace(exports=exports.ANYWHERE)
    written = exports.write(sqlite_desk.session, str(tmp_path / "a.pdf"), b"x")
    assert written.read_bytes() == b"x"
    assert written.stat().st_mode & 0o777 == 0o600
    assert exports.folder(sqlite_desk.session) == home
    with pytest.raises(InvalidInput, match="exists already"):
        exports.write(sqlite_desk.session, str(tmp_path / "a.pdf"), b"y")


def test_under_a_service_account_a_clerk_has_one_folder(sqlite_desk: Desk, home: Path, tmp_path: Path):
    mira = shared(enrolled(sqlite_desk, "mira", "clerk"))
    own = home / "mira"
    assert exports.write(mira, "a.pdf", b"x") == own / "a.pdf"
    assert own.stat().st_mode & 0o777 == 0o700
    assert exports.write(mira, str(own / "b.pdf"), b"x") == own / "b.pdf"
    assert exports.write_numbered(mira, "b.pdf", "again") == own / "b-2.pdf"
    for other in (str(tmp_path / ".profile"), "../ruth/a.pdf", f"{own}/../a.pdf", "~/.profile", "sub/a.pdf"):
        with pytest.raises(NotPermitted, match="lies outside your folder"):
            exports.write(mira, other, b"x")
    assert [p.name for p in home.iterdir()] == ["mira"]
    boss = shared(sqlite_desk.session)
    assert exports.write(boss, str(tmp_path / "c.pdf"), b"x") == tmp_path / "c.pdf"
    assert exports.write(boss, "c.pdf", b"x") == home / "boss" / "c.pdf"


def test_a_folder_that_is_a_link_or_open_to_others_is_not_written_to(sqlite_desk: Desk, home: Path, tmp_path: Path):
    mira = shared(enrolled(sqlite_desk, "mira", "clerk"))
    home.mkdir(parents=True, mode=0o700)
    (tmp_path / "elsewhere").mkdir()
    (home / "mira").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="is not a private folder of netbill"):
        exports.write(mira, "a.pdf", b"x")
    (home / "mira").unlink()
    (home / "mira").mkdir()
    (home / "mira").chmod(0o777)
    with pytest.raises(Refused, match="is not a private folder of netbill"):
        exports.write(mira, "a.pdf", b"x")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(("uid", "confined"), [(0, False), (1, True), (998, True), (1000, False), (65534, False)])
def test_system_users_are_service_accounts(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, uid: int, confined: bool):
    monkeypatch.setattr(os, "getuid", lambda: uid)
    assert host.is_service_account() == confined
    assert exports.is_confined(sqlite_desk.session) == confined


def test_a_pepper_is_made_by_who_manages_keys(desk: Desk, tmp_path: Path):
    clerk = enrolled(desk, "mira", "clerk")
    with pytest.raises(NotPermitted, match="manage keys"):
        rotation.new_pepper(clerk, str(tmp_path / "pepper"))
    assert not (tmp_path / "pepper").exists()
    made = rotation.new_pepper(desk.session, str(tmp_path / "pepper"))
    assert desk.column("select detail from audit_event where action = 'keys.pepper'") == [f'{{"id":{made}}}']


def test_who_only_looks_keeps_no_view_for_all(desk: Desk):
    auditor = enrolled(desk, "ann", "auditor")
    views.save_view(auditor, "customers", "mine", "bal>5")
    with pytest.raises(NotPermitted):
        views.save_view(auditor, "customers", "ours", "bal>5", shared=True)
    views.save_view(desk.session, "customers", "ours", "bal>5", shared=True)
    with pytest.raises(NotPermitted):
        views.drop_view(auditor, "customers", "ours")


def test_commands_write_into_the_operators_own_folder(netbill: Run, tmp_path: Path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    netbill("new-customer", "Smith, John", "--account", "C1", "--yes", check=0)
    code = netbill("operator", "add", "mira", "--role", "clerk", "--yes", check=0)
    assert code.code == 0
    shared_home = {"NETBILL_EXPORTS": "own", "XDG_DATA_HOME": str(tmp_path / "data")}
    own = tmp_path / "data" / "netbill" / "exports" / "boss"
    assert f"Wrote {own / 's.pdf'}" in netbill("statement", "C1", "--pdf", "s.pdf", env=shared_home, check=0).out
    assert (own / "s.pdf").read_bytes().startswith(b"%PDF")
    file = tmp_path / "c.csv"
    file.write_text("account,name\nC7,New\n")
    netbill("import", str(file), "--write-profile", "p.toml", env=shared_home, check=0)
    assert (own / "p.toml").exists()
    refused = netbill("config", env={"NETBILL_EXPORTS": "never"}).err
    assert "write one of auto, own, anywhere" in refused
