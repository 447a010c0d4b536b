"""A name never moves a number: names of thirty scripts in lists, cards and Find, on terminals that count their cells differently."""

import re
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pyte.screens
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from netbill_tui.terminal.steady_lines import steady_lines
from netbill_tui.text import cell_width
from netbill_tui.usecases.demo import book as demo
from netbill_tui.widgets.lines import between, fit, steady
from tests.conftest import Desk
from tests.terminal.terminal import Terminal

NAMES = {
    "Latin": "Nguyễn Thị Ánh", "Greek": "Παπαδόπουλος Νίκος", "Cyrillic": "Шевченко Олександр", "Armenian": "Հովհաննիսյան Արամ",
    "Georgian": "ბერიძე ნინო", "Hebrew": "כֹּהֵן דָּוִד", "Arabic": "محمد عبد الله", "Syriac": "ܝܘܚܢܢ ܒܪ", "Thaana": "އަޙްމަދު ޢަލީ",
    "Devanagari": "अनिल कुमार शर्मा", "Bengali": "সুমাইয়া আক্তার", "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "Gujarati": "મોહિની પટેલ",
    "Oriya": "ସୁଭାଷିଣୀ ଦାସ", "Tamil": "தமிழ்ச்செல்வி முருகன்", "Telugu": "శ్రీనివాసులు రెడ్డి", "Kannada": "ಸಿದ್ದರಾಮಯ್ಯ ಗೌಡ",
    "Malayalam": "ശ്രീകുമാർ നായർ", "Sinhala": "සිරිසේන පෙරේරා", "Thai": "สมชาย ใจดี", "Lao": "ສົມສັກ ແກ້ວ", "Tibetan": "བསྟན་འཛིན་རྒྱ་མཚོ",
    "Burmese": "မောင်အောင်ကျော်", "Khmer": "សុខ ច័ន្ទដារ៉ា", "Ethiopic": "አበበ ቢቂላ", "Mongolian": "ᠴᠢᠩᠭᠢᠰ ᠬᠠᠭᠠᠨ", "Hangul": "김민수",
    "Han": "王小明", "Kana": "ヤマダ タロウ", "Javanese": "ꦱꦸꦏꦂꦤꦺꦴ", "Balinese": "ᬓ᭄ᬢᬸᬢ᭄", "Emoji": "👨‍👩‍👧 Café 👍🏽 🇩🇪 ❤️", "Jamo": "\u1112\u1161\u11ab Kim",
}  # fmt: skip
AMOUNTS = {name: 100_000 + 111 * n for n, name in enumerate(NAMES)}


def _as_tmux(char: str) -> int:
    """Cells as tmux 3.3 and glibc count them: every character by itself, spacing marks one."""
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _as_a_console(char: str) -> int:
    """As a console that knows no combining at all."""
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


COUNTS = {"wcwidth": None, "tmux": _as_tmux, "console": _as_a_console}


def shown(amount: int) -> str:
    return f"{amount / 100:,.2f}"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo book, which asks no password, with a customer and an invoice for each script."""
    folder = tmp_path_factory.mktemp("names")
    folder.chmod(0o700)
    path = folder / "names.db"
    session = demo.make(str(path), customers=3, months=1).session
    desk = Desk(session, str(path), None)  # type: ignore[arg-type]
    for n, (script, name) in enumerate(NAMES.items()):
        desk.customer(f"S{n:02d}", unicodedata.normalize("NFC", name), town=script)
        desk.invoice(f"S{n:02d}", AMOUNTS[script], due=-5)
    session.db.close()
    return path


def rows_with_amounts(text: str) -> dict[str, str]:
    """Account number: what stands behind it, in its row and wherever else it stands."""
    found: dict[str, str] = {}
    for account, rest in re.findall(r"(?m)^.*?\b(S\d\d)\b(.*)$", text):
        found[account] = found.get(account, "") + rest
    return found


@pytest.fixture(params=COUNTS)
def counting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An emulator that counts cells as one kind of terminals does."""
    if COUNTS[request.param] is not None:
        monkeypatch.setattr(pyte.screens, "wcwidth", COUNTS[request.param])
    return str(request.param)


