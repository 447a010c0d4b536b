"""The statements of docs/deployment.md, *M2: PostgreSQL*, on a server: the role they make keeps a book, and its settings hold.

Role and database have names of their own here; the line of pg_hba.conf and TLS are the server's.
"""

import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg2
import pytest

from tests.conftest import ROOT, SERVER, Run

if TYPE_CHECKING:
    import psycopg2.extensions

PAGE = (ROOT / "docs" / "deployment.md").read_text()
STATEMENTS = [line.strip() for line in PAGE.splitlines() if line.startswith(("    create ", "    alter role "))]


@pytest.fixture
def role(server: "psycopg2.extensions.connection"):
    """The role and database of the page, under a name that nobody has; its address."""
    name = f"netbill_page_{uuid.uuid4().hex[:8]}"
    with server.cursor() as cursor:
        try:
            for statement in STATEMENTS:
                cursor.execute(statement.replace("netbill", name).replace("…", "gravel"))
            yield f"postgresql://{name}:gravel@{urlsplit(SERVER).netloc.rpartition('@')[2]}/{name}"
        finally:
            cursor.execute(f"drop database if exists {name} with (force)")
            cursor.execute(f"drop role if exists {name}")


def test_the_page_has_the_statements_that_it_had():
    assert [" ".join(s.split()[:2]) for s in STATEMENTS] == ["create role", "create database", *["alter role"] * 3]


def test_the_role_of_the_page_keeps_a_book(role: str, netbill: Run):
    environment = {"NETBILL_BOOK": role}
    netbill(
        "init", "--company", "Acme Net", "--currency", "EUR", "--timezone", "UTC", "--country", "GB", env=environment, check=0
    )
    netbill("customer", "add", "Smith, John", "--account", "C1", env=environment, check=0)
    netbill("pay", "C1", "12.50", "--method", "cash", "--yes", env=environment, check=0)
    assert netbill("customer", "C1", "--json", env=environment, check=0).json["balance"] == "-12.50"
    assert netbill("verify", env=environment).code == 0


def test_a_session_of_the_role_gives_a_lock_up_and_writes_no_values_into_the_log(role: str):
    connection = psycopg2.connect(role)
    with connection.cursor() as cursor:
        for setting, value in (
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
            ("log_parameter_max_length", "0"),
        ):
            cursor.execute(f"show {setting}")
            assert cursor.fetchone() == (value,), setting
    connection.close()
