"""The commands of collections, in the order in which an owner and a clerk type them."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from netbill_tui.cli.core.inside import run_in
from netbill_tui.errors import NetbillError
from netbill_tui.settings import Settings
from tests.conftest import Desk
from tests.usecases.collections.ladders import FEE, go_to

Typed = Callable[..., Any]


@pytest.fixture
def typed(sqlite_desk: Desk) -> Typed:
    """Type a command; what it says as JSON."""

    def run(*words: str) -> Any:
        out = io.StringIO()
        assert run_in(sqlite_desk.session, Settings(sqlite_desk.target, "boss"), list(words), out, form="json") == 0
        # Remarks stand behind it.
        said = json.JSONDecoder().raw_decode(out.getvalue())[0]
        return said[0] if isinstance(said, list) and len(said) == 1 else said

    return run


@pytest.fixture
def owing(sqlite_desk: Desk, typed: Typed) -> Desk:
    """Two customers who owe for eleven days, with the default ladder and a fee."""
    for n in (1, 2):
        sqlite_desk.customer(f"C{n}", f"Customer {n}")
        sqlite_desk.invoice(f"C{n}", 8320, due=-11)
    typed("code", "LATE", "--name", "Late fee", "--kind", "one-time", "--category", "fee")
    typed("policy", "default", "--yes")
    typed("policy", "set", "fees", *(f"{name}={value}" for name, value in FEE.items()), "--from", "2020-01-01")
    return sqlite_desk


def test_a_ladder_is_set_looked_at_activated_and_the_night_works(owing: Desk, typed: Typed):
    assert {p["kind"] for p in typed("policy")} == {"reminders", "fees"}
    ahead = typed("collect", "--dry-run")
    assert (ahead["count"], ahead["fees"]["number"], ahead["dry_run"]) == (4, 2, True)
    done = typed("collect", "--activate", "4")
    assert [(m["step"], m["channel"], m["number"]) for m in done["messages"]] == [("r2", "letter", 2)]
    waiting = typed("outbox")
    assert [m["account"] for m in waiting] == ["C1", "C2"]
    number = str(waiting[0]["message"])
    assert typed("outbox", number, "--cancel", "--reason", "customer called")["state"] == "withdrawn"
    assert typed("outbox", "--state", "withdrawn")["account"] == "C1"
    typed("outbox", "--stop", "--reason", "wrong text")
    typed("outbox", "--start")
    assert typed("collect")["count"] == 0
    typed("collect", "--off")


def test_fees_promises_holds_and_write_offs_are_typed_and_listed(owing: Desk, typed: Typed):
    typed("collect", "--activate", "4")
    fee = typed("fee", "C1")
    assert fee["amount"] == "5.00"
    assert typed("fee")["charged"] == "10.00"
    typed("waive", "C1", str(fee["fee"]), "--reason", "good customer")
    assert (typed("fee")["waived"], typed("fee")["open"], typed("fee")["written_off"]) == ("5.00", "5.00", "0.00")
    typed("promise", "C1", "50.00", "--by", "+3", "--channel", "desk")
    assert (typed("promise", "C1")["state"], typed("promise", "C1")["amount"]) == ("open", "50.00")
    typed("promise", "C1", "--cancel", "--reason", "customer called")
    typed("arrange", "C1", "40.00 +7, 43.20 +14")
    assert [p["state"] for p in typed("promise", "C1")] == ["open", "cancelled"]
    typed("hold", "C2", "--until", "+5", "--reason", "in hospital")
    assert typed("hold")["account"] == "C2"
    typed("hold", "C2", "--release", "--reason", "is back")
    number = owing.column("select number from invoice order by id")[1]
    typed("write-off", "C2", number, "10.00", "--reason", "small rest", "--anyway")
    assert typed("write-off", "C2")["amount"] == "10.00"
    typed("hand-over", "C2", "--reason", "to the agency")
    assert typed("hand-over")["account"] == "C2"
    typed("hand-over", "C2", "--take-back", "--reason", "paid there")
    typed("delivery", "C1", "none")
    assert typed("delivery", "C1")["delivery"] == "none"
    go_to(owing, 1)
    assert typed("collect")["promises"] == {}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("collect --activate 3", "would do 4, not 3"), ("collect --off --activate 3", "--help"),
        ("outbox --stop --start", "--help"), ("outbox abc", "number of a message; netbill outbox"), ("outbox 7", "no message 7"),
        ("outbox --cancel", "Name the message"), ("outbox --state gone", "no state"), ("outbox --printed L-1", "L-1"),
        ("policy set reminders minimum=3 --customer C1 --kind business", "--help"), ("policy set reminders steps=", "at least one"),
        ("policy set reminders minimum", "NAME=VALUE"), ("policy set reminders steps=r1,+1,sms", "not a word of a step"),
        ("promise C1 10.00", "needs its day"), ("promise C1 --by +2 --channel pigeon", "channel"),
        ("promise C1 0 --by +2", "zero|nothing|least"), ("promise C1 --by +2 --cancel", "--help"),
        ("arrange C1 1.00", "not an instalment"), ("waive C1 abc --reason why", "number of a late fee; netbill fee C1"),
        ("waive C1 99 --reason why", "netbill fee C1 lists them"), ("hold C1 --until +3 --release", "--help"),
        ("hold C1 --until +3", "reason|why"), ("write-off C1 NOPE --reason why", "no open invoice"),
        ("hand-over C1", "Type why"), ("delivery C1 pigeon", "pigeon"), ("fee --from 2026-02-01 --to 2026-01-01", "swap"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_a_sentence(owing: Desk, typed: Typed, words: str, says: str):
    before = owing.column("select count(*) from audit_event")
    with pytest.raises(NetbillError, match=says):
        typed(*(word.replace(",", " ") if "steps=" in word else word for word in words.split(" ")))
    assert owing.column("select count(*) from audit_event") == before
