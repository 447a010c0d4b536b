"""The bar of long work."""

import io
import re
import time

from netbill_tui.cli.core.progress import Bar, close_all


def lines(out: io.StringIO) -> list[str]:
    return [part.rstrip() for part in re.split(r"[\r\n]", out.getvalue()) if part.strip()]


def test_a_bar_says_how_far_and_what_is_done_now():
    out = io.StringIO()
    bar = Bar("Verifying", out)
    bar(0, 4, "entries")
    bar(2, 4, "audit " + "chain " * 30)
    assert lines(out)[0].startswith("Verifying [                        ] 0 of 4, 0 s, entries")
    assert "[############            ] 2 of 4" in lines(out)[1]
    assert max(map(len, lines(out))) <= 79
    bar(4, 4)
    assert out.getvalue().endswith("\n")
    assert "[########################] 4 of 4" in lines(out)[-1]


def test_it_moves_while_the_work_is_silent_and_ends_with_the_command():
    out = io.StringIO()
    bar = Bar("Copying", out)
    bar(1, 3)
    for _ in range(400):
        if len(lines(out)) >= 3:
            break
        time.sleep(0.02)
    assert re.search(r", [12] s|s left", lines(out)[-1])
    close_all()
    assert out.getvalue().endswith("\n")
    ended = out.getvalue()
    bar.close()
    assert out.getvalue() == ended


def test_nothing_to_do_is_done():
    out = io.StringIO()
    Bar("Importing", out)(0, 0)
    assert "0 of 0" in out.getvalue()
    assert out.getvalue().endswith("\n")
