"""`python -m netbill_tui`, and the `netbill` script."""

import os
import sys


def _splash(argv: list[str]) -> None:
    """A word on the terminal before anything is imported: the operator sees at once that the key was heard."""
    opens_screens = not argv or argv[0] == "tui" or argv[0] == "demo"
    if opens_screens and os.environ.get("TERM", "dumb") != "dumb" and os.isatty(0) and os.isatty(2) and "--no-tui" not in argv:
        os.write(2, b"netbill ...\r")


def main() -> int:
    """Run the command line; the exit code."""
    from netbill_tui.terminal.process import harden

    harden()
    _splash(sys.argv[1:])
    from netbill_tui.cli.core.main import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    if not sys.flags.isolated:
        # The folder where the words were typed, whose files are nobody's modules.
        del sys.path[0]
    sys.exit(main())
