"""Commands on a demo book."""

from pathlib import Path

from netbill_tui.usecases.core import demo_key
from tests.conftest import Run


def demo_book(netbill: Run, tmp_path: Path) -> str:
    target = str(tmp_path / "d.db")
    netbill("demo", "--no-tui", "--book", target, "--customers", "3", "--months", "2", check=0)
    return target


def test_every_command_on_a_demo_book_acts_as_demo(netbill: Run, tmp_path: Path):
    target = demo_book(netbill, tmp_path)
    done = netbill("pay", "C10001", "3.11", "--method", "cash", "--book", target, check=0)
    assert "DEMO" in done.err
    assert netbill("verify", "--json", "--book", target, check=0).json["ok"]  # type: ignore[index]


def test_a_demo_book_without_its_key_says_so_before_the_screen_is_taken(netbill: Run, tmp_path: Path):
    from netbill_tui.usecases.demo import book
    from tests.terminal.terminal import Terminal

    target = tmp_path / "d.db"
    book.make(str(target), customers=2, months=1).session.db.close()
    demo_key.key_file(str(target)).unlink()
    one = Terminal(["tui", "--book", str(target)], {"HOME": str(tmp_path)})
    assert one.wait() == 78
    while one.read(0.2):
        pass
    assert b"demo-key" in one.raw.replace(b"\r\n", b"")
    assert b"\x1b[?1049h" not in one.raw
    one.close()
