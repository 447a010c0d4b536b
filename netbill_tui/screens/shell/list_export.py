"""A list as a file, written by the command that prints it."""

import asyncio
import io
import shlex
from collections.abc import Sequence
from pathlib import Path

from netbill_tui.errors import InvalidInput
from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.usecases.audit import exports

_FORMS = {"csv": "csv", "json": "json", "text": "txt"}


async def ask_export(screen: NetbillScreen, name: str, command: Sequence[str]) -> None:
    """Ask for a format, write the file, and show the command that does it."""
    from netbill_tui.screens.shell.forms.choice import ChoiceForm

    line = shlex.join(command)
    choices = (("c", "CSV, for a spreadsheet"), ("j", "JSON"), ("t", "text"), ("s", "only show the command"))
    key = await screen.ask(ChoiceForm(f"Export this list: {line}", choices))
    if key == "s":
        screen.tell(f"{line} --csv")
    elif key is not None:
        await export(screen, name, command, {"c": "csv", "j": "json", "t": "text"}[key], "")


async def export(screen: NetbillScreen, name: str, command: Sequence[str], form: str, path: str) -> None:
    """Write the list by the command that prints it.

    Args:
        screen: Whose list it is.
        name: The list's.
        command: The words of the command that prints it.
        form: csv, json or text.
        path: Name in the export folder; empty for one of the list and the day.

    Raises:
        InvalidInput: An unknown format, or a file that cannot be written.
    """
    if form not in _FORMS:
        raise InvalidInput(f"{form[:20]!r} is not a format; type csv, json or text.")
    if path and (Path(path).name != path or path.startswith(".")):
        raise InvalidInput("Exports go to your export folder; type a plain name such as big.csv.")
    out = io.StringIO()
    words = [*command[1:], *([] if form == "text" else [f"--{form}"])]
    # It leaves its audit event before the file: what left the book is known even where the disk then fails.
    await screen.write(lambda session: screen.netbill.run_words(session, words, out, "plain"))
    file = path or f"{name}-{screen.session.date().isoformat()}.{_FORMS[form]}"
    try:
        written = await asyncio.to_thread(exports.write_numbered, screen.session, file, out.getvalue())
    except OSError as error:
        raise InvalidInput(f"The file cannot be written: {error.strerror}; nothing is overwritten.") from None
    screen.done(f"Written to {written}: {shlex.join(['netbill', *words])}")
