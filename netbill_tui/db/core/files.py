"""The files of a book: whose they are, which they are, and no name among them that somebody else can make or move.

A book has one name. A second hard link of it would have a log and a lock of its own, and of two programs that write by one name
each the later would undo what the earlier had saved; so its real path is what counts, and its link count is one.
"""

import ctypes
import errno
import grp
import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path

from netbill_tui.errors import BookProblem

SIDES = ("-wal", "-shm", ".lock", "-journal")
# Groups below this number come with Debian; their members are trusted with /var/local and /srv, which they can write.
_SYSTEM_GROUPS = 100
_MOST_LINKS = 40  # as many as the kernel follows
_NO_REPLACE = 1
_AT_FDCWD = -100


class Sharing:
    """Whether this process takes a book that its Unix group can write (docs/security.md, *The terminal, files, the host*, M3).

    Attributes:
        accepted: Set once, from the settings, before a book is opened.
    """

    accepted = False


def real(target: str | Path) -> Path:
    """The one path of a book, whatever links lead to it: its log, its lock and its neighbours are found beside that."""
    return Path(os.path.realpath(os.path.expanduser(target)))


def check_book(path: Path) -> None:
    """Refuse a book that is missing, or that others than its owner can read, replace or reach by another name.

    Args:
        path: As `real` gives it.

    Raises:
        BookProblem: With the command that mends it.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        raise BookProblem(f"There is no book at {path}; make one with netbill init, or try netbill demo.") from None
    except OSError as error:
        raise BookProblem(f"{path} cannot be looked at: {error.strerror}.") from None
    if not stat.S_ISREG(status.st_mode):
        raise BookProblem(f"{path} is not a file; name the book itself with --book.")
    if _is_mounted(path):
        raise BookProblem(
            f"{path} is a mount point of its own: whoever opens the file by its other path has another log and lock, and would "
            "undo what is saved here. Mount the folder of the book, not the file."
        )
    if status.st_mode & (0o007 if Sharing.accepted else 0o077):
        raise BookProblem(f"{path} is open to other users (mode {_mode(status)}); close it first: chmod 600 {path}")
    check_one_name(path, status)
    if not Sharing.accepted and status.st_uid != os.geteuid():
        owner = _name_of(status.st_uid)
        raise BookProblem(f"{path} belongs to {owner}; work in it as {owner}: sudo -u {owner} netbill --book {path} ...")
    check_folders(path)
    for suffix in SIDES:
        _check_side(Path(f"{path}{suffix}"), status.st_uid)


def _is_mounted(path: Path) -> bool:
    """Whether the file itself is mounted there, as a container mounts single files."""
    try:
        text = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    name = str(path)
    for letter in "\\ \t\n":
        name = name.replace(letter, f"\\{ord(letter):03o}")
    return any(len(words := line.split(" ")) > 4 and words[4] == name for line in text.splitlines())


def check_one_name(path: Path, status: os.stat_result) -> None:
    """Refuse a book that has a second name.

    Raises:
        BookProblem: With what finds and ends it.
    """
    if status.st_nlink > 1:
        raise BookProblem(
            f"{path} has {status.st_nlink} names (hard links); whoever opened it by another one would undo what is saved here. "
            f"Keep one: find {_top(path)} -xdev -samefile {path} lists them; make a separate copy with cp."
        )


def _top(path: Path) -> Path:
    here = path.parent
    with suppress(OSError):
        while here != here.parent and not os.path.ismount(here):
            here = here.parent
    return here


def _check_side(path: Path, owner: int) -> None:
    """The log, its index and the lock are files of the book's owner, under one name, that nobody else can write."""
    try:
        status = os.lstat(path)
    except OSError:
        return
    allowed = (0o002 if Sharing.accepted else 0o022) & status.st_mode
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1 or allowed or (status.st_uid != owner and not Sharing.accepted):
        raise BookProblem(
            f"{path} is not what the program made (owner {_name_of(status.st_uid)}, mode {_mode(status)}, "
            f"{status.st_nlink} names); somebody else put it there. Look at it, keep a copy, and restore the book from a backup "
            "if you did not do it."
        )


