"""What a test pays for a password: the floor of the stretching, and no password twice in one process.

A guess at a stolen bundle shall take a quarter of a second, so whoever enrols measures the machine and adds passes. Nothing
that a test asks depends on how many; what does takes `SHIPPED_S`.
"""

from functools import lru_cache

from netbill_tui.security import passwords

SHIPPED_S = passwords.TARGET_S
STRETCHED = passwords.key_encryption_key

# The program in a process of its own, as `python -m netbill_tui` is, with the same.
PROGRAM = (
    "import sys; del sys.path[0]; from netbill_tui.security import passwords; passwords.TARGET_S = 0.0; "
    "from netbill_tui.__main__ import main; sys.exit(main())"
)


def to_the_floor(*, once: bool) -> None:
    """Stretch by the floor in this process.

    Args:
        once: And remember what was stretched; not where the time that it takes is looked at.
    """
    passwords.TARGET_S = 0.0
    if once:
        passwords.key_encryption_key = lru_cache(maxsize=4096)(STRETCHED)
