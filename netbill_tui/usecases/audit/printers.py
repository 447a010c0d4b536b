"""The printer: a command of the settings that takes a document on its standard input.

It is run without a shell, in an environment of its own. Under a service account it is the administrator's to say which: what an
operator could name there would run with the rights of the account.
"""

import os
import shlex
import shutil
import subprocess
import tempfile

from netbill_tui.errors import PrintUnknown, Refused
from netbill_tui.settings import SYSTEM_FILE
from netbill_tui.text import visible
from netbill_tui.usecases.audit.exports import is_confined
from netbill_tui.usecases.core.session import Session

OFF = "off"
PATIENCE_S = 30.0
_PATH = f"/usr/local/bin:{os.defpath}"


def words(session: Session) -> list[str]:
    """The command that prints, as words.

    Raises:
        Refused: There is none, or it is not the administrator's under a service account.
    """
    command = session.settings.printer.strip()
    if not command or command == OFF:
        raise Refused('No printer is set; write printer = "lp" into the configuration (netbill config shows which file).')
    if is_confined(session) and session.settings.printer_from not in ("default", str(SYSTEM_FILE)):
        raise Refused(f"Several people work as this account, so its printer is set in {SYSTEM_FILE}; ask an administrator.")
    try:
        parts = shlex.split(command)
    except ValueError:
        raise Refused(
            f"printer = {visible(command)[:60]!r} has a quotation mark that is not closed; correct the configuration."
        ) from None
    if shutil.which(parts[0], path=_PATH) is None:
        raise Refused(f"There is no program {visible(parts[0])[:60]}; install it (lp: cups-client), or set printer.")
    return parts


def send(session: Session, document: bytes) -> str:
    """Give a document to the printer's command; the command as it was run.

    Raises:
        Refused: There is none, it is not there, or it did not take the document.
        PrintUnknown: It took too long; whether something was printed is for somebody to look at.
    """
    command = words(session)
    shown = visible(shlex.join(command))[:60]
    environment = {k: os.environ[k] for k in ("HOME", "USER", "LOGNAME", "CUPS_SERVER") if k in os.environ}
    environment |= {"PATH": _PATH, "LC_ALL": "C.UTF-8"}
    # Files and no pipes: what the command leaves running in the background holds none of ours.
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as complaints:
        source.write(document)
        source.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - the administrator's own words, and no shell
                command, stdin=source, stdout=subprocess.DEVNULL, stderr=complaints, env=environment, cwd="/"
            )
        except OSError as error:
            raise Refused(f"{shown} cannot be run: {error.strerror}; set printer in the configuration.") from None
        try:
            code = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise PrintUnknown(
                f"{shown} was not done in {PATIENCE_S:.0f} seconds and was stopped; look at the printer before you print again."
            ) from None
        complaints.seek(0)
        said = visible(complaints.read(4000).decode(errors="replace").strip().split("\n")[-1]) or "nothing"
    if code:
        raise Refused(f"{shown} did not take the document (exit {code}); it says: {said[:120]}.")
    return shown
