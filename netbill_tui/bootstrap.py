"""Where the parts are joined: a session from settings."""

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from netbill_tui.db.core.engine import is_url
from netbill_tui.errors import BookProblem, InvalidInput, KeyProblem, NotPermitted
from netbill_tui.settings import Settings, data_home
from netbill_tui.usecases.core.open_book import open_book
from netbill_tui.usecases.core.session import Session, SessionSettings

if TYPE_CHECKING:
    from netbill_tui.integrations.mail import Server


def open_session(settings: Settings, *, as_of: date | None = None, upgrading: bool = False) -> Session:
    """The session of the book in the settings; keys are unlocked when first needed.

    Raises:
        BookProblem: The book cannot be opened.
    """
    try:
        session = open_book(settings.book, as_of=as_of, upgrading=upgrading)
    except BookProblem as problem:
        demo_book = data_home() / "demo.db"
        if not is_url(settings.book) and not os.path.exists(settings.book) and demo_book.exists():
            raise BookProblem(f"{problem} There is a demo book at {demo_book}: open it with --book {demo_book}") from None
        raise
    session.unlock = unlocker(settings)
    session.acting = "demo" if session.book.demo and not credential(settings) else settings.operator
    session.settings = SessionSettings(
        peppers(settings), settings.checkpoint_file, int(settings.clock_days), settings.exports, settings.printer,
        settings.origins.get("printer", "default"), settings.readonly == "on",
    )  # fmt: skip
    return session


def finish_upgrade(settings: Settings, on_progress: Callable[[int, int], None] | None = None) -> tuple[int, int]:
    """Sign and vouch for what an older version made; operators and records. Asks for an administrator where that is needed.

    Raises:
        KeyProblem: It is needed, and nobody who can sign is signed in.
    """
    from netbill_tui.usecases.books import sign_old_book

    session = open_session(settings, upgrading=True)
    session.settings = session.settings._replace(clock_days=0)  # an old book may not have been used for long
    try:
        what = sign_old_book.step(session)
        if not what:
            return 0, 0
        session.unlock = unlocker(settings, unsigned=what == "sign")
        return sign_old_book.finish(session, on_progress)
    finally:
        session.db.close()


def unlocker(settings: Settings, *, unsigned: bool = False) -> Callable[[Session], None]:
    """How the session signs in without a screen: a principal's key, demo key, password file, or a question on the terminal.

    Args:
        settings: What was given.
        unsigned: Let in an operator whose record nobody signed, for the upgrade that signs it.
    """

    def unlock(session: Session) -> None:
        # The key machinery costs 15 ms of import; a read that needs no key does without.
        from netbill_tui.usecases.access import sign_in
        from netbill_tui.usecases.core import demo_key as demo

        key = credential(settings)
        if key:
            sign_in.sign_in_with_credential(session, Path(key).expanduser())
            assert session.operator is not None
            if settings.origins.get("operator", "").startswith("--") and settings.operator != session.operator.name:
                name, session.operator = session.operator.name, None
                raise NotPermitted(f"The credential belongs to {name}, not to {settings.operator}; leave --operator out.")
        elif session.book.demo:
            sign_in.sign_in_with_bundle(session, demo.OPERATOR, demo.key_file(settings.book), unsigned=unsigned)
        else:
            name = settings.operator or _only_operator(session)
            session.acting = name
            sign_in.sign_in(session, name, password(settings, name), unsigned=unsigned)

    return unlock


