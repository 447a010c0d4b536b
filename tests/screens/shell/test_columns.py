"""Columns on terminals of every width: an amount is whole or says that it is not, and nothing stands over anything."""

import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from netbill_tui.styles.roles import LATE, PLAIN, WAIT
from netbill_tui.widgets.columns import Col, Widths, cells_of, heading_of
from netbill_tui.widgets.lines import chip

NAMES = ("Smith, John", "鈴木 花子", "अनुष्का शर्मा", "נועה", "x" * 60, "", "Zoë")


class Row(NamedTuple):
    account: str
    name: str
    days: int
    amount: str
    state: str


COLUMNS: list[Col[Row]] = [
    Col("Account", 10, lambda r: r.account),
    Col("Customer", 0, lambda r: r.name),
    Col("Days", 5, lambda r: str(r.days), right=True, role=lambda r: LATE if r.days > 60 else PLAIN, sort="days"),
    Col("Amount", 12, lambda r: r.amount, right=True),
    Col("State", 16, lambda _: "26 Nov", mark=lambda r: chip(r.state, WAIT) if r.state else None, priority=1),
]
rows = st.builds(
    Row, st.from_regex(r"C1\d{4}", fullmatch=True), st.sampled_from(NAMES), st.integers(-30, 999),
    st.sampled_from(("0.00", "12,345.67", "1,234,567.89", "79.60")), st.sampled_from(("", "BROKEN", "DISPUTED")),
)  # fmt: skip


@given(st.lists(rows, min_size=1, max_size=8), st.integers(1, 160), st.booleans())
def test_an_amount_is_whole_or_says_that_it_is_not(some: list[Row], width: int, wide: bool):
    columns = [COLUMNS[0], COLUMNS[1].sized(45), *COLUMNS[2:]] if wide else COLUMNS
    widths: Widths[Row] = Widths()
    widths.learn(columns, some)
    layout = widths.layout(columns, width)
    assert 2 + sum(size + 1 for _, size in layout) - 1 <= max(width, 3)
    heading = "".join(s.text for s in heading_of(layout, ("days", True), width))
    assert cell_len(heading) == width
    for row in some:
        parts = cells_of(row, layout)
        line = "".join(text for text, _ in parts)
        assert cell_len(line) == sum(size + 1 for _, size in layout)
        at = 0
        for column, size in layout:
            cell = _cells(line, at, size)
            if column.right:
                assert cell.strip() == column.text(row) or set(cell) <= {"#"}, (cell, column.text(row))
            at += size + 1


def _cells(line: str, first: int, size: int) -> str:
    """So many cells of a line."""
    cells = [c for char in line for c in ([char] if cell_len(char) == 1 else [char, ""] if cell_len(char) == 2 else [])]
    return "".join(cells[first : first + size])


@pytest.mark.parametrize("width", range(20, 140, 3))
def test_a_column_that_is_red_from_top_to_bottom_is_not_red(width: int):
    late = [Row(f"C1000{n}", "Smith", 90 + n, "79.60", "") for n in range(4)]
    for some, red in ((late, False), ([*late, late[0]._replace(days=3)], True)):
        widths: Widths[Row] = Widths()
        widths.learn(COLUMNS, some)
        parts = cells_of(late[0], widths.layout(COLUMNS, width))
        assert (LATE in {role for text, role in parts if re.search(r"\d", text)}) == red


def test_on_a_narrow_terminal_headings_give_way_first_then_years_then_words():
    columns = [
        Col("Date", 9, lambda _: "22 Nov 26"), Col("Account number", 10, lambda r: r.account), Col("Customer", 16, lambda r: r.name),
    ]  # fmt: skip
    row, widths = Row("C10571", "Patel, Grace", 3, "", ""), Widths[Row]()
    widths.learn(columns, [row])

    def seen(width: int) -> str:
        return "".join(text for text, _ in cells_of(row, widths.layout(columns, width))).rstrip()

    assert seen(45) == "22 Nov 26 C10571         Patel, Grace"
    assert seen(31) == "22 Nov 26 C10571 Patel, Grace"
    assert seen(28) == "22 Nov C10571 Patel, Grace"
    assert seen(25).startswith("22 Nov ")
    assert "~" in seen(20)