def wrong_rows(text: str) -> list[str]:
    """What is not as it must be: every script has its row, and in it no amount but its own, whole."""
    found = rows_with_amounts(text)
    wrong = [account for account in (f"S{n:02d}" for n in range(len(NAMES))) if account not in found]
    for account, rest in found.items():
        numbers = set(re.findall(r"[\d,]+\.\d\d", rest))
        wrong += [account + rest] if numbers != {shown(AMOUNTS[list(NAMES)[int(account[1:])]])} else []
    return wrong


SCREENS = {"gu": "Dues", "gc": "Customers", "\x1b[18~": "Overdue"}


@pytest.mark.usefixtures("counting")
def test_names_of_thirty_scripts_leave_every_number_where_it_is(book: Path):
    home = {"HOME": str(book.parent), "XDG_STATE_HOME": str(book.parent / "state")}
    terminal = Terminal(["tui", "--book", str(book)], home, lines=60)
    try:
        terminal.wait_for("Dashboard")
        for keys, title in SCREENS.items():
            terminal.send(keys)
            terminal.wait_for(title)
            terminal.wait_until(
                lambda: not wrong_rows(terminal.text), lambda title=title: f"{title}: {wrong_rows(terminal.text)}"
            )
    finally:
        terminal.close()


def test_names_of_thirty_scripts_in_tmux(book: Path, tmp_path: Path):
    tmux = shutil.which("tmux")
    if tmux is None:
        pytest.skip("tmux is not installed here")
    run = [tmux, "-S", str(tmp_path / "socket"), "-f", "/dev/null", "-u"]
    home = f"HOME={book.parent} XDG_STATE_HOME={book.parent / 'state'} LC_ALL=C.UTF-8"
    program = f"env -u LINES -u COLUMNS {home} {sys.executable} -m netbill_tui tui --book {book}"

    def wait_until(is_so: Callable[[str], object]) -> None:
        text = ""
        for _ in range(600):
            text = subprocess.run([*run, "capture-pane", "-p"], check=True, capture_output=True).stdout.decode()
            if is_so(text):
                return
            time.sleep(0.05)
        raise AssertionError(f"{wrong_rows(text)}\n{text}")

    subprocess.run([*run, "new-session", "-d", "-x", "80", "-y", "60", program], check=True)
    try:
        wait_until(lambda text: "Dashboard" in text)
        for keys, title in SCREENS.items():
            subprocess.run([*run, "send-keys", *(["F7"] if keys.startswith("\x1b") else keys)], check=True)
            wait_until(lambda text, title=title: title in text and not wrong_rows(text))
    finally:
        subprocess.run([*run, "kill-server"], check=False)


TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=("Cs", "Cn", "Co")), st.sampled_from("".join(NAMES.values()) + " 0123456789.")),
    max_size=40,
)


@given(TEXTS, st.integers(1, 60))
def test_what_fits_takes_its_cells_and_stays(text: str, width: int):
    made = fit(text, width)
    assert cell_len(made) == width
    assert fit(made, width) == made
    assert steady(steady(text)) == steady(text)


@given(TEXTS, TEXTS)
def test_between_keeps_its_right_edge(left: str, right: str):
    assert cell_len(between(left, right, 80)) == 80


@pytest.mark.parametrize("count", [_as_tmux, _as_a_console])
@given(st.lists(st.sampled_from(sorted(NAMES.values())), min_size=1, max_size=3))
def test_on_any_terminal_a_number_behind_names_stands_in_its_column(count, names):
    line = " ".join([*(fit(n, 14) for n in names), "1234.56"])
    screen = pyte.Screen(80, 1)
    old, pyte.screens.wcwidth = pyte.screens.wcwidth, count
    try:
        pyte.Stream(screen).feed(steady_lines("x" * 79 + "\r" + line))
    finally:
        pyte.screens.wcwidth = old
    at = cell_len(line) - 7
    assert "".join(screen.buffer[0][x].data for x in range(at, at + 7)) == "1234.56"


def test_escape_sequences_and_plain_text_pass_as_they_are():
    for data in ("plain", "\x1b[1mZoë\x1b[0m", "\x1b]0;title\x07x"):
        assert steady_lines(data) == data
    held = steady_lines("\x1b[7mनि 5\x1b[0m")
    assert held.startswith("\x1b[7m\x1b7")
    assert held.endswith("5\x1b[0m")
    assert cell_width("नि") == 2
