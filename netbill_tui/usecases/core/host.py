"""What this machine says of itself: its own clock, which start of it this is, which processes live; and hiding our own memory."""

import os
import stat
import time
from functools import lru_cache
from pathlib import Path

from netbill_tui.errors import KeyProblem


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Names this start of the machine; empty where it tells none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def boot_us() -> int:
    """Microseconds since the machine started, sleep included. Nobody can set this clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1000


_FIRST_PERSON = 1000  # as Debian and most others number their users


def host() -> str:
    """Name of this machine."""
    return os.uname().nodename[:60]


def user() -> str:
    """Name of the Unix user whose process this is, and of who became that by sudo."""
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    became = os.environ.get("SUDO_USER", "")
    return f"{name} (sudo {became})"[:80] if became and became.isprintable() else name


def is_service_account() -> bool:
    """Whether this process runs as a system user that is not root: one that several people work as."""
    return 0 < os.getuid() < _FIRST_PERSON


def is_alive(its_host: str, its_boot: str, pid: int) -> bool:
    """Whether a process may still live. One of another machine may; one of an earlier start of this one does not."""
    if its_host != host():
        return True
    if its_boot != boot_id():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def hide_memory() -> None:
    """Let no other process of the same user read this one's memory; called when keys come into it.

    The kernel also gives no core of such a process and hides its environment in /proc.
    """
    import ctypes

    pr_set_dumpable = 4
    if ctypes.CDLL(None, use_errno=True).prctl(pr_set_dumpable, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the memory of this process cannot be hidden")


def is_hidden() -> bool:
    """True when no other process of the same user can read this one's memory."""
    import ctypes

    pr_get_dumpable = 3
    return int(ctypes.CDLL(None).prctl(pr_get_dumpable, 0, 0, 0, 0)) == 0


def read_private_file(path: Path, what: str) -> bytes:
    """The bytes of a file that only its owner may read; for a systemd credential the group bits are its access list's mask.

    Raises:
        KeyProblem: It is missing, or others can read it.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise KeyProblem(f"{what} {path} cannot be read: {error.strerror}.") from None
    if stat.S_ISDIR(os.fstat(fd).st_mode):
        os.close(fd)
        raise KeyProblem(f"{what} {path} is a folder; name the file itself.")
    with os.fdopen(fd, "rb") as file:
        credentials = os.environ.get("CREDENTIALS_DIRECTORY")
        closed = 0o037 if credentials and path.parent == Path(credentials) else 0o077
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & closed:
            raise KeyProblem(f"{what} {path} is open to other users; close it first: chmod 600 {path}")
        try:
            return file.read(65536)
        except OSError as error:
            raise KeyProblem(f"{what} {path} cannot be read: {error.strerror}.") from None
