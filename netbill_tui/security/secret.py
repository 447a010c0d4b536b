"""Types that keep a secret out of lists, logs, tracebacks and prints."""

from typing import NoReturn, final


@final
class Sealed:
    """An envelope as it stands in the database; its text form is `<sealed>`."""

    __slots__ = ("envelope",)

    def __init__(self, envelope: bytes) -> None:
        self.envelope = envelope

    def __repr__(self) -> str:
        return "<sealed>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.envelope == self.envelope

    def __hash__(self) -> int:
        return hash(self.envelope)


@final
class Secret:
    """An opened value. Its text form is a mask; only `unwrap` gives the value.

    It refuses pickling, JSON, database binding and joining with text, because each of them has no business with a
    secret and would be a leak.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def unwrap(self) -> str:
        """The value itself. Call it only where it is shown to somebody whose right was checked and audited."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        raise TypeError("a secret is not a key")
