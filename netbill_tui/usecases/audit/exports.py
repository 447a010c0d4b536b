"""Files that an operator writes: a new one each, for its owner alone, and under a service account in the operator's own folder.

Several operators share the Unix user of a service account, so its files are none of theirs: without the right to write files
anywhere each has one folder. Where the Unix user is the operator's own, that user's own rights decide.
"""

import os
from contextlib import suppress
from pathlib import Path

from netbill_tui.errors import InvalidInput, NotPermitted, Refused
from netbill_tui.security import rights
from netbill_tui.settings import data_home
from netbill_tui.text import visible
from netbill_tui.usecases.core import host
from netbill_tui.usecases.core.session import Session

OWN, ANYWHERE = "own", "anywhere"
_MOST = 1000


def is_confined(session: Session) -> bool:
    """Whether files go into the operator's own folder alone: under a service account, or where the settings say so."""
    return session.settings.exports == OWN or (session.settings.exports != ANYWHERE and host.is_service_account())


def folder(session: Session) -> Path:
    """The folder of the exports: of this Unix user, or of the operator where several share one. It is made if it is not there.

    Raises:
        Refused: Something else than a folder of ours stands there.
    """
    exports = data_home() / "exports"
    parts = [exports]
    if is_confined(session):
        session.sign_in_if_needed()  # a name alone opens nobody's folder
        name = session.who
        if not name or name != os.path.basename(name) or name.startswith("."):
            raise Refused("Nobody is signed in, so there is no folder to write to; sign in first.")
        parts.append(exports / name)
    for part in parts:
        part.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        try:
            os.mkdir(part, 0o700)
        except FileExistsError:
            status = os.lstat(part)
            if part.is_symlink() or not part.is_dir() or status.st_uid != os.geteuid() or status.st_mode & 0o022:
                raise Refused(f"{part} is not a private folder of netbill; remove it or correct its owner and mode.") from None
    return parts[-1]


def inner_folder(session: Session, name: str) -> Path:
    """A folder for many files within that of the exports. It is made if it is not there.

    Raises:
        Refused: Something else than a folder of ours stands there.
    """
    path = folder(session) / name
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    status = os.lstat(path)
    if path.is_symlink() or not path.is_dir() or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise Refused(f"{path} is not a private folder of netbill; remove it or correct its owner and mode.")
    return path


def place(session: Session, typed: str) -> Path:
    """Where a file goes that an operator named.

    Raises:
        NotPermitted: Under a service account, another folder than the operator's own, without the right to write anywhere.
    """
    path = Path(typed).expanduser()
    if not is_confined(session):
        return path
    own = folder(session)
    if path.parent in (Path(), own):
        return own / path.name
    try:
        session.needs(rights.FILES)
    except NotPermitted:
        raise NotPermitted(f"{visible(typed)} lies outside your folder {own}; type a name without a folder.") from None
    return path


def is_free(path: Path) -> None:
    """Refuse a file that is there already.

    Raises:
        InvalidInput: It is.
    """
    if path.exists():
        raise InvalidInput(f"{path} exists already; name another file.")


def write(session: Session, typed: str, content: bytes) -> Path:
    """Write a new file, readable by its owner alone; where it went.

    Raises:
        InvalidInput: It is there already, or cannot be written.
        NotPermitted: Not there.
    """
    path = place(session, typed)
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise InvalidInput(f"{path} exists already; name another file.") from None
    except OSError as error:
        raise InvalidInput(f"{visible(str(path))} cannot be written: {error.strerror}; nothing was written.") from None
    with os.fdopen(fd, "wb") as file:
        file.write(content)
    return path


def write_numbered(session: Session, name: str, text: str | bytes, *, over: bool = False) -> Path:
    """Write a text or a document into the folder of exports, over nothing; where it went.

    Args:
        session: Whose.
        name: A plain file name; where it is taken, a number goes behind it.
        text: What to write.
        over: Take the place of the one that was written before.

    Raises:
        Refused: There are a thousand of that name.
    """
    where = folder(session)
    if name != os.path.basename(name) or name.startswith("."):
        raise InvalidInput(f"{visible(name)[:60]!r} is no name of a file; nothing was written.")
    if over:
        # What stands there is ours and goes, whatever it is; a link is not followed.
        (where / name).unlink(missing_ok=True)
    for number in range(1, _MOST):
        path = where / (name if number == 1 else f"{Path(name).stem}-{number}{Path(name).suffix}")
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(fd, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        return path
    raise Refused(f"The folder {where} has a thousand files of this name; clear it first.")