def _only_operator(session: Session) -> str:
    """The operator of a book that has one; asked on the terminal where there are several, when nobody said who they are.

    Raises:
        KeyProblem: There are several, and nobody can be asked.
    """
    from netbill_tui.usecases.access.operators import operator_names

    known = operator_names(session)
    if len(known) == 1:
        return known[0]
    if sys.stdin is None or not sys.stdin.isatty() or os.environ.get("NETBILL_NO_INPUT"):
        raise KeyProblem("netbill does not know who you are; give --operator NAME.")
    print("Operator: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def credential(settings: Settings) -> str:
    """Path of the principal's key: the one in the settings, else what systemd's LoadCredential=netbill gave; or empty."""
    path = os.path.join(os.environ.get("CREDENTIALS_DIRECTORY") or os.devnull, "netbill")
    return settings.credential or (path if not settings.password_file and os.path.exists(path) else "")


def peppers(settings: Settings) -> tuple[bytes, ...]:
    """What stands beside the passwords, the one in force first: from the files of the settings, or systemd's credential.

    Raises:
        KeyProblem: A file is missing, readable by others, or no pepper.
    """
    default = os.path.join(os.environ.get("CREDENTIALS_DIRECTORY") or os.devnull, "netbill-pepper")
    names = [n for n in settings.pepper_file.split(":") if n] or ([default] if os.path.exists(default) else [])
    if not names:
        return ()
    from netbill_tui.usecases.core.host import read_private_file

    paths = []
    for name in names:
        raw = read_private_file(Path(name).expanduser(), "The pepper")
        if len(raw) != 32:
            raise KeyProblem(f"{name} is not a pepper of 32 bytes; make one with netbill keys pepper FILE.")
        paths.append(raw)
    return tuple(paths)


def password(settings: Settings, name: str = "") -> str:
    """The password from its file, or asked on the terminal without echo.

    Raises:
        KeyProblem: There is neither a file nor a terminal.
    """
    from netbill_tui.usecases.core.host import read_private_file

    if settings.password_file:
        raw = read_private_file(Path(settings.password_file).expanduser(), "The password file")
        try:
            return raw.decode().removesuffix("\n")
        except UnicodeDecodeError:
            raise KeyProblem(f"The password file {settings.password_file} is not UTF-8 text.") from None
    if sys.stdin is None or not sys.stdin.isatty() or os.environ.get("NETBILL_NO_INPUT"):
        raise KeyProblem("netbill cannot ask for the password here; give --password-file FILE (mode 600).")
    import getpass

    return getpass.getpass(f"Password of {name or settings.operator}: ")


def new_password(file: str, *, no_input: bool, what: str = "") -> str:
    """A password that is chosen now: from its file, or typed twice.

    Raises:
        KeyProblem: There is neither a file nor a terminal.
        InvalidInput: The two differ.
    """
    from netbill_tui.usecases.core.host import read_private_file

    if file:
        try:
            return read_private_file(Path(file).expanduser(), "The password file").decode().removesuffix("\n")
        except UnicodeDecodeError:
            raise KeyProblem(f"The password file {file} is not UTF-8 text.") from None
    if no_input or sys.stdin is None or not sys.stdin.isatty():
        raise KeyProblem("netbill cannot ask for the password here; give --password-file FILE (mode 600).")
    import getpass

    first = getpass.getpass(f"The {what}password: ")
    if getpass.getpass("Type it again: ") != first:
        raise InvalidInput("The two passwords differ; start again.")
    return first


def can_unlock_silently(session: Session, settings: Settings) -> bool:
    """True when signing in needs no question."""
    return session.book.demo or bool(settings.password_file) or bool(credential(settings))


def mail_server(settings: Settings) -> "Server":
    """The mail server of the settings.

    Raises:
        InvalidInput: There is none, or it cannot be read.
        KeyProblem: Its password file is readable by others.
    """
    from netbill_tui.integrations.mail import server_of
    from netbill_tui.usecases.core.host import read_private_file

    if not settings.mail_server:
        raise InvalidInput(
            "No mail server is set; write mail_server, mail_from and mail_password_file into the configuration, or set "
            "NETBILL_MAIL_SERVER and the others."
        )
    secret = ""
    if settings.mail_password_file:
        raw = read_private_file(Path(settings.mail_password_file).expanduser(), "The mail password file")
        secret = raw.decode("utf-8", "replace").rstrip("\n")
    return server_of(settings.mail_server, settings.mail_from, secret)
