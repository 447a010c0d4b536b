"""What the program does to its own process before anything else (docs/security.md, *The terminal, files, the host*).

Nothing it makes is readable by others, it leaves no core, and the environment of whoever calls cannot steer it.
"""

import os
import resource
import sys

_LOADER = (
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "LD_AUDIT",
    "LD_DEBUG",
    "LD_BIND_NOW",
    "GCONV_PATH",
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
)


def harden() -> None:
    """Close the file mode mask, forbid cores, and start again isolated where the environment would steer Python.

    The second start finds nothing of it: `-I` ignores the folder, the user's own packages and every variable of Python.
    """
    os.umask(0o077)
    # A core would hold keys; the soft and the hard limit, so that nothing this process starts gets it back.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Python's own variables decide which modules are imported, what runs first, what is checked, and which time zones there are.
    steered = any(name.startswith("PYTHON") for name in os.environ) or bool(sys.flags.optimize)
    for name in [n for n in os.environ if n in _LOADER or n.startswith(("TEXTUAL", "PYTHON"))]:
        del os.environ[name]
    if steered and not (sys.flags.isolated and not sys.flags.optimize):
        # Fixed words: this interpreter, this program, the words that we were given.
        os.execv(sys.executable, [sys.executable, "-I", "-m", "netbill_tui", *sys.argv[1:]])  # noqa: S606
