"""Reports of mail that did not arrive, as mail servers write them (RFC 3464). Source: docs/collections.md, *Reports*."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Final, NamedTuple

from netbill_tui.errors import InvalidInput
from netbill_tui.patterns import Pattern
from netbill_tui.text import visible

LARGEST: Final = 4 * 1024 * 1024  # of a report; what is larger is none
_TOKEN = Pattern(r"bounce\+([0-9a-f]{1,16}-[0-9a-f]{14})@", re.IGNORECASE)
_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_STATUS = Pattern(r"[245]\.\d{1,3}\.\d{1,3}\Z")


class Report(NamedTuple):
    """A report: the mark of the message it is about, what it says (failed, delayed, delivered, or empty), and its code."""

    token: str
    action: str
    status: str


def read(content: bytes) -> Report | None:
    """The report in a mail; None where it is none, or about no message of ours."""
    mail = message_from_bytes(content[:LARGEST], policy=policy.default)
    token = next((m[1].lower() for name in _HEADERS for value in mail.get_all(name, []) if (m := _TOKEN.search(str(value)))), "")
    if not token:
        return None
    action, status = "", ""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in _blocks(part):
                action = action or str(block.get("Action", "")).strip().lower()
                code = str(block.get("Status", "")).strip()
                status = status or (code if _STATUS.match(code) else "")
    return Report(token, action, status)


def _blocks(part: EmailMessage | Message) -> Iterator[Message]:
    """The groups of fields of a status: they are parsed as messages without bodies."""
    content = part.get_payload()
    yield from (block for block in content if isinstance(block, Message)) if isinstance(content, list) else ()


def in_maildir(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The new mails of a Maildir, each with its file.

    Raises:
        InvalidInput: It is no Maildir, or cannot be read.
    """
    new = folder / "new"
    if not new.is_dir():
        raise InvalidInput(f"{visible(str(folder))[:80]} is no Maildir: it has no folder new.")
    for path in sorted(new.iterdir()):
        if path.is_file() and not path.is_symlink():
            try:
                with path.open("rb") as file:
                    yield path, file.read(LARGEST)
            except OSError as error:
                raise InvalidInput(f"{visible(str(path))[:120]} cannot be read: {error.strerror}.") from None
