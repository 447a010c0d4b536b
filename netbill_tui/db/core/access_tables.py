"""Tables of sign-ins, sessions, approvals, and of how far the book is kept safe. None of them is posted."""

from netbill_tui.db.core.fields import Blob, Int, SealedField, Table, Text


class SignInTry(Table):
    """How often a password was tried in vain; counted and committed before any is looked at.

    `pending` are tries that were counted and not answered yet, those that were killed among them. `boot` and `boot_us` are the
    machine's own clock, which nobody can set.
    """

    operator_uid = Blob(primary_key=True)
    failed = Int()
    pending = Int()
    at_us = Int()
    boot = Text()
    boot_us = Int()


class WorkSession(Table):
    """Somebody's sitting, from signing in to leaving; one that ended does nothing any more."""

    id = Text(primary_key=True)
    operator_id = Int(index=True)
    kind = Text()
    host = Text()
    pid = Int()
    boot = Text()
    started_us = Int()
    ended_us = Int(null=True, index=True)
    why = Text()


class Approval(Table):
    """What was asked over an amount limit, and what a second operator said."""

    id = Int(primary_key=True)
    kind = Text()
    object = Text()
    amount = Int()
    reason = Text()
    request = Text()
    asked_by = Text()
    asked_us = Int()
    state = Text(index=True)
    answered_by = Text()
    answered_us = Int(null=True)
    result = Text()


class Keeping(Table):
    """How far the book is kept safe: the epoch of its keys, its pepper, the last checkpoint and backup."""

    name = Text(primary_key=True)
    value = Text()


class RecordVersion(Table):
    """Posted. What a record that may change was after a change: the hash of its row and of the rows that belong to it."""

    id = Int(primary_key=True)
    kind = Text()
    record_id = Int()
    digest = Blob()
    audit_seq = Int()

    class Meta:
        indexes = ((("kind", "record_id", "id"), False),)


class Giving(Table):
    """Posted. What an operator gave back of a document or account on a day, by which road."""

    id = Int(primary_key=True)
    operator = Text()
    on_date = Text()
    road = Text()
    object = Text()
    amount = Int()
    audit_seq = Int()

    class Meta:
        indexes = ((("operator", "on_date"), False), (("operator", "object"), False))


class FormerCustomer(Table):
    """What a customer was called and where they lived until an audit event, for documents that were posted before it."""

    id = Int(primary_key=True)
    customer_id = Int()
    uid = Blob()
    until_seq = Int()
    name = Text()
    town = Text()
    postcode = Text()
    street = SealedField(null=True)

    class Meta:
        indexes = ((("customer_id", "until_seq"), False),)


class FormerSetting(Table):
    """A setting of the book as it was until an audit event."""

    id = Int(primary_key=True)
    name = Text()
    until_seq = Int()
    value = Text()

    class Meta:
        indexes = ((("name", "until_seq"), False),)


GUARD = (SignInTry, WorkSession, Approval, Keeping, FormerCustomer, FormerSetting)
