"""The fields of a customer as they are typed in a form or on the command line."""

from collections.abc import Mapping
from datetime import date

from netbill_tui.billing.core.dates import parse_birth_date, parse_date
from netbill_tui.errors import InvalidInput
from netbill_tui.integrations.fields import Fields
from netbill_tui.integrations.profiles import CUSTOMER_FIELDS, NUMBER_FIELDS
from netbill_tui.integrations.values import tidy, unspoken


class Typed(Fields):
    """What is typed; a refusal is the sentence that the operator reads."""

    __slots__ = ("_fields", "_today", "_words")

    def __init__(self, fields: Mapping[str, str], words: Mapping[str, str], today: date) -> None:
        """Hold the fields.

        Args:
            fields: What is typed, by field.
            words: What each field is called on the form.
            today: For dates such as `t-3`.

        Raises:
            InvalidInput: One of them is no field of a customer.
        """
        for name in fields:
            if name not in CUSTOMER_FIELDS:
                raise InvalidInput(f"{name[:30]!r} is not a field of a customer; known are {', '.join(CUSTOMER_FIELDS)}.")
        self._fields, self._words, self._today = fields, words, today
        self.line = 1

    def column(self, name: str) -> str:
        """Its words on the form."""
        return self._words[name]

    def bad(self, name: str, reason: str) -> InvalidInput:
        """A sentence that begins with the words on the form."""
        return InvalidInput(f"{self.column(name)}: {unspoken(name, reason).removesuffix('.')}.")

    def has(self, name: str) -> bool:
        """Whether it was typed, be it empty."""
        return name in self._fields

    def filled(self, name: str) -> bool:
        """Whether something was typed."""
        return bool(self.text(name))

    def text(self, name: str) -> str:
        """What was typed, in one line."""
        breaks = ", " if name in ("street", "address") else " "
        return tidy(self._fields.get(name, ""), breaks=breaks, number=name in NUMBER_FIELDS)

    def date(self, name: str) -> date | None:
        """A date in any of the ways in which one is typed.

        Raises:
            InvalidInput: It is none.
        """
        if not self._fields.get(name):
            return None
        parse = parse_birth_date if name == "birth_date" else parse_date
        return self.in_range(name, parse(self._fields[name], self._today))
