"""`python -m benchmarks [--smoke] [--sizes 10000,1000000] [--json FILE]`: every figure, in one run."""

import argparse
from pathlib import Path

from benchmarks import (
    billing,
    clerks,
    collections,
    growth,
    harness,
    key_times,
    lookups,
    operations,
    papers,
    reads,
    screen_bytes,
    server,
    start,
    writing,
)


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="the smallest size, to see that they run")
    parser.add_argument("--sizes", default="10000,1000000")
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    sizes = [200] if words.smoke else [int(s) for s in words.sizes.split(",")]
    print(f"goal  {'what':<58} {'size':>9} {'netbill':>12} {'other':>12}    ratio")
    start.run(sizes, 2 if words.smoke else 9)
    reads.run(sizes, 50 if words.smoke else 1000)
    lookups.run(sizes, 50 if words.smoke else 1000)
    growth.run(sizes, 3 if words.smoke else 7)
    screen_bytes.run(sizes, 1)
    key_times.run(sizes, 10 if words.smoke else 200)
    writing.run(sizes, 20 if words.smoke else 200)
    operations.run(sizes, 2 if words.smoke else 200)
    clerks.run(sizes, 0.5 if words.smoke else 6)
    server.run(sizes, 0.5 if words.smoke else 6)
    billing.run(sizes, 1)
    papers.run(sizes, 1)
    collections.run(sizes, 1 if words.smoke else 3)
    if words.json:
        harness.save(words.json)


main()
