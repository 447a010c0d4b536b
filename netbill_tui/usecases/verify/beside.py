"""A part of verify in a process of its own, where two processors serve: the chain and the pages of the file, half of the work."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from netbill_tui.db.core import files
from netbill_tui.db.core.engine import Database, is_url
from netbill_tui.db.verify import chain
from netbill_tui.usecases.core.checks import Check

# What takes no key, and about half of the time of a whole verify.
TITLES = ("audit chain and journal hashes", "storage and schema")
# Below that many rows a second process takes longer to start than it saves.
WORTH = 200_000


class Beside:
    """The process, where there is one, and what it found."""

    def __init__(self, process: "subprocess.Popen[str] | None") -> None:
        self._process = process

    @property
    def runs(self) -> bool:
        """Whether the checks of TITLES are looked at beside."""
        return self._process is not None

    def results(self) -> dict[str, list[Check]]:
        """Wait for what it found, by title; nothing where it could not look, and the caller looks itself."""
        process = self._process
        if process is None:
            return {}
        out, _ = process.communicate()
        with suppress(ValueError, KeyError, TypeError):
            checks = [Check(c["name"], int(c["rows"]), [str(b) for b in c["broken"]]) for c in json.loads(out)["checks"]]
            if len(checks) == len(TITLES):
                return {title: [check] for title, check in zip(TITLES, checks, strict=True)}
        return {}


@contextmanager
def beginning(db: Database, *, quick: bool) -> Iterator[Beside]:
    """Look at a part beside, where that is worth it; whatever runs is ended with the block."""
    worth = not quick and len(os.sched_getaffinity(0)) > 1 and chain.most_rows(db) >= WORTH
    process = _started(db) if worth else None
    try:
        yield Beside(process)
    finally:
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()


def _started(db: Database) -> "subprocess.Popen[str] | None":
    # Isolated, with an environment and a folder of its own; a server's URL may hold a password, which no list of processes shows.
    words = [sys.executable, "-I", "-m", "netbill_tui", "verify", "--beside", "--json", "--quiet", "--no-input"]
    words += ["--accept-shared-file"] if files.Sharing.accepted else []
    target = db.target if is_url(db.target) else str(Path(db.target).expanduser().absolute())
    own = {name: value for name, value in os.environ.items() if name == "HOME" or name.startswith("PG")}
    fixed = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "NETBILL_BOOK": target, "NETBILL_READONLY": "on"}
    with suppress(OSError):
        return subprocess.Popen(  # noqa: S603 - our own interpreter and program
            words,
            env=own | fixed,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    return None
