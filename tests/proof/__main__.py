"""`python -m tests.proof NAME [--long] [--seed N] [--sabotage WHAT]`: one proof, its figures, exit 1 when a promise is broken."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests import stretching
from tests.proof import load
from tests.proof.report import PROOFS, Report, Run, Seen, told


def main() -> int:
    if sys.argv[1:2] in (["rules"], ["mutants"]):
        from tests.proof.faults import main as faults

        return faults(sys.argv[1:])
    if sys.argv[1:2] == ["same"]:
        from tests.proof.same import main as same

        return same(sys.argv[2:])
    stretching.lowered()
    every = load()
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description="Proofs of the promises of docs/reliability.md.")
    parser.add_argument("name", nargs="?", help=", ".join(every), choices=[*every, "all"], metavar="NAME")
    parser.add_argument("--long", action="store_true", help="in the size of the goals")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--sabotage", default="", help="break something on purpose; the proof must fail")
    given = parser.parse_args()
    if given.name is None:
        for name in every:
            print(f"{name:<4} {PROOFS[name].promise}\n     sabotages: {', '.join(PROOFS[name].sabotages)}")
        return 0
    code = 0
    for name in every if given.name == "all" else [given.name]:
        if given.sabotage and given.sabotage not in PROOFS[name].sabotages:
            parser.error(f"{name} knows the sabotages {', '.join(PROOFS[name].sabotages)}")
        with tempfile.TemporaryDirectory(prefix="netbill-proof-") as place:
            Path(place).chmod(0o700)
            run = Run(Path(place), given.long, given.seed, given.sabotage)
            began = time.monotonic()
            Report.sabotaged = bool(given.sabotage)
            try:
                report = PROOFS[name].run(run)
            except Seen as seen:
                report = Report(broken=[str(seen)])
            print(told(name, run, report), f"\n  took {time.monotonic() - began:.1f} s", flush=True)
            code |= not report.ok
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
