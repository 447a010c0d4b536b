"""What a proof says: figures, and what was wrong. A proof that was sabotaged must find something wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar


class Seen(Exception):
    """A sabotaged run has found what was broken: the rest of it would tell nothing more."""


@dataclass
class Report:
    """Figures of one run, and every promise that was broken in it. A sabotaged run ends with the first."""

    figures: dict[str, object] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    sabotaged: ClassVar[bool] = False

    def must(self, holds: bool, promise: str) -> None:
        if not holds and promise not in self.broken:
            self.broken.append(promise)
            if self.sabotaged:
                raise Seen(promise)

    @property
    def ok(self) -> bool:
        return not self.broken


@dataclass(frozen=True)
class Run:
    """How a proof is run.

    Attributes:
        place: An empty folder of its own, mode 700.
        long: In the size of the goals, not the one that fits CI.
        seed: Printed, so that a run can be had again.
        sabotage: What is broken on purpose, or empty.
    """

    place: Path
    long: bool = False
    seed: int = 2026
    sabotage: str = ""

    def size(self, small: int, large: int) -> int:
        return large if self.long else small


@dataclass(frozen=True)
class Proof:
    """A harness: its promise in a sentence, how it runs, and by which sabotages it must be seen to fail."""

    promise: str
    run: Callable[[Run], Report]
    sabotages: tuple[str, ...]


PROOFS: dict[str, Proof] = {}


def proof(name: str, promise: str, *sabotages: str) -> Callable[[Callable[[Run], Report]], Callable[[Run], Report]]:
    def put(run: Callable[[Run], Report]) -> Callable[[Run], Report]:
        PROOFS[name] = Proof(promise, run, sabotages)
        return run

    return put


def told(name: str, run: Run, report: Report) -> str:
    how = f"{'long' if run.long else 'small'}, seed {run.seed}{f', sabotaged: {run.sabotage}' if run.sabotage else ''}"
    lines = [f"{name} ({how}): {'holds' if report.ok else 'BROKEN'}", f"  {PROOFS[name].promise}"]
    lines += [f"  {what}: {value}" for what, value in report.figures.items()]
    lines += [f"  BROKEN: {what}" for what in report.broken]
    return "\n".join(lines)


Figures = Mapping[str, object]
