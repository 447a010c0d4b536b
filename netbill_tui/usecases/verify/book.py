"""What must always be true, checked on the whole book; each row that breaks a rule is named. Source: docs/rules.md."""

from collections.abc import Callable, Sequence
from functools import partial

from netbill_tui.db.access import operators as operator_rows
from netbill_tui.db.core import files, migrate, scanning, versions
from netbill_tui.db.core.engine import Database
from netbill_tui.db.core.statements import Statement
from netbill_tui.db.customers.accounts import INDEX_NAMES
from netbill_tui.errors import BookProblem, Busy, Damaged, NetbillError
from netbill_tui.security.rights import CONTACT
from netbill_tui.usecases.access import sealed
from netbill_tui.usecases.books import sign_old_book
from netbill_tui.usecases.core import checkpoints
from netbill_tui.usecases.core.checkpoints import Checkpoint
from netbill_tui.usecases.core.checks import MAX_NAMED, blame
from netbill_tui.usecases.core.checks import Check as Check
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.verify import chain, keys
from netbill_tui.usecases.verify import told as told_of
from netbill_tui.usecases.verify.customers import broken_states, entries_ahead, taxed_twice
from netbill_tui.usecases.verify.services import broken_services


def verify(
    session: Session, *, on_progress: Callable[[int, int], None] | None = None, given: Sequence[Checkpoint] = (),
    every_cell: bool = False, quick: bool = False,
) -> list[Check]:  # fmt: skip
    """Run every check in one consistent view of the book. Changes nothing.

    Args:
        session: With keys, a sample of the sealed cells is opened; without, their shape is looked at.
        on_progress: Gets checks done and in all.
        given: Checkpoints from outside the book that its audit must fit.
        every_cell: Open every sealed cell instead of a sample.
        quick: What takes seconds in any book: the file's pages and its schema, who may sign in with which keys, guards,
            approvals, series, kept sums of due dates, and the newest 5,000 events with what they posted.
    """
    session.rolled()
    made: list[Check] = []
    with session.db.unhurried(), session.db.reading() as db:
        more: dict[str, Callable[[], Check | list[Check]]] = {
            "no entry lies ahead of its posting": lambda: entries_ahead(session),
            "services": lambda: _services(session), "customers": lambda: _customers(session),
            "operators": lambda: keys.operators(session),
            "key grants": lambda: keys.grants(session), "guards": lambda: _guards(session),
            "approvals": lambda: keys.approved(db), "number series": lambda: keys.series(db),
            "records": lambda: _records(session), "request ids": lambda: keys.requests(db),
            "more request ids": lambda: told_of.claims(db), "words of search": lambda: told_of.words(db),
            "sittings": lambda: told_of.sittings(session), "keys": lambda: told_of.keys(session),
            "sealed fields": lambda: sealed.sample(db, session.vault, every=every_cell),
            "storage and schema": lambda: keys.storage(db, quick=quick),
            "checkpoints": lambda: _checkpoints(session, given),
        }  # fmt: skip
        sums = _CHECKS
        if quick:
            sums = {"newest audit events": chain.audit_tail} | {k: c for k, c in _CHECKS.items() if k in _QUICK}
            more = {k: one for k, one in more.items() if k in _QUICK}
        total = len(sums) + len(more)
        for done, (title, check) in enumerate(sums.items(), 1):
            made += _done(title, partial(_filled, check, db, Check(title)))
            if on_progress:
                on_progress(done, total)
        for done, (title, one) in enumerate(more.items(), len(sums) + 1):
            made += _done(title, one)
            if on_progress:
                on_progress(done, total)
        storage = next(c for c in made if c.name == _STORAGE)
        if not storage.broken and any(_DAMAGED in told for c in made for told in c.broken):
            for told in db.unreadable():
                blame(storage, told)
    return made


