"""The five kinds of column, the same on both engines."""

from peewee import BigIntegerField, BlobField, Model, TextField

from netbill_tui.security.secret import Sealed


class SealedField(BlobField):
    """A column of envelopes: it takes and gives `Sealed`, whose text form is `<sealed>`."""

    def db_value(self, value: Sealed | None) -> bytes | None:
        """The envelope's bytes. Anything that is not sealed is a programming error, never stored."""
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError("only a sealed value may enter a sealed column")
        return value.envelope

    def python_value(self, value: bytes | memoryview | None) -> Sealed | None:
        """The cell as `Sealed`."""
        return None if value is None else Sealed(bytes(value))


Int = BigIntegerField
Text = TextField
Blob = BlobField


class Table(Model):
    """Base of the tables; bound to a database only where the schema is compared."""

    class Meta:
        legacy_table_names = False
