"""Reads that are asked for together: a use case names them, `Database.together` sends them to a server in one flight."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

Row = tuple[Any, ...]
Params = Sequence[object]
R = TypeVar("R")


class Frozen(Protocol):
    """A statement as each engine takes it."""

    @property
    def sqlite(self) -> str:
        """For SQLite."""

    @property
    def postgres(self) -> str:
        """For PostgreSQL."""


class Read(Generic[R]):
    """A read that is asked for together with others: `Database.together` sends them to a server in one flight."""

    __slots__ = ("decode", "params", "statement")

    def __init__(self, statement: Frozen, params: Params, decode: Callable[[list[Row]], R]) -> None:
        """What is read, and what its rows mean.

        Args:
            statement: Without a lock.
            params: Of the statement.
            decode: Makes the answer from all rows.
        """
        self.statement: Final = statement
        self.params: Final = params
        self.decode: Final = decode
