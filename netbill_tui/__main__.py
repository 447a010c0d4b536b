"""`python -m netbill_tui`, and the `netbill` script."""

import sys


def main() -> int:
    """Run the command line; the exit code."""
    from netbill_tui.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
