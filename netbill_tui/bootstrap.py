"""Where the parts are joined: a session from settings."""

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from netbill_tui.errors import KeyProblem, NotPermitted
from netbill_tui.services.opening import open_book
from netbill_tui.services.session import Session
from netbill_tui.settings import Settings


def open_session(settings: Settings, *, as_of: date | None = None) -> Session:
    """The session of the book in the settings; keys are unlocked when first needed.

    Raises:
        BookProblem: The book cannot be opened.
    """
    session = open_book(settings.book, as_of=as_of)
    session.unlock = unlocker(settings)
    session.acting = "demo" if session.book.demo and not credential(settings) else settings.operator
    session.readonly = settings.readonly == "on"
    return session


def unlocker(settings: Settings) -> Callable[[Session], None]:
    """How the session signs in without a screen: a principal's key, demo key, password file, or a question on the terminal."""

    def unlock(session: Session) -> None:
        # The key machinery costs 15 ms of import; a read that needs no key does without.
        from netbill_tui.services import demo, operators

        key = credential(settings)
        if key:
            operators.sign_in_with_credential(session, Path(key).expanduser())
            assert session.operator is not None
            if settings.origins.get("operator", "").startswith("--") and settings.operator != session.operator.name:
                name, session.operator = session.operator.name, None
                raise NotPermitted(f"The credential is that of {name}, not of {settings.operator}; leave --operator out.")
        elif session.book.demo:
            operators.sign_in_with_bundle(session, demo.OPERATOR, demo.key_file(settings.book))
        else:
            operators.sign_in(session, settings.operator, password(settings))

    return unlock


def credential(settings: Settings) -> str:
    """Path of the principal's key: the one in the settings, else what systemd's LoadCredential=netbill gave; or empty."""
    given = os.path.join(os.environ.get("CREDENTIALS_DIRECTORY") or os.devnull, "netbill")
    return settings.credential or (given if not settings.password_file and os.path.exists(given) else "")


def password(settings: Settings) -> str:
    """The password from its file, or asked on the terminal without echo.

    Raises:
        KeyProblem: There is neither a file nor a terminal.
    """
    from netbill_tui.services.operators import read_private_file

    if settings.password_file:
        raw = read_private_file(Path(settings.password_file).expanduser(), "The password file")
        try:
            return raw.decode().removesuffix("\n")
        except UnicodeDecodeError:
            raise KeyProblem(f"The password file {settings.password_file} is not UTF-8 text.") from None
    if sys.stdin is None or not sys.stdin.isatty() or os.environ.get("NETBILL_NO_INPUT"):
        raise KeyProblem("Nobody can be asked for the password here; give --password-file FILE (mode 600).")
    import getpass

    return getpass.getpass(f"Password of {settings.operator}: ")


def can_unlock_silently(session: Session, settings: Settings) -> bool:
    """True when signing in needs no question."""
    return session.book.demo or bool(settings.password_file) or bool(credential(settings))
