"""What must always be true of posted rows and of balances, each with a statement that finds what breaks it."""

from typing import Final

from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Select
from netbill_tui.db.receivables import day_sums

MOST = 50  # so many rows that break a rule are read


class Rule:
    """A rule: its name, where it stands, what breaks it, and how many rows it is about."""

    def __init__(self, name: str, source: str, broken: str, count: str) -> None:
        """Freeze its statements.

        Args:
            name: As it is listed.
            source: The page and heading of the rule.
            broken: Reads, for each row that breaks it, the words that name the row and say what is wrong.
            count: Reads how many rows were looked at.
        """
        self.name: Final = name
        self.source: Final = source
        self._broken: Final = Select(f"{broken} limit {MOST}", _words)
        self._count: Final = Select(count, int)

    def broken(self, db: Database) -> list[str]:
        """What breaks the rule, a sentence for each row."""
        return self._broken.all(db)

    def looked_at(self, db: Database) -> int:
        """How many rows the rule is about."""
        return self._count.one(db)


def _words(*parts: object) -> str:
    return " ".join(str(part) for part in parts)


_SUM_OPEN = "select coalesce(sum(o.open), 0) from open_item o where o.customer_id = c.id"
_SUM_CREDIT = "select coalesce(sum(k.amount), 0) from open_credit k where k.customer_id = c.id"
RULES = (
    Rule(
        "balance = entries = open - credit",
        "docs/rules.md, *2 Account card*",
        "select c.account, 'entries differ from open invoices less credit' from customer c left join "
        "(select customer_id, sum(amount) as total from entry group by customer_id) e on e.customer_id = c.id "
        f"where coalesce(e.total, 0) <> ({_SUM_OPEN}) - ({_SUM_CREDIT})",
        "select count(*) from customer",
    ),
    Rule(
        "invoice total = lines + tax",
        "docs/rules.md, *13 Billing run*",
        "select i.number, 'total differs from its lines and tax' from invoice i left join "
        "(select invoice_id, sum(amount) as net from invoice_line group by invoice_id) l on l.invoice_id = i.id "
        "where coalesce(l.net, 0) + i.tax <> i.total",
        "select count(*) from invoice",
    ),
    Rule(
        "invoice open = total - allocations, kept",
        "docs/rules.md, *3 Payment*",
        "select i.number, 'kept open amount differs from its allocations, or is out of range' from invoice i left join "
        "(select invoice_id, sum(amount) as paid from allocation group by invoice_id) a on a.invoice_id = i.id "
        "left join open_item o on o.invoice_id = i.id where i.total - coalesce(a.paid, 0) <> coalesce(o.open, 0) "
        "or coalesce(a.paid, 0) < 0 or coalesce(a.paid, 0) > i.total "
        "or (o.invoice_id is not null and (o.due_on <> i.due_on or o.customer_id <> i.customer_id or o.total <> i.total "
        "or o.number <> i.number or o.issued_on <> i.issued_on or o.disputed <> coalesce((select case when d.kind = 'raised' "
        "then 1 else 0 end from dispute_event d where d.invoice_id = i.id order by d.id desc limit 1), 0)))",
        "select count(*) from invoice",
    ),
    Rule(
        "payment = allocated + unallocated + reversed",
        "docs/rules.md, *4 Overpayment*",
        "select p.receipt, 'allocations and credit do not add up to the payment' from payment p left join "
        "(select payment_id, sum(amount) as used from allocation group by payment_id) a on a.payment_id = p.id "
        "left join open_credit k on k.payment_id = p.id left join payment_event e on e.payment_id = p.id "
        "and e.kind <> 'cleared' where coalesce(a.used, 0) + coalesce(k.amount, 0) "
        "<> case when e.id is null then p.amount else 0 end",
        "select count(*) from payment",
    ),
    Rule(
        "each document has its entry",
        "docs/rules.md, *2 Account card*",
        "select d.doc, 'has no entry of its amount' from (select number as doc, customer_id, total as amount from invoice "
        "union all select number, customer_id, -total from credit_note "
        "union all select receipt, customer_id, -amount from payment union all select e.document, p.customer_id, p.amount "
        "from payment_event e join payment p on p.id = e.payment_id where e.kind <> 'cleared' union all "
        "select number, customer_id, -amount from write_off union all select document, customer_id, amount from recovery) d "
        "where not exists (select 1 from entry n where n.customer_id = d.customer_id and n.document = d.doc "
        "and n.amount = d.amount)",
        "select count(*) from entry",
    ),
    Rule(
        "kept totals per customer",
        "docs/rules.md, *2 Account card*",
        "select c.account, 'kept totals differ' from customer c left join customer_total t on t.customer_id = c.id "
        "left join (select customer_id, sum(amount) as total from entry group by customer_id) e on e.customer_id = c.id "
        f"where t.customer_id is null or t.balance <> coalesce(e.total, 0) or t.open <> ({_SUM_OPEN}) "
        # While a new day moves them in steps, the overdue sums of some stand at the day before; nobody reads them then.
        f"or t.credit <> ({_SUM_CREDIT}) or t.account <> c.account or (t.overdue <> ({_SUM_OPEN} and o.due_on < "
        f"(select rolled_to from kept_state where id = 1)) or t.disputed <> ({_SUM_OPEN} and o.disputed = 1 and o.due_on < "
        "(select rolled_to from kept_state where id = 1))) and not exists (select 1 from keeping where name = 'rolling') "
        "or coalesce(t.oldest_due, '') <> coalesce("
        "(select min(o.due_on) from open_item o where o.customer_id = c.id), '')",
        "select count(*) from customer",
    ),
    Rule(
        "kept totals per due date",
        "docs/rules.md, *2 Account card*",
        "select coalesce(d.due_on, o.due_on), 'kept total of the due date differs' from due_total d full join "
        "(select due_on, count(*) as n, sum(open) as amount from open_item group by due_on) o on o.due_on = d.due_on "
        "where coalesce(d.invoices, 0) <> coalesce(o.n, 0) or coalesce(d.amount, 0) <> coalesce(o.amount, 0)",
        "select count(*) from due_total",
    ),
    Rule(
        "kept money per day",
        "docs/rules.md, *3 Payment*",
        "select x.measure, x.on_date, x.key, 'kept sum of the day differs' from (select coalesce(d.measure, p.measure) as "
        "measure, coalesce(d.on_date, p.on_date) as on_date, coalesce(d.key, p.key) as key, coalesce(d.number, 0) as number, "
        "coalesce(d.amount, 0) as amount, coalesce(p.number, 0) as posted, coalesce(p.amount, 0) as total "
        "from day_sum d full join "
        f"({day_sums.POSTED}) p on p.measure = d.measure and p.on_date = d.on_date and p.key = d.key) x "
        "where x.number <> x.posted or x.amount <> x.total",
        "select count(*) from day_sum",
    ),
    Rule(
        "kept credit of the book",
        "docs/rules.md, *2 Account card*",
        "select 'kept_state', 'kept credit differs' from kept_state s where s.credit <> "
        "(select coalesce(sum(amount), 0) from open_credit) union all select 'kept_state', 'the row of the kept figures is gone' "
        "where not exists (select 1 from kept_state where id = 1)",
        "select count(*) from open_credit",
    ),
    Rule(
        "credit note = lines + tax = allocated + unallocated",
        "docs/rules.md, *18 Credit notes*",
        "select n.number, 'its lines, its allocations or its credit do not add up' from credit_note n left join "
        "(select credit_id, sum(amount + tax) as total, sum(tax) as tax from credit_line group by credit_id) l "
        "on l.credit_id = n.id left join (select payment_id, sum(amount) as used from allocation group by payment_id) a "
        "on a.payment_id = n.id left join open_credit k on k.payment_id = n.id where coalesce(l.total, 0) <> n.total "
        "or coalesce(l.tax, 0) <> n.tax or coalesce(a.used, 0) + coalesce(k.amount, 0) <> n.total",
        "select count(*) from credit_note",
    ),
    Rule(
        "credited at most what was invoiced",
        "docs/rules.md, *18 Credit notes*",
        "select i.number, 'more was given back than was invoiced' from (select line_id, sum(amount) as net, sum(tax) as tax "
        "from credit_line where line_id is not null group by line_id) c join invoice_line l on l.id = c.line_id "
        "join invoice i on i.id = l.invoice_id where abs(c.net) > abs(l.amount) or c.net * l.amount < 0",
        "select count(*) from credit_line",
    ),
    Rule(
        "invoice tax = taxes by rate = taxes by line",
        "docs/rules.md, *Taxes and discounts*",
        "select d.number, 'its taxes by rate or by line do not add up to its tax' from (select id, number, tax, 1 as sign "
        "from invoice union all select id, number, tax, -1 from credit_note where invoice_id is null) d join "
        "(select x.invoice_id, sum(x.tax) as tax from billed x left join invoice i on i.id = x.invoice_id "
        "left join credit_note n on n.id = x.invoice_id where x.kind not in ('undo', 'uncredit', 'refee') and "
        "(x.kind <> 'unfee' or x.audit_seq = "
        "coalesce(i.audit_seq, n.audit_seq)) group by x.invoice_id) b "
        "on b.invoice_id = d.id left join (select invoice_id, sum(tax) as tax from invoice_tax group by invoice_id) t "
        "on t.invoice_id = d.id where coalesce(t.tax, 0) <> d.tax or b.tax <> d.sign * d.tax",
        "select count(*) from invoice_tax",
    ),
    Rule(
        "allocations at every past date",
        "docs/rules.md, *3 Payment*",
        "select distinct s.doc, 'was settled twice, or for more than its amount, on some date' from ("
        "select i.number as doc, i.total as most, sum(a.amount) over (partition by a.invoice_id order by a.on_date) as used "
        "from allocation a join invoice i on i.id = a.invoice_id union all select p.receipt, p.amount, sum(a.amount) over "
        "(partition by a.payment_id order by a.on_date) from allocation a join payment p on p.id = a.payment_id union all "
        "select n.number, n.total, sum(a.amount) over "
        "(partition by a.payment_id order by a.on_date) from allocation a join credit_note n on n.id = a.payment_id union all "
        "select w.number, w.amount, sum(a.amount) over (partition by a.payment_id order by a.on_date) from allocation a "
        "join write_off w on w.id = a.payment_id) s "
        "where s.used < 0 or s.used > s.most",
        "select count(*) from allocation",
    ),
    Rule(
        "every posted row has its account",
        "docs/rules.md, *2 Account card*",
        "select d.what, d.id, 'belongs to no customer' from (select 'entry' as what, id, customer_id from entry union all "
        "select 'invoice', id, customer_id from invoice union all select 'payment', id, customer_id from payment union all "
        "select 'note', id, customer_id from note) d where not exists (select 1 from customer c where c.id = d.customer_id)",
        "select count(*) from entry",
    ),
    Rule(
        "kept contacts of the queue",
        "docs/rules.md, *2 Account card*",
        "select t.account, 'kept next action or promise differs from its last call' from customer_total t where "
        "coalesce(t.next_action_on, '') <> coalesce((select n.next_action_on from note n where n.customer_id = t.customer_id "
        "and n.kind = 'call' order by n.id desc limit 1), '') or coalesce(t.promise_on, '') <> coalesce((select n.promise_on "
        "from note n where n.customer_id = t.customer_id and (n.promise_on is not null or n.kind = 'promise') "
        "order by n.id desc limit 1), '') or coalesce(t.last_contact_on, '') || ' ' || t.last_contact <> coalesce((select "
        "n.on_date || ' ' || n.outcome from note n where n.customer_id = t.customer_id and n.kind = 'call' "
        "order by n.id desc limit 1), ' ')",
        "select count(*) from customer_total",
    ),
    Rule(
        "kept rows stand for something",
        "docs/rules.md, *2 Account card*",
        "select x.what, x.id, 'belongs to nothing' from ("
        "select 'customer_total' as what, t.customer_id as id from customer_total t where not exists "
        "(select 1 from customer c where c.id = t.customer_id) union all "
        "select 'service_state', t.service_id from service_state t where not exists "
        "(select 1 from service s where s.id = t.service_id) union all "
        "select 'pending_charge', p.charge_id from pending_charge p where not exists "
        "(select 1 from charge h where h.id = p.charge_id) union all "
        "select 'kept_state', s.id from kept_state s where s.id <> 1 union all "
        "select 'audit_head', h.id from audit_head h where h.id <> 1) x",
        "select count(*) from customer_total",
    ),
    Rule(
        "open credit has the day of its payment",
        "docs/rules.md, *4 Overpayment*",
        "select coalesce(p.receipt, n.number), 'its credit can be used from another day than it came or was given back' "
        "from open_credit k left join payment p on p.id = k.payment_id left join credit_note n on n.id = k.payment_id where "
        "k.received_on <> coalesce(p.received_on, n.issued_on) and not exists (select 1 from allocation a where "
        "a.payment_id = k.payment_id and a.amount < 0 and a.on_date = k.received_on)",
        "select count(*) from open_credit",
    ),
    Rule(
        "prices that were used are marked",
        "docs/rules.md, *17 Prices*",
        "select p.code, p.from_on, 'was used by a line, and could be changed' from price p where p.used = 0 and exists "
        "(select 1 from billed b where b.price_id = p.id)",
        "select count(*) from price",
    ),
    Rule(
        "request ids and number series",
        "docs/security.md, *The audit*",
        "select 'request', r.object_id, 'names no payment of its id' from posting_request r where "
        "r.kind = 'payment' and not exists (select 1 from payment p where p.id = r.object_id and p.uid = r.uid) union all "
        "select 'series', 0, s.name || ' stands before a number in use' from number_series s where "
        "(s.name = 'id' and s.next <= (select coalesce(max(id), 0) from entry)) or (s.name = 'receipt' and s.next <= "
        "(select coalesce(max(cast(substr(receipt, 3) as bigint)), 0) from payment))",
        "select count(*) from posting_request",
    ),
)
