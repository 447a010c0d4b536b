"""Tags: one short word, put on and taken off once."""

import pytest

from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.customers import tags
from tests.conftest import Desk


def test_a_tag_is_put_on_and_taken_off_once(desk: Desk):
    desk.customer("C1")
    assert tags.tag(desk.session, "c1", "#VIP")
    assert not tags.tag(desk.session, "C1", "vip")
    assert tags.tags_of(desk.session, "C1") == ["vip"]
    assert tags.every_tag(desk.session) == [("vip", 1)]
    assert tags.tag(desk.session, "C1", "vip", on=False)
    assert tags.tags_of(desk.session, "C1") == []
    assert desk.column("select action from audit_event where action in ('tag.add', 'tag.drop') order by seq") == [
        "tag.add",
        "tag.drop",
    ]


@pytest.mark.parametrize("typed", ["", "two words", "a;b", "\x1b[31m", "x" * 40])
def test_a_tag_is_one_short_word(desk: Desk, typed: str):
    desk.customer("C1")
    with pytest.raises(InvalidInput):
        tags.tag(desk.session, "C1", typed)


@pytest.mark.parametrize(
    ("name", "good"), [("vip", True), ("on-hold_2.x", True), ("v!p", False), ("two words", False), ("#", False)]
)
def test_a_tag_is_one_word(name: str, good: bool):
    if good:
        assert tags.check_tag(name) == name
    else:
        with pytest.raises(InvalidInput, match="one word"):
            tags.check_tag(name)
