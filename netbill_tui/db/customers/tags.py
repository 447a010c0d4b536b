"""Tags of accounts."""

from typing import NamedTuple

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select, Statement


class TagCount(NamedTuple):
    """A tag and how many accounts have it."""

    tag: str
    accounts: int


_TAGS = Statement("select tag from customer_tag where customer_id = ? order by tag")


_TAG_COUNTS = Select("select tag, count(*) from customer_tag group by tag order by tag", TagCount)


_ADD_TAG = Statement("insert into customer_tag (tag, customer_id) values (?, ?) on conflict (tag, customer_id) do nothing")


_DROP_TAG = Statement("delete from customer_tag where tag = ? and customer_id = ?")


def tags(db: Database, customer_id: int) -> list[str]:
    """The tags of an account."""
    return [str(r[0]) for r in db.rows(_TAGS, (customer_id,))]


def tag_counts(db: Database) -> list[TagCount]:
    """Every tag with the number of its accounts."""
    return _TAG_COUNTS.all(db)


def set_tag(db: Database, customer_id: int, tag: str, on: bool) -> bool:
    """Put a tag on an account or take it off; False when it was so before."""
    return db.changed(_ADD_TAG if on else _DROP_TAG, (tag, customer_id)) == 1
