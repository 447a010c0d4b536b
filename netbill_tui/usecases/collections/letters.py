"""Letters as a numbered batch: drawn into one file in postal order, said to be printed by a person, drawn again as a copy.

The batch is claimed before anything is opened or drawn; what a program that was killed left of it can be drawn again.
Source: docs/collections.md, *Letters*.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from netbill_tui.db.collections import messages as message_rows
from netbill_tui.db.collections.messages import MessageRow
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.receivables import wordings
from netbill_tui.documents.letter import Letter, letters_pdf, letters_text
from netbill_tui.errors import NotFound, NotPermitted, Refused
from netbill_tui.security import rights
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.keys import CONTACT
from netbill_tui.text import visible
from netbill_tui.usecases.audit import exports
from netbill_tui.usecases.collections import outbox
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.receivables import documents
from netbill_tui.usecases.receivables.paper import can_pdf

Progress = Callable[[int, int], None]
BATCH = 500


class Batch(NamedTuple):
    """Letters that were drawn: the number of their batch, the file, how many; how many were not needed any more."""

    number: str
    path: Path | None
    letters: int
    cancelled: int = 0
    missing: str = ""


def draw(session: Session, *, pdf: bool = True, on_progress: Progress | None = None) -> Batch:
    """Draw every letter that waits into one file.

    Raises:
        NotPermitted: No right, or no key of addresses.
        Refused: No letter waits.

    Side effects: one audit event for each hundred letters, committed before an address is opened; a file in the folder of
    exports.
    """
    session.may_post()
    session.needs(rights.MESSAGE)
    _needs_addresses(session)
    number, claimed, cancelled = "", list[MessageRow](), 0
    behind = 0
    while part := message_rows.to_send(session.db, "letter", session.now_us(), behind, BATCH):
        number, mine, dropped = _claim(session, number, outbox.ask_again(session, part))
        claimed, cancelled, behind = claimed + mine, cancelled + dropped, part[-1].id
    if not claimed:
        raise Refused("No letter waits." if not cancelled else "Nobody needs a letter any more; what waited is cancelled.")
    path, missing = _write(session, number, claimed, pdf=pdf, copy=False, on_progress=on_progress)
    return Batch(number, path, len(claimed), cancelled, missing)


def _needs_addresses(session: Session) -> None:
    _, vault = session.sign_in_if_needed()
    if not vault.holds(CONTACT):
        raise NotPermitted("You hold no key for contact data; ask somebody who does.")


def _claim(session: Session, number: str, asked: Sequence[outbox.Asked]) -> tuple[str, list[MessageRow], int]:
    """Claim some letters for a batch; its number, those that are claimed, how many are not needed any more."""
    today, claimed, cancelled = session.today().isoformat(), list[MessageRow](), 0
    with writing(session, rights.MESSAGE) as tx:
        number = number or f"L-{tx.seq}"
        for row, reason in asked:
            state, detail = ("cancelled", reason) if reason else ("claimed", number)
            if message_rows.moved(tx, row.id, "queued", state, today, detail, tx.actor, tries=row.tries + 1):
                cancelled += bool(reason)
                claimed += [] if reason else [row._replace(state="claimed")]
        if claimed or cancelled:
            tx.note("message.letters", number, {"letters": len(claimed), "cancelled": cancelled})
    return number, claimed, cancelled


def of_batch(session: Session, number: str) -> list[MessageRow]:
    """The letters of a batch.

    Raises:
        NotFound: There is none of this number.
    """
    typed = number.strip().upper()
    rows = message_rows.of_batch(session.db, typed)
    if not rows:
        raise NotFound(
            f"There is no batch of letters {visible(typed)[:20]!r}; netbill outbox --state claimed lists what was drawn."
        )
    return rows


def draw_again(session: Session, number: str, *, pdf: bool = True, on_progress: Progress | None = None) -> Batch:
    """Draw a batch once more; each letter says that it is a copy.

    Raises:
        NotFound: There is none of this number.

    Side effects: one audit event before an address is opened; a file in the folder of exports.
    """
    session.needs(rights.MESSAGE)
    _needs_addresses(session)
    rows = of_batch(session, number)
    with writing(session, rights.MESSAGE, posts=False) as tx:
        tx.note("message.letters-again", number.strip().upper(), {"letters": len(rows)})
    path, missing = _write(session, number.strip().upper(), rows, pdf=pdf, copy=True, on_progress=on_progress)
    return Batch(number.strip().upper(), path, len(rows), 0, missing)


def printed(session: Session, number: str) -> int:
    """Say that a batch was printed and goes to the post: its letters count as notices some days later; how many.

    Raises:
        NotFound: There is none of this number.
        Refused: It was said already.

    Side effect: one audit event.
    """
    rows = of_batch(session, number)
    with writing(session, rights.MESSAGE) as tx:
        went = sum(outbox.went(tx, row, session.today(), number.strip().upper()) for row in rows if row.state == "claimed")
        if not went:
            raise Refused(f"The letters of {number.strip().upper()} went already.")
        tx.note("message.printed", number.strip().upper(), {"letters": went})
    return went


def _write(
    session: Session, number: str, rows: Sequence[MessageRow], *, pdf: bool, copy: bool, on_progress: Progress | None
) -> tuple[Path, str]:
    letters = _letters(session, rows, copy, on_progress)
    if pdf and can_pdf():
        page = letters_pdf(letters, f"Letters {number}")
        return exports.write_numbered(session, f"letters-{number}.pdf", page.content), page.missing
    return exports.write_numbered(session, f"letters-{number}.txt", letters_text(letters)), ""


def _letters(session: Session, rows: Sequence[MessageRow], copy: bool, on_progress: Progress | None) -> list[Letter]:
    """The letters in postal order: by postcode, town and street."""
    _, vault = session.sign_in_if_needed()
    ids = [row.customer_id for row in rows]
    streets = customer_rows.sealed_of(session.db, ids)
    logo = b""
    letters: list[tuple[tuple[str, str, str, str], Letter]] = []
    for at, row in enumerate(rows, 1):
        customer = customer_rows.by_id(session.db, row.customer_id)
        assert customer is not None, "a customer is never deleted"
        styled = documents.style_of(session, row.customer_id)
        if not logo and styled.billing.logo:
            logo = wordings.picture(session.db, styled.billing.logo)
        street = ""
        cell = streets.get(row.customer_id, {}).get("street")
        if cell is not None:
            try:
                street = vault.open("customer", "street", customer.uid, cell).unwrap()
            except Unreadable:
                street = ""
        place = " ".join(p for p in (customer.postcode, customer.town) if p)
        addressed = tuple(p for p in (customer.name or customer.account, street, place) if p)
        order = (customer.postcode, customer.town, street, customer.account)
        letters.append((order, Letter(
            row.account, addressed, styled.seller, date.fromisoformat(row.on).isoformat(), row.subject, row.body, row.language,
            styled.style.paper, styled.style.large, logo, copy,
        )))  # fmt: skip
        if on_progress:
            on_progress(at, len(rows))
    return [letter for _, letter in sorted(letters, key=lambda pair: pair[0])]
