"""S19: whatever bytes come from a terminal, in any encoding, cut or hostile, the screens live and what is typed next arrives."""

import random
import sys

from tests.proof.books import make
from tests.proof.report import Report, Run, proof
from tests.terminal.terminal import Terminal

# The same program with the decoder that gives up at the first byte that is no UTF-8.
_STRICT = (
    "import sys, netbill_tui.terminal.incoming as i; i.ERRORS = 'strict'; sys.argv = ['netbill', 'tui']; "
    "from netbill_tui.__main__ import main; sys.exit(main())"
)
_SEEN, _GONE = "seen", "gone"  # what becomes of it: a replacement is shown, or nothing is
NOISE: list[tuple[bytes, str]] = [
    (b"\xff", _SEEN), (b"M\xfcller", _SEEN), (b"\x9b31m", _SEEN), (b"\xc2\x9b31m", _SEEN), (b"\xed\xa0\x80", _SEEN), (b"\xc0\xaf", _SEEN),
    (b"\xf8\x88\x80\x80\x80", _SEEN), (b"\xe2\x82", _SEEN), (b"\x80\x81\xfe", _SEEN), (b"\xf0\x9f\x98", _SEEN),
    (b"\x1bP1$r0m\x1b\\", _GONE), (b"\x1b[?62;1;6c", _GONE), (b"\x1b[>41;354;0c", _GONE), (b"\x1b_Gi=1;OK\x1b\\", _GONE),
    (b"\x1b]11;rgb:0000/0000/0000\x07", _GONE), (b"\x1b^pm\x1b\\", _GONE), (b"\x1bXsos\x1b\\", _GONE), (b"\x1b[0n", _GONE),
]  # fmt: skip


@proof(
    "S19", "no byte from a terminal ends the screens, and none vanishes in silence or is typed that a terminal answered", "strict"
)
def s19(run: Run) -> Report:
    report, chance = Report(), random.Random(run.seed)
    target = str(run.place / "b.db")
    make(target, customers=3).session.db.close()
    program = [sys.executable, "-c", _STRICT] if run.sabotage == "strict" else []
    one = Terminal([] if program else ["tui"], {"NETBILL_BOOK": target, "HOME": str(run.place)}, program=program)
    sent = 0
    try:
        one.wait_for("Dashboard")
        drawn = [
            (bytes(chance.randrange(0x80, 0x100) for _ in range(chance.randrange(1, 9))), "") for _ in range(run.size(6, 2000))
        ]
        for noise, fate in NOISE + drawn:
            one.send("\x1bOQ")
            one.wait_for("Find")
            # Torn where a slow line tears it: behind its first byte.
            for piece in (noise,) if fate == _GONE else (noise[:1], noise[1:]):
                one.send(piece)
                one.settle()
            one.send(f"zq{sent}")
            text = one.settle()
            report.must(one.code is None, f"{noise!r} ended the program")
            report.must(f"zq{sent}" in text, f"behind {noise!r} what was typed did not arrive")
            if fate:
                line = next(n for n in text.splitlines() if f"zq{sent}" in n)
                report.must(("\ufffd" in line) == (fate == _SEEN), f"{noise!r} shows {line.strip()!r}")
                answered = fate == _GONE and any(
                    letter in line.split("zq")[0].split()[-1:] for letter in ("1$r0m", "62;1;6c", "sos", "pm")
                )
                report.must(not answered, f"the answer {noise!r} was typed: {line.strip()!r}")
            one.send("\x1b[24~")
            one.settle()
            sent += 1
        report.figures = {"sequences": sent}
    finally:
        one.close()
    return report
