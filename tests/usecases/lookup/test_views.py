"""Saved views and the choices of an operator."""

import json

import pytest

from netbill_tui.errors import InvalidInput, NotFound, NotPermitted
from netbill_tui.usecases.lookup import views
from tests.conftest import Desk
from tests.usecases.access.desks import enrolled


def test_a_view_is_saved_shared_replaced_and_dropped(desk: Desk):
    views.save_view(desk.session, "overdue", "big", "amount>100  sort:-amount", digit=7)
    views.save_view(desk.session, "overdue", "big", "amount>50", digit=8, shared=True)
    assert views.view(desk.session, "overdue", "big").words == "amount>100 sort:-amount", "one's own comes first"
    views.save_view(desk.session, "overdue", "big", "amount>200", digit=7)
    assert [(v.words, v.owner) for v in views.views(desk.session, "overdue")] == [("amount>200", "boss"), ("amount>50", "")]
    views.drop_view(desk.session, "overdue", "big")
    assert views.view(desk.session, "overdue", "big").owner == ""
    desk.session.operator = desk.session.operator._replace(name="mira")
    assert [v.name for v in views.views(desk.session, "overdue")] == ["big"]
    with pytest.raises(NotFound, match="none yet"):
        views.view(desk.session, "dues", "big")
    with pytest.raises(InvalidInput, match="did you mean"):
        views.save_view(desk.session, "overdue", "bad", "dayz>3")


def test_a_choice_is_remembered_for_its_operator_alone(desk: Desk):
    views.prefer(desk.session, "order.dues", '{"sort": "due"}')
    views.prefer(desk.session, "order.dues", '{"sort": "amount"}')
    assert views.preferences(desk.session) == {"order.dues": '{"sort": "amount"}'}
    desk.session.operator = desk.session.operator._replace(name="mira")
    assert views.preferences(desk.session) == {}


def test_what_a_view_for_all_is_called_when_it_goes_and_who_may_drop_it(desk: Desk):
    views.save_view(desk.session, "customers", "mine", "plan:a", shared=False)
    views.save_view(desk.session, "customers", "ours", "plan:a", shared=True)
    for name in ("mine", "ours"):
        views.drop_view(desk.session, "customers", name)
    told = desk.column("select detail from audit_event where action = 'view.drop' order by seq")
    assert [json.loads(str(t))["shared"] for t in told] == [False, True]
    clerk = enrolled(desk, "kim", "auditor")
    views.save_view(desk.session, "customers", "ours", "plan:a", shared=True)
    with pytest.raises(NotPermitted):
        views.drop_view(clerk, "customers", "ours")
