"""One rule of verify: how many rows were looked at, and which break it."""

from dataclasses import dataclass, field

MAX_NAMED = 50


@dataclass(slots=True)
class Check:
    """One rule: how many rows were looked at, and which break it."""

    name: str
    rows: int = 0
    broken: list[str] = field(default_factory=list)


def blame(check: Check, what: str) -> None:
    """Name a row that breaks the rule; the first fifty, which is enough to begin with."""
    if len(check.broken) < MAX_NAMED:
        check.broken.append(what)
