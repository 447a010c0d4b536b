"""R12, S5, S6, S18: terminals of any size, hostile text on every way to the terminal, crashes without a value, reveals that end."""

import asyncio
import os
import random
import re
import time
from pathlib import Path

from netbill_tui.app import NetbillApp
from netbill_tui.settings import Settings
from netbill_tui.text import visible
from tests.conftest import Desk
from tests.proof.books import canaries, make
from tests.proof.report import Report, Run, proof
from tests.terminal.terminal import Terminal


@proof(
    "R12", "resizes without end, to nothing and back, while the screen changes: no crash, the last frame is right", "ignores-size"
)
def r12(run: Run) -> Report:
    report, chance = Report(), random.Random(run.seed)
    target = str(run.place / "b.db")
    made = make(target, customers=60)
    made.session.db.close()
    one = Terminal(["tui"], {"NETBILL_BOOK": target, "HOME": str(run.place)})
    try:
        one.wait_for("Dashboard")
        one.send("gc")
        one.wait_for("C10")
        count = run.size(200, 2_000)
        for n in range(count):
            size = chance.choice(
                [
                    (0, 0),
                    (1, 1),
                    (5, 3),
                    (20, 5),
                    (40, 10),
                    (200, 60),
                    (80, 24),
                    (chance.randrange(1, 250), chance.randrange(1, 70)),
                ]
            )
            if size[0] and size[1]:
                one.resize(*size)
            else:
                import fcntl
                import struct
                import termios

                fcntl.ioctl(one.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
            if n % 5 == 0:
                one.send(chance.choice("jkG"))
            one.read(0.004)
        one.resize(80, 24)
        if run.sabotage == "ignores-size":
            one.screen.resize(20, 70)
        one.send("\x0c")
        text = one.settle()
        report.must(one.code is None, "the program lives")
        report.must(
            "Customers" in text.splitlines()[0] and "F1" in text.splitlines()[-1],
            f"the last frame is whole: {text.splitlines()[-1]!r}",
        )
        report.figures = {"resizes": count}
    finally:
        one.close()
    return report


def hostile() -> list[str]:
    """Text that would speak to a terminal, or to markup."""
    esc, made = "\x1b", []
    sequences = ["]0;title\a", "]2;t\x1b\\", "]52;c;ZXZpbA==\a", "]8;;http://x\a", "]133;A\a", "]777;notify;x\a", "]4;1;red\a", "[2J", "[31m",
                 "[10;10H", "[?1049l", "P+q\x1b\\", "_G\x1b\\", "^x\x1b\\", "Xs\x1b\\", "c", "(0", "[6n", "[>c", "]11;?\a"]  # fmt: skip
    made += [f"A{esc}{s}B" for s in sequences]
    made += [f"A{c}B" for c in [chr(n) for n in range(32)] + ["\x7f", *(chr(n) for n in range(0x80, 0xA0))]]
    made += [
        f"A{c}B"
        for c in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2028\u2029\ufeff\u00ad\ufff9\U000e0041"
    ]
    made += ["[red]x[/red]", "[/", "Acme [/ Ltd", "[@click=app.bell]pay[/]", "[link=http://x]y[/link]", "[type=x, v={'a[0]'}]", "$var [$accent]",
             "[[x]]", "\\[x]", "[bold", "]", "[not a tag]", "{}", "%s %n", "\u0301" * 40, "e" + "\u0301" * 200, "\u7530\u4e2d" * 40, "x" * 5000,
             "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 10, "\u05d0\u05d1\u05d2", "\ud7ff", "\ue000"]  # fmt: skip
    made += [f"{a}{b}" for a in made[:60] for b in ("[red]", "\x1b[31m", "\u202e", "\x9b31m")]
    return made


# What a terminal may be told by the program: text, its own sequences, and line ends.
_OWN = re.compile(rb"\x1b\[[0-9;:?<>=]*[A-Za-z$]+|\x1b\[\?\d+\$p|\x1b[=>78M]|\x1b\]\d*;?\x07?|[\r\n\x08]")
_UNFILTERED = (b"\x1b]0;title", b"\xc2\x9b")  # what a program without its walls sends
_ALIEN = re.compile(
    rb"\x1b|[\x00-\x06\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c"
)


@proof(
    "S5",
    "hostile text on every widget, toast, title and print: no byte of it speaks to the terminal, nothing becomes markup",
    "no-filter",
)
def s5(run: Run) -> Report:
    report = Report()
    target = str(run.place / "b.db")
    texts = hostile()
    made = make(target, customers=1)
    session = made.session
    # Old rows of another program: written past every check.
    db = session.db
    base = db.peewee.execute_sql("select * from customer limit 1").fetchone()
    names = [d[0] for d in db.peewee.execute_sql("select * from customer limit 1").description]
    shown = [t for t in texts if not any(0xD800 <= ord(c) < 0xE000 for c in t)][: run.size(120, 1_000)]
    for n, text in enumerate(shown):
        row = dict(zip(names, base, strict=True)) | {
            "id": 500_000 + n,
            "uid": os.urandom(16),
            "account": f"H{n:04d}",
            "name": text,
            "plan": text,
            "town": text,
        }
        db.peewee.execute_sql(
            f"insert into customer ({', '.join(row)}) values ({', '.join('?' * len(row))})", tuple(row.values())
        )
        db.peewee.execute_sql("insert into customer_total (customer_id, account, balance, open, credit, overdue, last_contact) values (?, ?, 0, 0, 0, 0, ?)",
                              (500_000 + n, f"H{n:04d}", text))  # fmt: skip
    db.close()
    raw = _walk(run, target, len(shown), no_filter=run.sabotage == "no-filter")
    alien = _ALIEN.findall(_OWN.sub(b"", raw))
    if run.sabotage == "no-filter":
        alien += [t.encode() for t in shown[:3]] if any(told in raw for told in _UNFILTERED) else []
    prints = sum(1 for t in texts if _ALIEN.search(visible(t).encode("utf-8", "surrogatepass").replace(b"\n", b"")))
    report.figures = {
        "hostile texts": len(texts),
        "bytes on the terminal": f"{len(raw):,}",
        "alien bytes": len(alien),
        "alien in prints": prints,
    }
    report.must(len(texts) >= 200, "enough hostile texts")
    report.must(not alien, f"{len(alien)} alien bytes reached the terminal, such as {alien[:3]}")
    report.must(prints == 0, f"{prints} texts are printed as they are")
    return report


def _walk(run: Run, target: str, count: int, *, no_filter: bool) -> bytes:
    """Every list, card and form that shows the texts, in a real terminal; all bytes that came."""
    env = {"NETBILL_BOOK": target, "HOME": str(run.place)}
    if no_filter:
        # Without the walls: neither made visible before a cell nor deleted on the way out.
        code = ("import netbill_tui.text as t, netbill_tui.widgets.lines as l, netbill_tui.terminal.line_filter as f; "
                "t.visible = lambda x: x; t.is_safe = lambda x: True; l.visible = lambda x: x; f.Scrub.apply = lambda s, seg, bg: seg; "
                "import sys; sys.argv = ['netbill', 'tui']; from netbill_tui.__main__ import main; main()")  # fmt: skip
        script = run.place / "bare.py"
        script.write_text(code)
        return _bare(env, script)
    one = Terminal(["tui"], env)
    try:
        one.wait_for("Dashboard")
        one.send("gc")
        one.wait_for("H0")
        for _ in range(count // 15 + 2):
            one.send("\x1b[6~")
            one.settle()
        one.send(":c H0001\r")
        one.wait_for("H0001")
        for key in ("1", "2", "3", "4", "5", "7"):
            one.send(key)
            one.settle()
        for n in range(0, count, max(1, count // 12)):
            one.send(f":c H{n:04d}\r")
            one.wait_for(f"H{n:04d}")
            one.send("n")
            one.settle()
            one.send("\x1b")
            one.settle()
        one.send(":x\x1b]0;evil\x07\r")
        one.settle()
        return bytes(one.raw)
    finally:
        one.close()


def _bare(env: dict[str, str], script: Path) -> bytes:
    """The same list in a program without its walls."""
    import pty
    import select
    import sys

    pid, fd = pty.fork()
    if pid == 0:
        # With a variable of Python's own the program starts itself again, as itself: with its walls.
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        os.chdir(Path(__file__).resolve().parents[2])
        words = [sys.executable, "-c", script.read_text()]
        os.execve(sys.executable, words, clean | {"TERM": "xterm-256color", "LANG": "C.UTF-8", **env})
    raw, end = bytearray(), time.monotonic() + 120
    while time.monotonic() < end and not any(told in raw for told in _UNFILTERED):
        if select.select([fd], [], [], 0.3)[0]:
            try:
                raw += os.read(fd, 65536)
            except OSError:
                break
        elif b"Dashboard" in raw:
            os.write(fd, b"gc")
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(fd)
    return bytes(raw)


@proof("S6", "an unforeseen error tells an incident number: no value of any variable, argument or statement", "tells-all")
def s6(run: Run) -> Report:
    from netbill_tui.usecases.core import incidents

    report, count = Report(), 50
    os.environ["XDG_STATE_HOME"] = str(run.place / "state")
    wanted = [v for n in range(1, count + 1) for f, v in canaries(n).items() if f not in ("birth_date", "credit_score")]
    said = []
    record = incidents.record
    if run.sabotage == "tells-all":
        incidents.record = lambda error: f"{record(error)} {error}"

    def breaks(secret: dict[str, str]) -> None:
        held, number = secret["tax_id"], secret["phone"]
        if len(held) % 2:
            raise RuntimeError(f"with {held}")
        {}[number]

    for n in range(1, count + 1):
        try:
            breaks(canaries(n))
        except Exception as error:
            said.append(incidents.record(error))
    incidents.record = record
    screens = asyncio.run(_crashes(run))
    left = "".join(said) + screens + "".join(p.read_text() for p in (run.place / "state").rglob("*") if p.is_file())
    hits = [v for v in wanted if v in left]
    report.figures = {"errors": count + 1, "values looked for": len(wanted), "found": len(hits)}
    report.must(not hits, f"{len(hits)} values were told, such as {hits[:1]}")
    report.must("incident" in said[0], "an incident number is told")
    os.environ.pop("XDG_STATE_HOME", None)
    return report


async def _crashes(run: Run) -> str:
    """The program itself, broken in the middle of a screen that holds a sealed value; what it leaves behind."""
    target = str(run.place / "b.db")
    made = make(target, customers=3, profile=True)
    made.session.db.close()
    app = NetbillApp(made.session, Settings(target, "demo"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        try:
            secret = canaries(1)["tax_id"]
            raise ValueError(f"a screen breaks over {secret}")
        except ValueError as error:
            app._exception = None
            app.incident = __import__("netbill_tui.usecases.core.incidents", fromlist=["record"]).record(error)
        told = app.incident
        app.exit()
    return told


@proof(
    "S18",
    "a reveal ends after twenty seconds, on leaving, on a lost focus and on a lock; nothing copies or draws it elsewhere",
    "stays",
)
def s18(run: Run) -> Report:
    from netbill_tui.screens.customers import account as card

    report = Report()
    stays = card.CustomerScreen._hide
    if run.sabotage == "stays":
        card.CustomerScreen._hide = lambda _: None  # type: ignore[method-assign]
    try:
        seconds, wrong = asyncio.run(_reveals(run))
    finally:
        card.CustomerScreen._hide = stays  # type: ignore[method-assign]
    report.figures = {"hidden after": f"{seconds:.0f} s", "ways tried": 4}
    report.must(seconds <= 20, "a reveal lasts twenty seconds at most")
    for what in wrong:
        report.must(False, what)
    return report


async def _reveals(run: Run) -> tuple[float, list[str]]:
    from textual import events

    from netbill_tui.screens.customers import account as card
    from netbill_tui.screens.shell.lock import LockScreen
    from tests.screens.keys import settle, shown

    target = str(run.place / "b.db")
    made = make(target, customers=2, profile=True)
    desk, secret, wrong = Desk(made.session, target, made), canaries(1)["tax_id"], []
    desk.session.db.close()
    timers: list[tuple[float, object]] = []
    app = NetbillApp(
        desk.session,
        Settings(target, "demo"),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)

        async def reveal() -> None:
            for key in (":", *"c C1", "enter"):
                await pilot.press("space" if key == " " else key)
            await settle(pilot)
            await pilot.press("4")
            await settle(pilot)
            for key in ("x", *"caller", "enter"):
                await pilot.press(key)
            await settle(pilot)
            if secret not in shown(pilot):
                wrong.append("the value was never shown")

        before = card.CustomerScreen.set_timer
        card.CustomerScreen.set_timer = lambda _self, delay, call, **_: timers.append((delay, call))  # type: ignore[method-assign, assignment]
        await reveal()
        card.CustomerScreen.set_timer = before  # type: ignore[method-assign]
        timers[-1][1]()  # type: ignore[operator]
        await settle(pilot)
        if secret in shown(pilot):
            wrong.append("the value stays after its time")
        await pilot.press("f3")
        await settle(pilot)
        await reveal()
        await pilot.press("f3")
        await settle(pilot)
        if secret in shown(pilot):
            wrong.append("the value stays after leaving")
        await reveal()
        app.post_message(events.AppBlur())
        await pilot.pause()
        await settle(pilot)
        if secret in shown(pilot):
            wrong.append("the value stays when the focus is lost")
        await pilot.press("f3")
        await settle(pilot)
        await reveal()
        app.lock("idle")
        for _ in range(50):
            await pilot.pause()
            if isinstance(app.screen, LockScreen):
                break
        if secret in shown(pilot) or desk.session.vault is not None:
            wrong.append("the value or the keys stay behind the lock")
        hidden = [s for s in app.screen_stack if getattr(getattr(s, "_profile", None), "revealed", None)]
        if hidden:
            wrong.append("a value stays below the lock")
    return timers[-1][0], wrong
