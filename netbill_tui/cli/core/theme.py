"""The themes: what there is, and how well each role is read on the terminals as they come."""

from netbill_tui.cli.core.call import Call
from netbill_tui.styles import roles, theme_files
from netbill_tui.styles.looks import Look
from netbill_tui.styles.palettes import PALETTES, worst

_LEAST = {roles.BAR: 2.0}  # what is drawn and not read
_ENOUGH = 2.8


def theme(call: Call) -> int:
    """List the themes, or the roles of one with their contrast; 1 when --check finds a role that is hard to read."""
    name = call.args.name or (call.settings.theme if call.args.check else "")
    if not name:
        rows: list[dict[str, object]] = [_theme(call, n) for n in theme_files.names()]
        columns = [
            ("name", "Theme", 20, False),
            ("made_for", "Made for", 16, False),
            ("chosen", "", 8, False),
            ("own", "", 8, False),
        ]
        call.output.rows(rows, columns, empty="")
        return 0
    words = theme_files.roles_of(name)
    shown = [_row(name, role, words.get(role, "") or "-", look) for role, look in roles.table(words).items()]
    columns = [
        ("role", "Role", 8, False), ("look", "Look", 28, False), ("contrast", "Contrast", 8, True),
        ("worst", "Lowest on", 18, False), ("said", "", 14, False),
    ]  # fmt: skip
    call.output.rows(shown, columns, empty="")
    return 1 if call.args.check and any(row["said"] for row in shown) else 0


def _theme(call: Call, name: str) -> dict[str, object]:
    return {
        "name": name, "made_for": roles.MADE_FOR.get(name, "dark and light"),
        "chosen": "chosen" if name == call.settings.theme else "", "own": "" if name in roles.THEMES else "own",
    }  # fmt: skip


def _row(name: str, role: str, words: str, look: Look) -> dict[str, object]:
    made_for = roles.MADE_FOR.get(name, "")
    among = tuple(p for p in PALETTES if not made_for or p.is_dark == (made_for == "dark"))
    ratio, palette = worst(look, among)
    said = "hard to read" if ratio < _LEAST.get(role, _ENOUGH) else ""
    return {"role": role, "look": words, "contrast": f"{ratio:.1f}", "worst": palette, "said": said}
