"""What is left of an error that nobody foresaw: an incident id, and a log without a single local value."""

import os
import time
import traceback

from netbill_tui.settings import state_home


def record(error: BaseException) -> str:
    """Write type and places of the error to the log; the sentence for the operator.

    Neither the message nor any variable is written: both may hold what is sealed in the book.
    """
    incident = os.urandom(4).hex()
    places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    folder = state_home()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(folder / "errors.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            file.write(f"{stamp} {incident} {type(error).__name__}\n" + "".join(f"  {p}\n" for p in places))
    except OSError:
        return f"Unexpected error ({type(error).__name__}); the command stopped."
    return (
        f"Unexpected error; the command stopped. Report incident {incident} with {folder / 'errors.log'}, "
        "which holds no customer data."
    )