_STORAGE = "storage and schema"
_DAMAGED = f"the file is damaged; what is hit stands under {_STORAGE}"
_QUICK = frozenset((
    "kept credit of the book", "kept totals per due date", "operators", "key grants", "guards", "approvals", "number series",
    "storage and schema", "checkpoints",
))  # fmt: skip
CHECKED = "checked"  # in `keeping`: the business date on which the book was found sound


def start_of_day(session: Session) -> str:
    """What the first quick look of a business date finds wrong, in a sentence; empty where all is well or was looked at.

    Side effect: that it was looked at is kept, so that nobody looks again that day. What is wrong is told to everybody, until it
    is mended.
    """
    if session.readonly or session.operator is None:
        return ""
    seal = _seal(session)
    if seal and operator_rows.kept(session.db, CHECKED) == seal:
        return ""
    try:
        wrong = [c for c in verify(session, quick=True) if c.broken]
    except Damaged as error:
        return f"The book is NOT sound: {error}"
    if wrong:
        return f"The book is NOT sound ({wrong[0].name}: {wrong[0].broken[0]}). Stop posting, and run: netbill verify"
    if seal:
        with session.db.write():
            operator_rows.keep(session.db, CHECKED, seal)
    return ""


def _seal(session: Session) -> str:
    """The business date as only who holds a key can keep it; empty for who holds none, and looks each time."""
    vault, today = session.vault, session.today().isoformat()
    if vault is None or not vault.holds(CONTACT):
        return ""
    return f"{today} {vault.blind_index('email', INDEX_NAMES['email'], f'checked on {today}'):x}"


def scan(target: str) -> Check:
    """The damaged pages of a file that cannot be opened as a book, and what they hit.

    Raises:
        BookProblem: It cannot even be read.
    """
    path = files.real(target)
    try:
        found = scanning.scan(path)
        pages = path.stat().st_size // 4096
    except OSError as error:
        raise BookProblem(f"{path} cannot be read ({error.strerror}); restore the book from a backup.") from None
    told = found or ["the file is whole for SQLite, and holds what no book holds; restore the book from a backup"]
    return Check("pages of the file", pages, told)


def _done(title: str, work: Callable[[], Check | list[Check]]) -> list[Check]:
    """What a check found; where a row cannot even be read, that is what it found."""
    try:
        found = work()
    except Exception as error:
        if isinstance(error, (BookProblem, Busy)) and not isinstance(error, Damaged):
            raise  # The book cannot be read at all, which says nothing of what stands in it.
        # Whatever somebody wrote into the book must not keep the other checks from looking.
        said = (
            _DAMAGED
            if isinstance(error, Damaged)
            else str(error)
            if isinstance(error, NetbillError)
            else f"holds a value that netbill never writes ({type(error).__name__})"
        )
        return [Check(title, 0, [f"cannot be checked: {said}"])]
    return found if isinstance(found, list) else [found]


def _filled(check: Callable[[Database, Check], None], db: Database, result: Check) -> Check:
    check(db, result)
    return result


def _checkpoints(session: Session, given: Sequence[Checkpoint]) -> Check:
    """The audit holds what checkpoints outside the book saw, and the file holds the last one that the book wrote."""
    seen, wrong = checkpoints.compare(session.db, session.book.install_id, session.book.admin_public, given)
    last = checkpoints.last_kept(session.db).partition(" ")[0]
    head = session.db.row(chain.HEAD)
    if last.isdigit() and (head is None or int(last) > int(head[0])):
        wrong.append(f"the book wrote a checkpoint at audit event {last}, and ends before it: its end was cut off")
    mine = [c.seq for c in given if c.install == session.book.install_id.hex()]
    if mine and last.isdigit() and max(mine) < int(last):
        wrong.append(f"the book wrote a checkpoint at audit event {last}, the newest that was given is at {max(mine)}")
    elif given and not mine:
        wrong.append("none of the checkpoints that were given is of this book")
    return Check("checkpoints outside the book", seen, wrong[:MAX_NAMED])


