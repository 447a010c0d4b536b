"""A real pseudo-terminal with the program in it, and an emulator that shows what a person would see."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyte

from tests import stretching

# How long the program is looked at, how often in a row: what it paints it paints within a hundredth of a second of being ready.
IDLE_S, IDLE_LOOKS = 0.03, 5
TIOCGPTN = 0x80045430


def _number_of(fd: int) -> int:
    (number,) = struct.unpack("I", fcntl.ioctl(fd, TIOCGPTN, bytes(4)))
    return int(number)


class Terminal:
    """The program in a pseudo-terminal of its own.

    Waiting is for a text on the screen or for the program's end, never for a time; the limit only ends a test that failed.
    """

    def __init__(
        self, words: Sequence[str], env: dict[str, str], *, columns: int = 80, lines: int = 24, early: bytes = b"",
        program: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.columns, self.lines = columns, lines
        self.raw = bytearray()
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            environment = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], **env}
            for name in ("COLUMNS", "LINES", "COLORTERM", "SSH_CONNECTION"):
                environment.pop(name, None)
            command = [*(program or stretching.NETBILL), *words]
            os.execvpe(command[0], command, environment)
        self.resize(columns, lines)
        if early:
            os.write(self.fd, early)
        self.code: int | None = None

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def send(self, keys: str | bytes) -> None:
        """One write, as a burst on a slow line arrives."""
        os.write(self.fd, keys.encode() if isinstance(keys, str) else keys)

    def read(self, patience: float) -> bytes:
        ready, _, _ = select.select([self.fd], [], [], patience)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            self.wait()
            return b""
        self._answer(data)
        self.raw += data
        # pyte knows neither of these private modes; left in, their parameters would be printed.
        self._stream.feed(data.replace(b"\x1b[>4;1m", b"").replace(b"\x1b[>4m", b"").replace(b"\x1b[<u", b""))
        return data

    def _answer(self, data: bytes) -> None:
        """What a terminal answers when it is asked what it can do."""
        for question, answer in (
            (b"\x1b[?2026$p", b"\x1b[?2026;2$y"),
            (b"\x1b[?2048$p", b"\x1b[?2048;0$y"),
            (b"\x1b[c", b"\x1b[?62;22c"),
        ):
            if question in data:
                os.write(self.fd, answer)

    @property
    def text(self) -> str:
        # The second cell of a wide letter holds nothing, also while another letter is being put over the first.
        lines, columns = range(self.screen.lines), range(self.screen.columns)
        return "\n".join("".join(self.screen.buffer[y][x].data for x in columns).rstrip() for y in lines)

    def wait_for(self, text: str, limit: float = 30.0) -> str:
        self.wait_until(lambda: text in self.text, lambda: f"{text!r} never came", limit)
        return self.text

    def wait_until(self, is_so: Callable[[], object], what: Callable[[], str], limit: float = 30.0) -> None:
        """Read until something holds of the screen; the limit only ends a test that failed."""
        end = time.monotonic() + limit
        while not is_so():
            if self.code is not None or time.monotonic() > end:
                raise AssertionError(f"{what()}; the screen shows:\n{self.text}\nexit {self.code}")
            self.read(0.2)

    def settle(self, limit: float = 60.0) -> str:
        """Read until the program has nothing to do but wait for a key: it has read every key, and none of its threads runs or wants to.

        A program that only gets no processor is not idle: its threads are runnable, however long nothing comes from it.
        """
        end, idle = time.monotonic() + limit, 0
        while idle < IDLE_LOOKS and self.code is None:
            if time.monotonic() > end:
                raise AssertionError(f"it never comes to rest; the screen shows:\n{self.text}")
            came = self.read(IDLE_S)
            idle = idle + 1 if not came and self._rests() else 0
        return self.text

    def _rests(self) -> bool:
        """True when every thread of the program sleeps and no typed key waits for it."""
        try:
            states = [
                line.rpartition(")")[2].split()[0]
                for task in os.listdir(f"/proc/{self.pid}/task")
                for line in [Path(f"/proc/{self.pid}/task/{task}/stat").read_text()]
            ]
            slave = os.open(f"/dev/pts/{_number_of(self.fd)}", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except (FileNotFoundError, ProcessLookupError, OSError):
            return False
        try:
            (unread,) = struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, bytes(4)))
        finally:
            os.close(slave)
        return not unread and set(states) <= {"S"}

    def wait(self, limit: float = 10.0) -> int:
        """The program's exit code."""
        end = time.monotonic() + limit
        while self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError(f"it does not end; the screen shows:\n{self.text}")
            else:
                self.drain()
        return self.code

    def drain(self) -> None:
        ready, _, _ = select.select([self.fd], [], [], 0.05)
        if ready:
            try:
                self.raw += os.read(self.fd, 65536)
            except OSError:
                return

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def close(self) -> None:
        if self.code is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.fd)
