"""Letters: one file in postal order, claimed before it is drawn, printed when a person says so, copies after that."""

from pathlib import Path

import pytest

from netbill_tui.errors import NotFound, NotPermitted, Refused
from netbill_tui.usecases.collections import letters, outbox
from tests.conftest import Desk, sound
from tests.usecases.access.desks import enrolled
from tests.usecases.collections.ladders import go_to, night_on, with_ladder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def waiting(desk: Desk) -> Desk:
    for account, postcode, street in (("C1", "ZZ9", "1 Last Street"), ("C2", "AA1", "2 First Street"), ("C3", "MM5", "")):
        desk.customer(account, f"Customer {account}", postcode=postcode, town="Bath", street=street)
        desk.invoice(account, 3000, due=-40)
    with_ladder(desk, steps="r1 +1 letter; final +50 letter after 5")
    night_on(desk, 0, deliver=False)
    return desk


def states(desk: Desk) -> list[object]:
    return desk.column("select state from outbox order by message_id")


def test_letters_are_drawn_in_postal_order_and_count_three_days_after_they_were_printed(desk: Desk):
    waiting(desk)
    batch = letters.draw(desk.session, pdf=False)
    assert (batch.letters, batch.cancelled) == (3, 0)
    assert batch.path is not None
    text = batch.path.read_text()
    assert [text.index(words) for words in ("2 First Street", "Customer C3", "1 Last Street")] == sorted(
        text.index(words) for words in ("2 First Street", "Customer C3", "1 Last Street")
    )
    assert text.count("\f") == 2
    assert states(desk) == ["claimed"] * 3
    go_to(desk, 2, "16:00")
    assert letters.printed(desk.session, batch.number.lower()) == 3
    assert set(desk.column("select notice_on from outbox")) == {"2026-11-27"}
    with pytest.raises(Refused, match="already"):
        letters.printed(desk.session, batch.number)
    again = letters.draw_again(desk.session, batch.number, pdf=False)
    assert again.path is not None
    assert again.path.read_text().count("COPY") == 3
    with pytest.raises(Refused, match="No letter waits"):
        letters.draw(desk.session)
    with pytest.raises(NotFound):
        letters.printed(desk.session, "L-0")
    sound(desk)


def test_who_paid_since_gets_no_letter_and_nobody_without_the_key_draws_one(desk: Desk):
    waiting(desk)
    go_to(desk, 0, "16:00")
    desk.pay("C2", 3000)
    with pytest.raises(NotPermitted):
        letters.draw(enrolled(desk, "ned", "auditor"))
    batch = letters.draw(desk.session, pdf=False)
    assert (batch.letters, batch.cancelled) == (2, 1)
    assert sorted(map(str, states(desk))) == ["cancelled", "claimed", "claimed"]
    assert not [d for d in desk.column("select detail from audit_event") if "Street" in str(d)]
    assert [m.detail for m in outbox.listed(desk.session)] == [batch.number] * 2
    sound(desk)


def test_a_letter_is_a_page_with_its_address(sqlite_desk: Desk):
    pytest.importorskip("reportlab", reason="the extra pdf is not installed")
    waiting(sqlite_desk)
    batch = letters.draw(sqlite_desk.session)
    assert batch.path is not None
    content = batch.path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") == 3 or content.count(b"/Type /Page ") == 3 or b"/Count 3" in content
