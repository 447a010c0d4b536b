"""The key map: what the keys are, what is wrong with the user's own, and what a terminal sends for them."""

import os
import select
import sys

from netbill_tui import commands
from netbill_tui import keymap as keymap_
from netbill_tui.cli.core.call import Call
from netbill_tui.errors import InvalidInput
from netbill_tui.text import counted


def keymap(call: Call) -> int:
    """Show the keys in force; 1 when --check finds something."""
    if call.args.test:
        return _test()
    commands.use(call.settings.keys)
    wrong = keymap_.conflicts(call.settings.keys)
    if call.args.check:
        data: dict[str, object] = {"ok": not wrong, "own": dict(call.settings.keys), "problems": wrong}
        call.output.record(
            data, lambda: "\n".join(wrong) or f"{counted(len(call.settings.keys), 'key')} of your own, no conflict."
        )
        return 1 if wrong else 0
    rows: list[dict[str, object]] = [
        {
            "id": c.id,
            "keys": ",".join(c.current),
            "shown": " ".join(map(commands.shown_key, c.current)),
            "own": c.id in call.settings.keys,
            "help": c.help,
        }
        for c in commands.ALL
    ]
    columns = [("id", "Id", 18, False), ("shown", "Keys", 12, False), ("help", "Does", 46, False)]
    call.output.rows(rows, columns, empty="")
    return 0


def _test() -> int:
    """Name each key that arrives, with its bytes; q twice ends."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput("The key test needs a terminal; run it where you work.")
    import termios
    import tty

    from netbill_tui.terminal.key_test import Keys

    print("Press keys; each line shows what arrived. Twice q ends.", file=sys.stderr)
    before = termios.tcgetattr(0)
    keys, last = Keys(), ""
    by_key = {key: c for c in reversed(commands.ALL) for key in c.current}
    try:
        tty.setraw(0)
        while True:
            waiting = select.select([0], [], [], 0.3)[0]
            data = os.read(0, 1024) if waiting else b""
            if waiting and not data:
                return 1
            for name in keys.feed(data):
                command = by_key.get(name)
                does = f"{command.id}: {command.help}" if command else "no command"
                sys.stderr.write(f"{commands.shown_key(name):<10} {keys.last_bytes:<24} {does}\r\n")
                sys.stderr.flush()
                if name == last == "q":
                    return 0
                last = name
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
