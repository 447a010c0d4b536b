"""Values by our names for them, wherever they come from: a row of a file, or a form."""

from abc import ABC, abstractmethod
from datetime import date

from netbill_tui.integrations.values import shown


class Fields(ABC):
    """What is told of one record, field by field."""

    __slots__ = ("line",)
    line: int

    def in_range(self, name: str, day: date) -> date:
        """A date of the field in the centuries of this program."""
        if not 1900 <= day.year <= 2999:
            raise self.bad(name, f"{day} is out of range")
        return day

    @abstractmethod
    def column(self, name: str) -> str:
        """How the field is called where it comes from, for a sentence about it."""

    @abstractmethod
    def bad(self, name: str, reason: str) -> Exception:
        """A refusal of this field, to be raised."""

    @abstractmethod
    def has(self, name: str) -> bool:
        """Whether the field is spoken of, be it to say that it is empty."""

    @abstractmethod
    def filled(self, name: str) -> bool:
        """Whether something is said in the field."""

    @abstractmethod
    def text(self, name: str) -> str:
        """The field as text, blanks around it gone; empty where there is none."""

    @abstractmethod
    def date(self, name: str) -> date | None:
        """The field as a date; None where it is empty."""

    def needed(self, name: str) -> str:
        """The field, which may not be empty."""
        text = self.text(name)
        if not text:
            raise self.bad(name, "is empty")
        return text

    def yes(self, name: str) -> bool:
        """The field as yes or no; empty is no."""
        word = self.text(name).lower()
        if word in ("", "no", "n", "false", "0", "off"):
            return False
        if word in ("yes", "y", "true", "1", "on"):
            return True
        raise self.bad(name, f"{shown(word)} is neither yes nor no")
