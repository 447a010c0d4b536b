"""Tests that can fail: single faults in a copy of the rules, each of which some test must see; and faults drawn at random.

`python -m tests.proof rules [--only NAME]` puts twelve faults into copies of the program, one at a time, and runs the tests of the rules
there. `python -m tests.proof mutants --count 200 --seed 1` draws faults over the rules and the use cases: one operator, comparison,
or condition changed in each. It runs the tests once to learn which of them pass through which line, and for each fault those alone.
Both print which test saw what, and every survivor.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from coverage import CoverageData

ROOT = Path(__file__).resolve().parents[2]
RULES = "netbill_tui/billing"
# What tells of the rules without a server: the fast ones first, so that most faults are seen in seconds.
TESTS = (
    ("tests/billing", "tests/oracles"),
    ("tests/usecases/billing_run", "tests/usecases/receivables"),
    ("tests/usecases", "tests/db", "tests/documents"),
    ("tests/screens",),
    ("tests/cli",),
)  # fmt: skip
_DOORS = len(TESTS) - 2  # from here on they are marked as slow; what the last group starts is no part of the measuring


class Fault(NamedTuple):
    """One change of the program.

    Attributes:
        name: What is wrong, in words.
        path: Of which file.
        was: What stands there, exactly once.
        becomes: What stands there instead.
        lines: On which lines it stands, where it was drawn.
    """

    name: str
    path: str
    was: str
    becomes: str
    lines: tuple[int, ...] = ()


FAULTS = (
    Fault("arrears are billed on the first day", f"{RULES}/services/charging.py", 'if timeline.service.mode == "arrears":\n        return period.end',
          'if timeline.service.mode == "arrears":\n        return period.first'),
    Fault("a period is not billed on its own bill date", f"{RULES}/services/charging.py", "> on and end > billed_until", ">= on and end > billed_until"),
    Fault("tax is cut, not rounded", f"{RULES}/catalogue/taxes.py", "tax = round_half_away(base * key[2])", "tax = int(base * key[2])"),
    Fault("arrears are taxed by their first day", f"{RULES}/services/charging.py", 'return end - timedelta(days=1) if timeline.service.mode == "arrears"',
          'return first if timeline.service.mode == "arrears"'),
    Fault("of two rates the one that began first holds", f"{RULES}/catalogue/taxes.py", "held.first < dated.first", "held.first > dated.first"),
    Fault("a price does not hold on its first day", f"{RULES}/catalogue/prices.py", "if row.first > on or", "if row.first >= on or"),
    Fault("day 31 is day 28 in every month", f"{RULES}/core/cycles.py", "min(anchor, month_length(year, month + 1))", "min(anchor, 28)"),
    Fault("an invoice falls due a day late", f"{RULES}/core/dates.py", "return issued + timedelta(days=days)",
          "return issued + timedelta(days=days + 1)"),
    Fault("a part of a period costs one day more", f"{RULES}/services/proration.py", "return used, whole\n", "return used + 1, whole\n"),
    Fault("a payment settles the newest first", f"{RULES}/receivables/allocation.py", "sorted(invoices, key=oldest_first)",
          "sorted(invoices, key=oldest_first, reverse=True)"),
    Fault("a cent that is left over goes to the smallest remainder", f"{RULES}/core/money.py", "(-(shares[i] - parts[i]), i)",
          "(shares[i] - parts[i], i)"),
    Fault("halves are rounded to nothing", f"{RULES}/core/money.py", "(2 * abs(exact.numerator) + exact.denominator)",
          "(2 * abs(exact.numerator) + exact.denominator - 1)"),
)  # fmt: skip


class Told(NamedTuple):
    """What became of a fault: the first test that saw it, or nothing, and how long that took."""

    fault: Fault
    seen_by: str
    seconds: float


Lines = Mapping[str, Mapping[int, frozenset[str]]]  # by file and line, the tests that pass through it; "" is an import


def _copy(place: Path) -> Path:
    """A copy of the program and its tests."""
    here = place / "copy"
    for name in ("netbill_tui", "tests", "docs", "benchmarks"):
        shutil.copytree(ROOT / name, here / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "CHANGELOG.md", "README.md", "run.py"):
        shutil.copy2(ROOT / name, here / name)
    shared = ROOT.parent / "shared"
    if shared.exists():
        (place / "shared").symlink_to(shared)
    return here


def tell(fault: Fault, *, tests: tuple[tuple[str, ...], ...] = TESTS) -> Told:
    """Put the fault into a copy, run the tests there until one fails."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="netbill-fault-", dir=os.environ.get("TMPDIR")) as folder:
        here = _copy(Path(folder))
        path = here / fault.path
        text = path.read_text()
        if text.count(fault.was) != 1:
            raise ValueError(f"{fault.path} has {fault.was!r} {text.count(fault.was)} times")
        path.write_text(text.replace(fault.was, fault.becomes))
        return Told(fault, _first_failure(here, tests), time.monotonic() - began)


