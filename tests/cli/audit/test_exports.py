"""What leaves the book in a file, or in more rows than a page: by right, and with an audit event, on every road. And refusals."""

import io
import json

import pytest

from netbill_tui.cli.core.inside import run_in
from netbill_tui.errors import NotPermitted
from netbill_tui.settings import load
from netbill_tui.usecases.core.session import Session
from tests.conftest import Desk, Run
from tests.usecases.access.desks import enrolled

LISTS = (["customers"], ["payments"], ["dues"], ["overdue"], ["service", "C1"], ["code"], ["invoice", "--all"])


def exports(desk: Desk) -> list[dict[str, object]]:
    return [json.loads(str(d)) for d in desk.column("select detail from audit_event where action = 'list.export' order by seq")]


def run(session: Session, words: list[str], form: str = "table") -> str:
    out = io.StringIO()
    run_in(session, load({}), words, out, form=form)
    return out.getvalue()


def filled(desk: Desk, customers: int = 3) -> Desk:
    for n in range(customers):
        desk.customer(f"C{n}", f"Name {n}")
    desk.invoice("C1", 3000, due=-10)
    desk.pay("C1", 1000)
    return desk


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_a_list_as_csv_takes_the_right_and_leaves_its_event(sqlite_desk: Desk, words: list[str]):
    d = filled(sqlite_desk)
    form = [] if "--all" in words else ["--csv"]
    for role in ("clerk", "cashier"):
        with pytest.raises(NotPermitted, match="may not export"):
            run(enrolled(d, role, role), [*words, *form])
    assert exports(d) == []
    for number, role in enumerate(("supervisor", "auditor", "administrator"), 1):
        text = run(enrolled(d, f"a{role}", role), [*words, *form])
        found = exports(d)
        assert len(found) == number
        rows = text.count("\n") - 1 if form else found[-1]["rows"]
        assert found[-1] == {
            "command": " ".join([*words, *form]), "form": "csv" if form else "table", "rows": rows, "user": found[-1]["user"],
        }  # fmt: skip
        assert found[-1]["user"]


def test_more_rows_than_a_page_or_two_are_an_export_in_any_form(sqlite_desk: Desk):
    d = filled(sqlite_desk, 201)
    clerk = enrolled(d, "kim", "clerk")
    assert run(clerk, ["customers", "--limit", "200"])
    assert run(clerk, ["customers", "--limit", "200", "--json"])
    for words in (["customers", "--limit", "201"], ["customers", "--limit", "201", "--json"]):
        with pytest.raises(NotPermitted, match="may not export"):
            run(clerk, words)
    run(d.session, ["customers", "--limit", "201", "--json"])
    assert [(e["rows"], e["form"]) for e in exports(d)] == [(201, "json")]


def test_single_records_and_pages_need_no_password_and_a_file_does(netbill: Run):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", check=0)
    netbill("new-customer", "Smith", "--account", "C1", check=0)
    none = {"NETBILL_PASSWORD_FILE": ""}
    for words in (
        ("customers",),
        ("customers", "--json"),
        ("find", "smith", "--json"),
        ("customer", "C1", "--json"),
        ("customer", "C1", "--csv"),
    ):
        assert netbill(*words, env=none).code == 0, words
    asked = netbill("customers", "--csv", env=none)
    assert asked.code == 78
    assert "password" in asked.err
    assert asked.out == ""
    assert netbill("customers", "--csv", check=0).out.count("\n") == 2
    found = netbill("audit", "--action", "list.export", "--json", check=0).json
    assert [e["object"] for e in found] == ["customers"]


def test_an_unattended_export_has_its_principal(netbill: Run, tmp_path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", check=0)
    netbill("new-customer", "Smith", "--account", "C1", check=0)
    key = tmp_path / "files.key"
    netbill("operator", "add", "files", "--role", "exporter", "--write-credential", str(key), check=0)
    alone = {"NETBILL_PASSWORD_FILE": "", "NETBILL_OPERATOR": ""}
    assert netbill("customers", "--csv", "--credential", str(key), env=alone, check=0).out.count("\n") == 2
    for words in (("pay", "C1", "5", "--method", "cash", "--yes"), ("bill",), ("backup", str(tmp_path))):
        done = netbill(*words, "--credential", str(key), env=alone)
        assert done.code != 0, words
    assert [e["actor"] for e in netbill("audit", "--action", "list.export", "--json", check=0).json] == ["files"]


def test_whoever_tries_what_they_may_not_leaves_an_event(netbill: Run, tmp_path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", check=0)
    netbill("new-customer", "Smith", "--account", "C1", check=0)
    key = tmp_path / "night.key"
    netbill("operator", "add", "night", "--role", "automation", "--write-credential", str(key), check=0)
    alone = {"NETBILL_PASSWORD_FILE": "", "NETBILL_OPERATOR": ""}
    for words in (
        ("pay", "C1", "5", "--method", "cash", "--yes"),
        ("note", "C1", "hello"),
        ("code", "A", "--name", "A"),
        ("operator", "disable", "boss"),
    ):
        netbill(*words, "--credential", str(key), env=alone)
    found = netbill("audit", "--action", "access.refused", "--json", check=0).json
    assert {e["actor"] for e in found} == {"night"}
    assert [e["object"] for e in found] == ["night"] * 4, [e["detail"] for e in found]


def test_what_was_typed_stands_in_the_event_without_what_identifies_anybody(sqlite_desk: Desk):
    d = filled(sqlite_desk)
    run(d.session, ["customers", "--filter", "smith@example.org", "--csv"])
    (told,) = (str(e["command"]) for e in exports(d))
    assert told == "customers --filter .. --csv"
