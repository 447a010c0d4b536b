"""What must always be true of promises, messages, late fees and write-offs; see sums."""

from netbill_tui.db.verify.sums import Rule

_LAST_MARK = (
    "select e.customer_id, {kind} as kind, e.kind as what, e.until_on, e.covers, e.reason from collection_event e where e.id in "
    "(select max(f.id) from collection_event f where f.kind in ({kinds}) group by f.customer_id)"
)
_MARKED = " union all ".join(
    _LAST_MARK.format(kind=f"'{kind}'", kinds=f"'{kind}', '{end}'")
    for kind, end in (
        ("hold", "release"),
        ("handed-over", "taken-back"),
        ("opted-out", "opted-in"),
        ("wrong-mail", "right-mail"),
        ("delivery", "delivery"),
    )
)
_PROMISED = (
    "select c.account, 'kept state of a promise differs from its last event' from promise p join customer c on c.id = "
    "p.customer_id "
    "left join promise_state s on s.promise_id = p.id left join promise_event e on e.promise_id = p.id and e.id = "
    "(select max(f.id) "
    "from promise_event f where f.promise_id = p.id) where s.promise_id is null or s.customer_id <> p.customer_id or "
    "s.kind <> p.kind "
    "or s.by_on <> p.by_on or s.amount <> p.amount or s.state <> coalesce(e.kind, 'open') or s.came <> coalesce(e.came, 0) "
    "or (s.state in ('part', 'broken', 'cancelled') and s.holds_until is not null) or (s.state = 'open' and "
    "s.holds_until is null) "
    "or coalesce(s.holds_until, '9999') < p.on_date"
)
_SENT = (
    "select m.id, 'kept state of the message differs from its last event' from message m left join outbox o on "
    "o.message_id = m.id "
    "left join message_event e on e.message_id = m.id and e.id = (select max(f.id) from message_event f where "
    "f.message_id = m.id) "
    "where o.message_id is null or o.state <> coalesce(e.kind, '') or o.customer_id <> m.customer_id or o.driver <> m.driver or "
    "o.step <> m.step or o.fallback <> m.fallback or o.channel <> m.channel or o.on_date <> m.on_date or (o.state = 'sent' and "
    "(coalesce(o.sent_on, '') <> e.on_date or coalesce(o.notice_on, '') < e.on_date)) or (coalesce(o.sent_on, "
    "o.notice_on) is not null and not exists (select 1 from message_event g where "
    "g.message_id = m.id and g.kind = 'sent'))"
)
_HELD = (
    "select coalesce(c.account, 'collection_mark'), 'kept hold or hand-over differs from its last event' from (select "
    "coalesce(m.customer_id, e.customer_id) as customer_id from collection_mark m full join (select * from "
    f"({_MARKED}) x where x.what = x.kind) e on e.customer_id = m.customer_id and e.kind = m.kind where m.customer_id is null or "
    "e.customer_id is null or coalesce(m.until_on, '') <> coalesce(e.until_on, '') or m.covers <> e.covers or m.reason "
    "<> e.reason) "
    "w left join customer c on c.id = w.customer_id"
)
RULES = (
    Rule(
        "kept promises",
        "docs/rules.md, *11 Promise and arrangement*",
        f"{_PROMISED} union all select 'promise_state', 'belongs to no promise' from promise_state s where not exists "
        "(select 1 from promise p where p.id = s.promise_id)",
        "select count(*) from promise",
    ),
    Rule(
        "kept messages",
        "docs/collections.md, *Messages*",
        f"{_SENT} union all select o.message_id, 'belongs to no message' from outbox o where not exists "
        "(select 1 from message m where m.id = o.message_id)",
        "select count(*) from message",
    ),
    Rule("kept holds", "docs/rules.md, *10 Waiving and holding*", _HELD, "select count(*) from collection_event"),
    Rule(
        "late fees and their charges",
        "docs/rules.md, *9 Late fee*",
        "select f.id, 'the late fee has no charge of its amount, or that stands nowhere' from late_fee f left join charge h "
        "on h.id = f.charge_id where f.amount > 0 and (h.id is null or h.amount <> f.amount or h.customer_id <> f.customer_id or "
        "(not exists (select 1 from pending_charge p where p.charge_id = f.charge_id) and not exists (select 1 from "
        "billed b where "
        "b.service_id = 0 and b.charge_id = f.charge_id) and not exists (select 1 from late_fee_waiver w where w.fee_id "
        "= f.id)) or "
        "(exists (select 1 from pending_charge p where p.charge_id = f.charge_id) and exists (select 1 from "
        "late_fee_waiver w where "
        "w.fee_id = f.id))) or (f.amount = 0 and f.charge_id is not null)",
        "select count(*) from late_fee",
    ),
    Rule(
        "write-off = allocated + recovered",
        "docs/rules.md, *19 Write-off*",
        "select w.number, 'its allocations and recoveries do not add up, or it recovered more than was given up' from "
        "write_off w "
        "left join (select payment_id, sum(amount) as used from allocation group by payment_id) a on a.payment_id = w.id "
        "left join (select write_off_id, sum(amount) as back from recovery group by write_off_id) r on r.write_off_id = w.id "
        "where coalesce(a.used, 0) + coalesce(r.back, 0) <> w.amount or coalesce(r.back, 0) < 0 or coalesce(r.back, 0) > "
        "w.amount "
        "union all select r.document, 'recovered by a payment that was taken back, by nothing, or of another account' from "
        "(select max(document) as document, source_id, customer_id, sum(amount) as back from recovery group by "
        "source_id, customer_id, "
        "write_off_id) r left join payment p on p.id = r.source_id left join credit_note n on n.id = r.source_id left join "
        "payment_event e on e.payment_id = p.id and e.kind <> 'cleared' where r.back < 0 or (r.back > 0 and e.id is not null) or "
        "coalesce(p.customer_id, n.customer_id, 0) <> r.customer_id",
        "select count(*) from write_off",
    ),
)
