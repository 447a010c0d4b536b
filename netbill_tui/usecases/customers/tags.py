"""Tags of accounts: short words by which operators sort them."""

from netbill_tui.db.core import versions
from netbill_tui.db.customers import accounts as customer_rows
from netbill_tui.db.customers import tags
from netbill_tui.db.customers.tags import TagCount as TagCount
from netbill_tui.errors import InvalidInput
from netbill_tui.security import rights
from netbill_tui.text import clean, fold
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer


def check_tag(text: str) -> str:
    """The tag that was typed, folded.

    Raises:
        InvalidInput: It is not one short word.
    """
    tag = fold(clean(text, "The tag", limit=30)).lstrip("#")
    if not tag or not all(c.isalnum() or c in "-_." for c in tag):
        raise InvalidInput("A tag is one word of letters, digits and dashes; type one such as vip or hold.")
    return tag


def tags_of(session: Session, account: str) -> list[str]:
    """The tags of an account."""
    return tags.tags(session.db, find_customer(session, account).id)


def every_tag(session: Session) -> list[TagCount]:
    """Every tag with the number of its accounts."""
    return tags.tag_counts(session.db)


def tag(session: Session, account: str, text: str, *, on: bool = True) -> bool:
    """Put a tag on an account or take it off; False when it was so before, and nothing was written.

    Side effect: one audit event.
    """
    word = check_tag(text)
    customer = find_customer(session, account)
    if (word in tags.tags(session.db, customer.id)) == on:
        return False
    with writing(session, rights.NOTE) as tx:
        customer_rows.lock(session.db, customer.id)
        versions.hold(tx, versions.MARKS, [customer.id])
        tags.set_tag(session.db, customer.id, word, on)
        tx.touch(versions.MARKS, [customer.id])
        tx.note("tag.add" if on else "tag.drop", customer.account, {"tag": word})
    return True
