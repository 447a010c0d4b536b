"""No later change vouches for what another program wrote into a record: an act is refused, bulk work goes on beside it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netbill_tui.errors import BookProblem
from netbill_tui.integrations.profiles import Profile
from netbill_tui.usecases.access import rotation
from netbill_tui.usecases.catalogue import codes, rules, tax_rates
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.customers import changes, tags
from netbill_tui.usecases.imports import files
from netbill_tui.usecases.lookup import views
from netbill_tui.usecases.services import discounts, subscriptions
from netbill_tui.usecases.verify.book import verify
from tests.conftest import Desk, sound
from tests.usecases.billing_run.shop import bill, serve, shop

Act = Callable[[Session], Any]
PRICE: Act = lambda s: codes.add_price(s, "A", {"amount": "33", "from": "2027-01-01"})  # noqa: E731
CODE: Act = lambda s: codes.store_code(s, {"code": "A", "name": "Plan A, fibre"})  # noqa: E731
RATE: Act = lambda s: tax_rates.add_rate(s, "low", {"percent": "5", "name": "VAT 5 %"})  # noqa: E731
RULE: Act = lambda s: rules.set_rule(s, "lead_days", "3")  # noqa: E731
GIVE: Act = lambda s: discounts.discount(s, "C1", {"percent": "1", "from": "2027-01-01"})  # noqa: E731
FREE: Act = lambda s: discounts.exempt(s, "C1", "AB 12", s.today(), None)  # noqa: E731
TERM: Act = lambda s: subscriptions.set_terms(s, "C1", terms_day=9)  # noqa: E731
NAME: Act = lambda s: changes.change(s, "C1", {"town": "Ghent"})  # noqa: E731
TAG: Act = lambda s: tags.tag(s, "C1", "late")  # noqa: E731
VIEW: Act = lambda s: views.save_view(s, "dues", "large", "amount>500")  # noqa: E731


@pytest.fixture
def full(desk: Desk) -> Desk:
    shop(desk)
    serve(desk)
    GIVE(desk.session)
    tags.tag(desk.session, "C1", "vip")
    views.save_view(desk.session, "dues", "big", "amount>5")
    sound(desk)
    return desk


@pytest.mark.parametrize(
    ("table", "column", "value", "acts"),
    [
        ("price", "amount", "1", (PRICE, CODE, RATE, RULE)),
        ("tax_rate", "percent", "'2'", (RATE, PRICE)),
        ("code", "leave_fee", "0", (CODE, RULE)),
        ("book_setting", "value", "'9'", (RULE, CODE)),
        ("discount", "value", "'90'", (GIVE, FREE, TERM)),
        ("customer", "terms_days", "300", (NAME,)),
        ("customer", "name", "'Somebody else'", (NAME,)),
        ("customer_tag", "tag", "'gold'", (TAG,)),
        ("saved_view", "words", "'amount>1'", (VIEW,)),
    ],
)
def test_an_act_on_what_was_changed_beside_the_program_is_refused(
    full: Desk, table: str, column: str, value: str, acts: tuple[Act, ...]
):
    d = full
    if table == "book_setting":
        RULE(d.session)
    if table == "code":
        codes.store_code(d.session, {"code": "B", "minimum_months": "12", "leave_fee": "100"})
    execute = d.session.db.peewee.execute_sql
    where = " where name = 'lead_days'" if table == "book_setting" else " where code = 'B'" if table in ("code", "price") else ""
    (before,) = execute(f"select {column} from {table}{where}").fetchone()
    execute(f"update {table} set {column} = {value}{where}")
    assert [c.name for c in verify(d.session) if c.broken]
    events = d.column("select count(*) from audit_event")
    for act in acts:
        with pytest.raises(BookProblem, match="another program changed it since; nothing was saved"):
            act(d.session)
    assert d.column("select count(*) from audit_event") == events
    assert [c.name for c in verify(d.session) if c.broken], "no act has vouched for it"
    # Who puts back what stood there goes on.
    quoted = f"'{before}'" if isinstance(before, str) else before
    execute(f"update {table} set {column} = {quoted}{where}")
    acts[0](d.session)
    sound(d)


def test_a_customer_who_was_put_into_the_file_is_not_made_one_by_a_change(full: Desk):
    d = full
    d.customer("C2", "Jones")
    execute = d.session.db.peewee.execute_sql
    names = [c.name for c in d.session.db.peewee.get_columns("customer") if c.name not in ("id", "uid", "account")]
    copied = ", ".join(names)
    blob = "x'00112233445566778899aabbccddeeff'" if d.session.db.kind == "sqlite" else "'\\x00112233445566778899aabbccddeeff'"
    execute(
        f"insert into customer (id, uid, account, {copied}) select id + 1000, {blob}, 'C9', {copied} from customer where account = 'C2'"
    )
    with pytest.raises(BookProblem, match="another program put it there"):
        changes.change(d.session, "C9", {"town": "Ghent"})


def test_bulk_work_goes_on_beside_an_altered_record_and_does_not_vouch_for_it(full: Desk, tmp_path: Path):
    """Rotation writes every sealed cell anew, a run parks, a file changes: none stops for one record, none hides it."""
    d = full
    d.customer("C2", "Jones", street="1 First Street")
    d.session.db.peewee.execute_sql("update customer set terms_days = 300 where account = 'C2'")
    d.session.db.peewee.execute_sql(
        "insert into customer_tag (customer_id, tag) select id, 'gold' from customer where account = 'C2'"
    )
    assert rotation.rotate_until_done(d.session, "CONTACT", pause_s=0).done
    bill(d, "2026-09-01")
    (tmp_path / "more.csv").write_text("account,street\nC1,2 New Street\nC2,3 New Street\n")
    profile = Profile("customers", {n: (n,) for n in ("account", "street")})
    result = files.run(d.session, tmp_path / "more.csv", profile)
    assert (result.updated, [(r.line, "another program changed this customer" in r.reason) for r in result.rejected]) == (
        1,
        [(3, True)],
    )
    wrong = {c.name: c.broken for c in verify(d.session) if c.broken}
    assert wrong == {
        "customer as last written": ["customer C2 is not as it was last written"],
        "tags and pinned notes as last written": ["tags and pinned notes of C2 is not as it was last written"],
    }
