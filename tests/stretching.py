"""What a test pays for a password: next to nothing.

A guess at a stolen bundle shall cost 64 MiB and a quarter of a second. Nothing that a test asks depends on how much it is, and
four fifths of what the tests took was this: so the floor of the stretching is lowered, in the tests' own process and in the
programs that they start. What is about the cost itself takes what is shipped: `shipped`, the proof S9, the deployment page.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from netbill_tui.security import passwords

_SHIPPED = passwords.FLOOR, passwords.TARGET_S
_LOW = passwords.Cost(64, 1, passwords.FLOOR.p), 0.0

_HERE = str(Path(__file__).resolve().parents[1])  # the program beside these tests, whatever is installed
# `netbill`, as `python -m netbill_tui` starts it, with the same.
NETBILL = (
    sys.executable, "-c",
    f"import sys; sys.path[:] = [{_HERE!r}, *(p for p in sys.path if p)]; from netbill_tui.security import passwords; "
    f"passwords.FLOOR, passwords.TARGET_S = passwords.Cost{tuple(_LOW[0])}, 0.0; "
    "from netbill_tui.__main__ import main; sys.exit(main())",
)  # fmt: skip


def netbill(env: Mapping[str, str]) -> tuple[str, ...]:
    """`NETBILL`; the program itself where a variable of Python's own makes it start itself again, as itself."""
    steered = any(name.startswith("PYTHON") for name in env)
    return (sys.executable, "-m", "netbill_tui") if steered else NETBILL


def lowered() -> None:
    """Stretch by next to nothing in this process."""
    passwords.FLOOR, passwords.TARGET_S = _LOW


@contextmanager
def shipped() -> Iterator[None]:
    """Stretch as the program does."""
    was = passwords.FLOOR, passwords.TARGET_S
    passwords.FLOOR, passwords.TARGET_S = _SHIPPED
    passwords.calibrated.cache_clear()
    try:
        yield
    finally:
        passwords.FLOOR, passwords.TARGET_S = was
        passwords.calibrated.cache_clear()
