"""What is asked through sshd's forced command: `ssh -T book find 4417`.

sshd runs the words of authorized_keys and hands over what the client typed in SSH_ORIGINAL_COMMAND. It is split as a shell splits
words, and no shell sees it; it holds a command of netbill and its words, for the operator whom the key names, in the book
that the server names.
"""

import os
import shlex
from collections.abc import Mapping, Sequence

from netbill_tui.cli.core.declared import NAMES, spelled
from netbill_tui.cli.core.parser import build
from netbill_tui.errors import InvalidInput
from netbill_tui.text import visible

LONGEST = 4000
# What decides which book, who acts, and by which secret: the server's and the key's to say.
_SERVERS = ("book", "operator", "password_file", "credential", "accept_shared_file")
# They make a book or put another in its place, or read and write files of the server.
_ON_THE_SERVER = frozenset({"init", "demo", "restore", "recovery", "import", "backup", "keymap", "theme", "config", "script"})
# Options and words that name a file of the server.
_FILES = frozenset(
    "file profile write_profile report checkpoint write_credential code_file new_password_file second_password_file shares_file "
    "write identity pdf xml".split()
)


def words_of(argv: Sequence[str], environment: Mapping[str, str] = os.environ) -> list[str]:
    """The words of the command line, with what the client asked where the forced command itself names no command.

    Raises:
        InvalidInput: What was asked is no command of netbill, or says what only the server says.
    """
    asked = environment.get("SSH_ORIGINAL_COMMAND", "").strip()
    if not asked or build(argv).parse_args(argv).command is not None:
        return list(argv)
    if len(asked) > LONGEST:
        raise InvalidInput(f"The command has {len(asked)} characters; type at most {LONGEST}.")
    try:
        words = shlex.split(asked)
    except ValueError:
        raise InvalidInput(f"A quote is not closed in {visible(asked)[:60]!r}; type it again.") from None
    if words[:1] == ["netbill"]:
        words = words[1:]
    if not words:
        return list(argv)
    words = spelled(words)
    if words[0] not in NAMES and not words[0].startswith("-"):
        first = visible(words[0])[:40]
        raise InvalidInput(f"{first!r} is not a command of netbill; type one such as: ssh -T book find 4417")
    if words[0] in _ON_THE_SERVER:
        raise InvalidInput(f"{words[0]} makes or reads files of the server; run it on the server itself.")
    parsed = build(words).parse_args(words)
    if parsed.command in _ON_THE_SERVER or (parsed.command == "keys" and getattr(parsed, "what", "") == "pepper"):
        raise InvalidInput(f"{parsed.command} makes or reads files of the server; run it on the server itself.")
    for name in _FILES:
        # `audit --checkpoint` writes where the server says; a name is one of a file.
        if getattr(parsed, name, None) not in (None, "", [], False, True):
            raise InvalidInput(
                f"{name.replace('_', '-')} names a file of the server; leave it out, or work on the server itself."
            )
    for name in _SERVERS:
        if getattr(parsed, name, None) is not None:
            raise InvalidInput(f"--{name.replace('_', '-')} is set by the server, not through ssh; leave it out.")
    return [*argv, *words]
