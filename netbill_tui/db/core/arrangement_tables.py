"""Tables of what operators arrange for themselves: tags, views, preferences, half-filled forms, pinned notes."""

from peewee import CompositeKey

from netbill_tui.db.core.fields import Blob, Int, SealedField, Table, Text


class CustomerTag(Table):
    """A word that operators put on an account, such as vip or hold."""

    tag = Text()
    customer_id = Int(index=True)

    class Meta:
        primary_key = CompositeKey("tag", "customer_id")


class SavedView(Table):
    """A filter of a list under a name; `owner` is empty for one that everybody sees."""

    id = Int(primary_key=True)
    list = Text()
    name = Text()
    owner = Text()
    digit = Int(null=True)
    words = Text()
    columns = Text()

    class Meta:
        indexes = ((("list", "name", "owner"), True),)


class Preference(Table):
    """What one operator chose for the screens: columns, widths, order."""

    operator = Text()
    name = Text()
    value = Text()

    class Meta:
        primary_key = CompositeKey("operator", "name")


class Draft(Table):
    """A half-filled form of one operator, sealed; `uid` is the request id that it would post under."""

    uid = Blob(primary_key=True)
    operator = Text(index=True)
    kind = Text()
    title = Text()
    changed_at = Int()
    body = SealedField()
    secret = SealedField(null=True)


class NotePin(Table):
    """A note that stands above the others of its account."""

    note_id = Int(primary_key=True)
    customer_id = Int(index=True)


COMFORT = (CustomerTag, SavedView, Preference, Draft, NotePin)