def check_folders(path: Path, *, own: bool = True) -> None:
    """Refuse a book whose folder, or one above it, lets others put another one in its place.

    The book's own folder is its owner's alone. Above it a folder that everybody can write must be sticky, as /tmp is.

    Args:
        path: Of the book, or of the first folder that is to be made for it.
        own: Whether it stands, or will, in the book's own folder.

    Raises:
        BookProblem: With folder, mode and the command that mends it.
    """
    allowed = {0, os.geteuid()}
    with suppress(OSError):
        allowed.add(os.lstat(path).st_uid)
    for folder in path.parents:
        try:
            status = os.stat(folder)
        except OSError as error:
            raise BookProblem(f"{folder} cannot be looked at: {error.strerror}.") from None
        mine = own and folder == path.parent
        writable = status.st_mode & 0o022
        if writable & 0o020 and (Sharing.accepted or not mine) and _trusted_group(status):
            writable &= ~0o020
        if Sharing.accepted and mine:
            writable &= ~0o020
        if writable and (mine or not status.st_mode & stat.S_ISVTX):
            mend = f"chmod go-w {folder}" if not status.st_mode & stat.S_ISVTX else f"mkdir -m 700 {folder}/book"
            raise BookProblem(
                f"{folder} can be written by others (mode {_mode(status)}), so they could put another book in the place of "
                f"{path}; {'close it first' if 'chmod' in mend else 'give the book a folder of its own'}: {mend}"
            )
        if not Sharing.accepted and status.st_uid not in allowed:
            raise BookProblem(
                f"{folder} belongs to {_name_of(status.st_uid)}, who could put another book in the place of {path}; keep the "
                "book in a folder of your own."
            )


def check_links(target: str | Path) -> None:
    """Refuse a way to a book on which somebody else could turn a link, to another book of the same owner.

    Args:
        target: As it was typed; of `real`, there is nothing to say.

    Raises:
        BookProblem: With the link, or its folder, and what mends it.
    """
    way = Path(target).expanduser().absolute()
    for _ in range(_MOST_LINKS):
        link = next((place for place in (*reversed(way.parents), way) if place.is_symlink()), None)
        if link is None:
            return
        owner = os.lstat(link).st_uid
        if owner not in (0, os.geteuid()) and not Sharing.accepted:
            raise BookProblem(
                f"{link} is a link of {_name_of(owner)}, who could point it to another book; name the book itself: {real(target)}"
            )
        check_folders(link, own=False)
        way = link.parent / os.readlink(link) / way.relative_to(link)


def _trusted_group(status: os.stat_result) -> bool:
    """A group of the system's own, or one of nobody but us."""
    if Sharing.accepted or (status.st_uid == 0 and status.st_gid < _SYSTEM_GROUPS):
        return True
    with suppress(KeyError):
        me = pwd.getpwuid(os.geteuid()).pw_name
        group = grp.getgrgid(status.st_gid)
        return group.gr_name == me and set(group.gr_mem) <= {me}
    return False


def _mode(status: os.stat_result) -> str:
    return f"{stat.S_IMODE(status.st_mode):04o}"


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


