"""What documents say beside their lines and taxes, stored with them; and the account before them, from which it is made."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from netbill_tui.billing.receivables.documents import Seller, Served, Since, Wording
from netbill_tui.db.core import chain, posted
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement, in_list
from netbill_tui.security.audit import detail_json


class Account(NamedTuple):
    """An account before a document: its balance after the invoice before, and what came since."""

    previous: int = 0
    since: tuple[Since, ...] = ()


_PICTURE = Select("select content from picture where id = ?", bytes)
_BODY = Select("select body from document_wording where id = ?", str)


def of(db: Database, document_id: int) -> Wording | None:
    """What was stored with a document; None for those of an older book and of other programs.

    Raises:
        Refused: It cannot be read.
    """
    body = _BODY.first(db, (document_id,))
    if body is None:
        return None
    said = chain.read(body, f"document {document_id}")
    return Wording(
        said["name"],
        said["postcode"],
        said["town"],
        said["language"],
        Seller(*said["seller"]),
        said["instructions"],
        {int(service_id): Served(*served) for service_id, served in said["services"].items()},
        said["logo"],
        said["previous"],
        tuple(Since(*came) for came in said["since"]),
    )


def row(document_id: int, wording: Wording) -> posted.DocumentWording:
    """The row that stores it."""
    return posted.DocumentWording(document_id, detail_json(wording._asdict()))


def picture(db: Database, picture_id: int) -> bytes:
    """A logo; empty where there is none of this number."""
    return _PICTURE.first(db, (picture_id,)) or b""


def accounts_before(db: Database, customer_ids: Sequence[int]) -> Mapping[int, Account]:
    """How the accounts of some customers stand before their next invoice."""
    marks = in_list(len(customer_ids))
    # The entry of an invoice has a higher number than the invoice, so what is behind it but the entry itself came since.
    since = Statement(
        f"with last (customer_id, id) as (select customer_id, max(id) from invoice where customer_id in {marks} "  # noqa: S608
        "group by customer_id) select e.customer_id, e.on_date, e.kind, e.document, coalesce(p.method, ''), "
        "case when e.kind = 'payment' then coalesce(p.reference, '') else e.text end, e.amount from entry e left join last l "
        "on l.customer_id = e.customer_id left join payment p on p.id = e.payment_id "
        f"where e.customer_id in {marks} and e.id > coalesce(l.id, 0) and e.kind <> 'invoice' "
        "order by e.customer_id, e.id"
    )
    balances = Statement(f"select customer_id, balance from customer_total where customer_id in {marks}")  # noqa: S608
    came: dict[int, list[Since]] = {customer_id: [] for customer_id in customer_ids}
    for customer_id, *entry in db.rows(since, (*customer_ids, *customer_ids)) if customer_ids else ():
        came[int(customer_id)].append(Since(*entry))
    stands = {int(i): int(balance) for i, balance in db.rows(balances, customer_ids)} if customer_ids else {}
    return {i: Account(stands[i] - sum(e.amount for e in entries), tuple(entries)) for i, entries in came.items()}