def lines_of_tests(folder: Path) -> Lines:
    """Run the tests of the rules in a copy, once, and keep which of them passes through which line.

    Raises:
        RuntimeError: A test fails without any fault.
    """
    here = _copy(folder)
    (here / "contexts").write_text(f"[run]\nsource = netbill_tui\ndata_file = {here}/lines\n")
    measured = ("-m", "coverage", "run", "--rcfile=contexts", "--append", "-m", "pytest", "-p", "tests.proof.contexts")
    for tests in (tuple(one for group in TESTS[:_DOORS] for one in group), TESTS[_DOORS]):
        done = _pytest(here, tests, *measured, most_s=3600)
        if done.returncode:
            raise RuntimeError(f"The tests fail without any fault:\n{done.stdout[-2000:]}")
    data = CoverageData(str(here / "lines"))
    data.read()
    made: dict[str, dict[int, frozenset[str]]] = {}
    for name in data.measured_files():
        lines = {line: frozenset(found) for line, found in data.contexts_by_lineno(name).items()}
        made[str(Path(name).resolve().relative_to(here.resolve()))] = lines
    return made


_MOST_NAMED = 500  # more names than this are told without their cases
_MOST_AT_DOORS = 60  # of the screens that pass through a fault so many are tried


def _passing(fault: Fault, lines: Lines) -> tuple[tuple[str, ...], ...]:
    """The tests that pass through a fault, the quick ones first; everything where it is read by an import."""
    known = lines.get(fault.path, {})
    found = {test for line in fault.lines for test in known.get(line, frozenset())}
    if "" in found:
        return (*TESTS[:_DOORS], TESTS[-1])
    if len(found) > _MOST_NAMED:
        found = {test.partition("[")[0] for test in found}
    screens = sorted(t for t in found if t.startswith(TESTS[_DOORS]))
    groups = [sorted(t for t in found if t.startswith(folder)) for folder in TESTS[0]]
    groups += [sorted(found - set(screens) - {t for g in groups for t in g}), screens[:: len(screens) // _MOST_AT_DOORS + 1]]
    groups.append(list(TESTS[-1]))
    return tuple(tuple(g) for g in groups if g)


def _pytest(here: Path, tests: Sequence[str], *how: str, most_s: int = 600) -> subprocess.CompletedProcess[str]:
    """Run tests in a copy; a fault that keeps them from ending is seen after `most_s` seconds."""
    environment = {**os.environ, "PYTHONPATH": str(here), "PYTHONDONTWRITEBYTECODE": "1"}
    marks = [] if tests[0].startswith((*TESTS[_DOORS], *TESTS[-1])) else ["-m", "not slow or machine"]
    words = ["-q", "-x", "-p", "no:cacheprovider", "-k", "not postgres", *marks, *tests]
    return subprocess.run(
        [sys.executable, *(how or ("-m", "pytest")), *words],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
        timeout=most_s,
        check=False,
    )


def _first_failure(here: Path, tests: tuple[tuple[str, ...], ...]) -> str:
    for group in tests:
        try:
            done = _pytest(here, group)
        except subprocess.TimeoutExpired:
            return f"{group[0]} never ends"
        if done.returncode == 1:
            failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
            return (failed or [group[0]])[0].split(" - ")[0]
        if done.returncode not in (0, 5):
            # A fault that keeps the tests from being read is seen by whoever starts anything; but the tests must be readable without it.
            return f"{group[0]} cannot be read: exit {done.returncode}"
    return ""


_SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Add: ast.Sub,
    ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add, ast.And: ast.Or, ast.Or: ast.And, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def drawn(paths: list[Path], chance: random.Random, count: int) -> list[Fault]:
    """So many faults, each in another place: as source of the line's statement, before and after."""
    found: list[Fault] = []
    for path in paths:
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            for was, becomes in _changes(node, text):
                if text.count(was) == 1:
                    name = str(path.relative_to(ROOT))
                    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
                    lines = tuple(range(first, last + 1))
                    found.append(Fault(f"{name}:{first} {was!r} -> {becomes!r}"[:160], name, was, becomes, lines))
    return chance.sample(found, min(count, len(found)))


def _changes(node: ast.AST, text: str) -> list[tuple[str, str]]:
    """The source of an expression with one thing of it changed."""
    if not isinstance(node, ast.Compare | ast.BinOp | ast.BoolOp | ast.UnaryOp | ast.IfExp):
        return []
    source = ast.get_source_segment(text, node)
    if not source or "\n" in source or len(source) < 6:
        return []
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _SWAPS:
        changed = ast.Compare(node.left, [_SWAPS[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPS and not _has_text(node):
        changed = ast.BinOp(node.left, _SWAPS[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        changed = ast.BoolOp(_SWAPS[type(node.op)](), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        changed = node.operand
    elif isinstance(node, ast.IfExp):
        changed = ast.IfExp(node.test, node.orelse, node.body)
    else:
        return []
    return [(source, f"({ast.unparse(ast.fix_missing_locations(changed))})")]


def _has_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in ast.walk(node)
    )


def main(words: list[str]) -> int:
    """`rules` or `mutants`; 1 where a fault of the twelve survives, or fewer than nine of ten drawn ones are seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof")
    parser.add_argument("name", choices=["rules", "mutants"])
    parser.add_argument("--only", default="", help="faults whose words hold this; mutants of files whose path holds it")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(words)
    if given.name == "rules":
        faults = [f for f in FAULTS if given.only in f.name]
    else:
        print(f"seed {given.seed}", flush=True)
        named = [*(ROOT / RULES).rglob("*.py"), *(ROOT / "netbill_tui/usecases").rglob("*.py")]
        paths = sorted(p for p in named if "demo" not in p.parts and given.only in str(p.relative_to(ROOT)))
        faults = drawn(paths, random.Random(given.seed), given.count)
    with tempfile.TemporaryDirectory(prefix="netbill-fault-", dir=os.environ.get("TMPDIR")) as folder:
        lines = lines_of_tests(Path(folder))
    survived = 0
    with ThreadPoolExecutor(given.processes) as pool:
        for told in pool.map(lambda f: tell(f, tests=_passing(f, lines) if f.lines else TESTS), faults):
            survived += not told.seen_by
            print(
                f"{'seen' if told.seen_by else 'SURVIVED':<9}{told.seconds:6.1f} s  {told.fault.name}  {told.seen_by}", flush=True
            )
    share = 100 * (len(faults) - survived) / max(len(faults), 1)
    print(f"{len(faults) - survived} of {len(faults)} seen, {share:.1f} %")
    return int(survived > 0 if given.name == "rules" else share < 90)