def _pair(name: str, sql: str, count: str) -> Callable[[Database, Check], None]:
    """A check whose statement returns the name of each row that breaks the rule."""
    broken, rows = Statement(f"{sql} limit {MAX_NAMED}"), Statement(count)

    def check(db: Database, result: Check) -> None:
        found = db.row(rows)
        result.rows = int(found[0]) if found else 0
        result.broken = [" ".join(str(part) for part in row) for row in db.rows(broken)]

    check.__doc__ = name
    return check


_SUM_OPEN = "select coalesce(sum(o.open), 0) from open_item o where o.customer_id = c.id"
_SUM_CREDIT = "select coalesce(sum(k.amount), 0) from open_credit k where k.customer_id = c.id"
_CHECKS: dict[str, Callable[[Database, Check], None]] = {
    "audit chain and journal hashes": chain.audit_chain,
    "balance = entries = open - credit": _pair(
        "docs/rules.md",
        "select c.account, 'entries differ from open invoices less credit' from customer c left join "
        "(select customer_id, sum(amount) as total from entry group by customer_id) e on e.customer_id = c.id "
        f"where coalesce(e.total, 0) <> ({_SUM_OPEN}) - ({_SUM_CREDIT})",
        "select count(*) from customer",
    ),
    "invoice total = lines + tax": _pair(
        "docs/rules.md",
        "select i.number, 'total differs from its lines and tax' from invoice i left join "
        "(select invoice_id, sum(amount) as net from invoice_line group by invoice_id) l on l.invoice_id = i.id "
        "where coalesce(l.net, 0) + i.tax <> i.total",
        "select count(*) from invoice",
    ),
    "invoice open = total - allocations, kept": _pair(
        "docs/rules.md",
        "select i.number, 'kept open amount differs from its allocations, or is out of range' from invoice i left join "
        "(select invoice_id, sum(amount) as paid from allocation group by invoice_id) a on a.invoice_id = i.id "
        "left join open_item o on o.invoice_id = i.id where i.total - coalesce(a.paid, 0) <> coalesce(o.open, 0) "
        "or coalesce(a.paid, 0) < 0 or coalesce(a.paid, 0) > i.total "
        "or (o.invoice_id is not null and (o.due_on <> i.due_on or o.customer_id <> i.customer_id or o.total <> i.total "
        "or o.number <> i.number or o.issued_on <> i.issued_on or o.disputed <> coalesce((select case when d.kind = 'raised' "
        "then 1 else 0 end from dispute_event d where d.invoice_id = i.id order by d.id desc limit 1), 0)))",
        "select count(*) from invoice",
    ),
    "payment = allocated + unallocated + reversed": _pair(
        "docs/rules.md",
        "select p.receipt, 'allocations and credit do not add up to the payment' from payment p left join "
        "(select payment_id, sum(amount) as used from allocation group by payment_id) a on a.payment_id = p.id "
        "left join open_credit k on k.payment_id = p.id left join payment_event e on e.payment_id = p.id "
        "and e.kind <> 'cleared' where coalesce(a.used, 0) + coalesce(k.amount, 0) "
        "<> case when e.id is null then p.amount else 0 end",
        "select count(*) from payment",
    ),
    "each document has its entry": _pair(
        "docs/rules.md",
        "select d.doc, 'has no entry of its amount' from (select number as doc, customer_id, total as amount from invoice "
        "union all select number, customer_id, -total from credit_note "
        "union all select receipt, customer_id, -amount from payment union all select e.document, p.customer_id, p.amount "
        "from payment_event e join payment p on p.id = e.payment_id where e.kind <> 'cleared') d "
        "where not exists (select 1 from entry n where n.customer_id = d.customer_id and n.document = d.doc "
        "and n.amount = d.amount)",
        "select count(*) from entry",
    ),
    "kept totals per customer": _pair(
        "architecture.md",
        "select c.account, 'kept totals differ' from customer c left join customer_total t on t.customer_id = c.id "
        "left join (select customer_id, sum(amount) as total from entry group by customer_id) e on e.customer_id = c.id "
        f"where t.customer_id is null or t.balance <> coalesce(e.total, 0) or t.open <> ({_SUM_OPEN}) "
        f"or t.credit <> ({_SUM_CREDIT}) or t.account <> c.account or t.overdue <> ({_SUM_OPEN} and o.due_on < "
        "(select rolled_to from kept_state where id = 1)) or coalesce(t.oldest_due, '') <> coalesce("
        "(select min(o.due_on) from open_item o where o.customer_id = c.id), '')",
        "select count(*) from customer",
    ),
    "kept totals per due date": _pair(
        "architecture.md",
        "select coalesce(d.due_on, o.due_on), 'kept total of the due date differs' from due_total d full join "
        "(select due_on, count(*) as n, sum(open) as amount from open_item group by due_on) o on o.due_on = d.due_on "
        "where coalesce(d.invoices, 0) <> coalesce(o.n, 0) or coalesce(d.amount, 0) <> coalesce(o.amount, 0)",
        "select count(*) from due_total",
    ),
    "kept credit of the book": _pair(
        "architecture.md",
        "select 'kept_state', 'kept credit differs' from kept_state s where s.credit <> "
        "(select coalesce(sum(amount), 0) from open_credit)",
        "select count(*) from open_credit",
    ),
    "credit note = lines + tax = allocated + unallocated": _pair(
        "docs/rules.md, behaviours 18",
        "select n.number, 'its lines, its allocations or its credit do not add up' from credit_note n left join "
        "(select credit_id, sum(amount + tax) as total, sum(tax) as tax from credit_line group by credit_id) l "
        "on l.credit_id = n.id left join (select payment_id, sum(amount) as used from allocation group by payment_id) a "
        "on a.payment_id = n.id left join open_credit k on k.payment_id = n.id where coalesce(l.total, 0) <> n.total "
        "or coalesce(l.tax, 0) <> n.tax or coalesce(a.used, 0) + coalesce(k.amount, 0) <> n.total",
        "select count(*) from credit_note",
    ),
    "credited at most what was invoiced": _pair(
        "behaviours.md 18",
        "select i.number, 'more was given back than was invoiced' from (select line_id, sum(amount) as net, sum(tax) as tax "
        "from credit_line where line_id is not null group by line_id) c join invoice_line l on l.id = c.line_id "
        "join invoice i on i.id = l.invoice_id where abs(c.net) > abs(l.amount) or c.net * l.amount < 0",
        "select count(*) from credit_line",
    ),
    "invoice tax = taxes by rate = taxes by line": _pair(
        "docs/rules.md",
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
    "allocations at every past date": _pair(
        "behaviours.md, checks: 0 <= open <= total and allocated <= paid as of any date",
        "select distinct s.doc, 'was settled twice, or for more than it was, as of some date' from ("
        "select i.number as doc, i.total as most, sum(a.amount) over (partition by a.invoice_id order by a.on_date) as used "
        "from allocation a join invoice i on i.id = a.invoice_id union all select p.receipt, p.amount, sum(a.amount) over "
        "(partition by a.payment_id order by a.on_date) from allocation a join payment p on p.id = a.payment_id union all "
        "select n.number, n.total, sum(a.amount) over "
        "(partition by a.payment_id order by a.on_date) from allocation a join credit_note n on n.id = a.payment_id) s "
        "where s.used < 0 or s.used > s.most",
        "select count(*) from allocation",
    ),
    "every posted row has its account": _pair(
        "docs/rules.md",
        "select d.what, d.id, 'belongs to no customer' from (select 'entry' as what, id, customer_id from entry union all "
        "select 'invoice', id, customer_id from invoice union all select 'payment', id, customer_id from payment union all "
        "select 'note', id, customer_id from note) d where not exists (select 1 from customer c where c.id = d.customer_id)",
        "select count(*) from entry",
    ),
    "kept contacts of the queue": _pair(
        "architecture.md",
        "select t.account, 'kept next action or promise differs from its last call' from customer_total t where "
        "coalesce(t.next_action_on, '') <> coalesce((select n.next_action_on from note n where n.customer_id = t.customer_id "
        "and n.kind = 'call' order by n.id desc limit 1), '') or coalesce(t.promise_on, '') <> coalesce((select n.promise_on "
        "from note n where n.customer_id = t.customer_id and (n.promise_on is not null or n.kind = 'promise') "
        "order by n.id desc limit 1), '') or coalesce(t.last_contact_on, '') || ' ' || t.last_contact <> coalesce((select "
        "n.on_date || ' ' || n.outcome from note n where n.customer_id = t.customer_id and n.kind = 'call' "
        "order by n.id desc limit 1), ' ')",
        "select count(*) from customer_total",
    ),
    "kept rows stand for something": _pair(
        "architecture.md",
        "select x.what, x.id, 'stands for nothing' from ("
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
    "open credit has the day of its payment": _pair(
        "behaviours.md 4",
        "select coalesce(p.receipt, n.number), 'its credit can be used from another day than it came or was given back' "
        "from open_credit k left join payment p on p.id = k.payment_id left join credit_note n on n.id = k.payment_id where "
        "k.received_on <> coalesce(p.received_on, n.issued_on) and not exists (select 1 from allocation a where "
        "a.payment_id = k.payment_id and a.amount < 0 and a.on_date = k.received_on)",
        "select count(*) from open_credit",
    ),
    "prices that were used are marked": _pair(
        "behaviours.md 13",
        "select p.code, p.from_on, 'was used by a line, and could be changed' from price p where p.used = 0 and exists "
        "(select 1 from billed b where b.price_id = p.id)",
        "select count(*) from price",
    ),
    "request ids and number series": _pair(
        "docs/security.md, *The audit*",
        "select 'request', r.object_id, 'names no payment of its id' from posting_request r where "
        "r.kind = 'payment' and not exists (select 1 from payment p where p.id = r.object_id and p.uid = r.uid) union all "
        "select 'series', 0, s.name || ' stands before a number in use' from number_series s where "
        "(s.name = 'id' and s.next <= (select coalesce(max(id), 0) from entry)) or (s.name = 'receipt' and s.next <= "
        "(select coalesce(max(cast(substr(receipt, 3) as bigint)), 0) from payment))",
        "select count(*) from posting_request",
    ),
}


def _services(session: Session) -> Check:
    """No day is charged twice, and the kept rows of services follow from their events."""
    count, wrong = broken_services(session)
    return Check("services: periods and kept rows", count, wrong[:MAX_NAMED])


def _customers(session: Session) -> list[Check]:
    """No closed or suspended customer has services that say otherwise, and no line was taxed by two rates of one order."""
    (states, wrong), (taxed, twice) = broken_states(session), taxed_twice(session)
    return [
        Check("customers: states that fit their services", states, wrong[:MAX_NAMED]),
        Check("taxes: one rate of an order", taxed, twice[:MAX_NAMED]),
    ]


def _records(session: Session) -> list[Check]:
    """Every record of a kind that the book vouches for is as it was last written."""
    left = sign_old_book.missing(session.db)
    if left and session.db.damages(quick=True):
        left = ()  # what the audit tells of itself cannot be believed: everything is looked at
    made = keys.records(session.db, [k for k in versions.KINDS if k not in left])
    if left:
        made.append(Check("records vouched for", 1, ["the upgrade of this book is not finished: netbill init --upgrade"]))
    return made


def _guards(session: Session) -> Check:
    """The triggers that keep posted rows as they are stand as this program makes them."""
    missing = migrate.missing_guards(session.db)
    return Check("guards of posted rows", len(migrate.POSTED), missing)
