"""Money per day is kept, and what of an account is disputed; filters that grew with the book are answered by an index."""

INDEXES = {
    # The work list in its own order; what is typed for a town, a postcode or a plan, in the order of the accounts.
    "customer_total_work": "index {name} on customer_total (overdue desc, (oldest_due || account))",
    "customer_total_balance": "index {name} on customer_total (balance, customer_id)",
    "customer_town": "index {name} on customer (lower(town), account, id)",
    "customer_postcode": "index {name} on customer (lower(postcode), account, id)",
    "customer_status": "index {name} on customer (status, account, id)",
    "payment_operator": "index {name} on payment (lower(operator), received_on, id)",
    # What was allocated since a day is added up from the index alone.
    "allocation_date": "index {name} on allocation (on_date, amount)",
    "customer_plan": "index {name} on customer (lower(plan), account, id)",
}
# What came in and what was taken back, by day and method.
FILL = (
    "insert into day_sum (measure, on_date, key, number, amount) "
    "select 'received', p.received_on, p.method, count(*), sum(p.amount) from payment p group by p.received_on, p.method",
    "insert into day_sum (measure, on_date, key, number, amount) "
    "select 'taken back', e.on_date, p.method, count(*), sum(p.amount) from payment_event e join payment p "
    "on p.id = e.payment_id where e.kind <> 'cleared' group by e.on_date, p.method",
    "insert into day_sum (measure, on_date, key, number, amount) "
    "select 'taken back at once', p.received_on, p.method, count(*), sum(p.amount) from payment_event e join payment p "
    "on p.id = e.payment_id where e.kind <> 'cleared' and e.on_date <= p.received_on group by p.received_on, p.method",
    "update customer_total set disputed = (select coalesce(sum(o.open), 0) from open_item o where o.customer_id = "
    "customer_total.customer_id and o.disputed = 1 and o.due_on < (select rolled_to from kept_state where id = 1)) "
    "where customer_id in (select o.customer_id from open_item o where o.disputed = 1)",
)


def up(migrator, db):
    """Make the table and the column, fill both from what was posted, and make the indexes."""
    sqlite = type(db).__name__ == "SqliteDatabase"
    int_, text = ("integer", "text") if sqlite else ("bigint", 'text collate "C"')
    db.execute_sql(
        f"create table day_sum (measure {text} not null, on_date {text} not null, key {text} not null, number {int_} not null, "
        f"amount {int_} not null, primary key (measure, on_date, key)){' strict, without rowid' if sqlite else ''}"
    )
    db.execute_sql(f"alter table customer_total add column disputed {int_} not null default 0")
    for statement in FILL:
        db.execute_sql(statement)
    db.execute_sql("drop index allocation_date")
    for name, index in INDEXES.items():
        db.execute_sql("create " + index.format(name=name))