class Identity:
    """Which files are open: the book, and its log once there is one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._book: tuple[int, int] | None = None
        self._log: tuple[int, int] | None = None
        self._index: tuple[int, int] | None = None

    def opened(self, *, first: bool) -> None:
        """A connection was opened; the first one of this process decides what is open.

        Raises:
            BookProblem: The path names another file than before.
        """
        if first:
            self._log = self._index = None
        if self._book is None:
            self._book = _of(os.stat(self._path))
        self._check_book()
        self._see_log()

    def without_log(self) -> None:
        """The log is put away, or made anew, by this program itself."""
        self._log = self._index = None

    def check(self) -> None:
        """Stop when the path no longer names the files that are open, or names them twice.

        Raises:
            BookProblem: It was replaced, deleted or linked, or its log was.
        """
        self._check_book()
        if self._log is None:
            self._see_log()
            return
        for suffix, known in (("-wal", self._log), ("-shm", self._index)):
            now = _seen(f"{self._path}{suffix}")
            if known is not None and now != known:
                how = "removed" if now is None else "replaced"
                raise BookProblem(
                    f"{self._path}{suffix} was {how} while the book was open, and with it what was saved last; leave, run "
                    "netbill verify and look whether your last entries are there."
                )

    def _check_book(self) -> None:
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            raise BookProblem(f"{self._path} was deleted while it was open; restore it and start again.") from None
        if _of(status) != self._book:
            raise BookProblem(f"{self._path} was replaced while it was open; leave and start again.")
        check_one_name(self._path, status)

    def _see_log(self) -> None:
        self._log, self._index = _seen(f"{self._path}-wal"), _seen(f"{self._path}-shm")


def _seen(path: str) -> tuple[int, int] | None:
    try:
        return _of(os.stat(path))
    except FileNotFoundError:
        return None


def _of(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def uri(path: Path, mode: str) -> str:
    """The address under which SQLite opens a file, in a mode of its own."""
    return f"file:{str(path).replace('%', '%25').replace('?', '%3f').replace('#', '%23')}?mode={mode}"


def publish(part: Path, place: Path) -> None:
    """Give a finished file its name, unless something stands there; on file systems without hard links too.

    Raises:
        FileExistsError: Something has that name.
        OSError: It cannot be done.
    """
    try:
        _rename_new(part, place)
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
            raise
        # Claimed by an empty file of our own, which ours then takes the place of.
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        try:
            os.rename(part, place)
        except OSError:
            place.unlink(missing_ok=True)
            raise


def _rename_new(part: Path, place: Path) -> None:
    """The kernel's rename that never takes another's place; Python has no word for it."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(_AT_FDCWD, os.fsencode(part), _AT_FDCWD, os.fsencode(place), _NO_REPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(place))


def is_private(folder: Path) -> bool:
    """Whether nobody else can make, rename or remove names in a folder."""
    status = os.stat(folder)
    return status.st_uid in (0, os.geteuid()) and (not status.st_mode & 0o022 or bool(status.st_mode & stat.S_ISVTX))


def shred(file: Path) -> None:
    """Overwrite a file of our own and remove it; a link is only unlinked, what is somebody else's stays.

    On flash and copying file systems the old blocks may live on; disk encryption ends that.

    Raises:
        PermissionError: It is not ours, or has a second name, so that overwriting would destroy more than this.
    """
    fd = os.open(file, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "It is not a file of this program alone", str(file))
        _overwrite(fd, status.st_size)
    finally:
        os.close(fd)
    file.unlink(missing_ok=True)


def _overwrite(fd: int, size: int) -> None:
    left = size
    while left > 0:
        left -= os.write(fd, bytes(min(left, 1 << 20)))
    os.fsync(fd)


def shred_folder(folder: Path) -> None:
    """Overwrite and remove the files of a folder of our own, and the folder; follows no link, whoever renames what meanwhile.

    Raises:
        OSError: It is no folder, or not ours; then nothing was touched.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(fd)
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) != 0o700:
            raise PermissionError(errno.EPERM, "It is not a folder of this program alone", str(folder))
        for name in os.listdir(fd):
            _shred_at(fd, name)
    finally:
        os.close(fd)
    folder.rmdir()


def _shred_at(folder: int, name: str) -> None:
    with suppress(OSError):
        fd = os.open(name, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            status = os.fstat(fd)
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_uid == os.geteuid():
                _overwrite(fd, status.st_size)
        finally:
            os.close(fd)
    # What is no plain file of ours is a name only: the name goes, what it leads to stays.
    with suppress(OSError):
        os.unlink(name, dir_fd=folder)
