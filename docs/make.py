"""Makes what is generated: man pages, completions, key map, filter language, screenshots.

`--check` compares, `--screenshots` draws too. Run from the project: `python docs/make.py`. Everything comes from the registries that the program itself uses.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

sys.path.insert(0, str(Path(__file__).parent))
from drawing import picture  # noqa: E402
from papers import draw  # noqa: E402

HERE = Path(__file__).resolve().parent
SHELLS = ("bash", "zsh", "fish")
SHOTS = (
    ("dashboard", ()), ("find", ("f2", *"smith")), ("overdue", ("f7", "space", "space")), ("customer", ("f2", *"C10003", "enter")),
    ("payment", ("f6", *"C10124", "enter", "1", "enter", *"150", "enter", *"200", "enter")),
)  # fmt: skip


def commands_alone() -> argparse.ArgumentParser:
    """The command line with the options that stand everywhere told once, not with each command."""
    from netbill_tui.cli.core.parser import build

    parser = build(["--help"])
    for action in parser._actions:
        for one in dict(getattr(action, "choices", None) or {}).values():
            common = {id(a) for g in one._action_groups if g.title == "everywhere" for a in g._group_actions}
            one._action_groups = [g for g in one._action_groups if g.title != "everywhere"]
            one._actions = [a for a in one._actions if id(a) not in common]
    return parser


def man_page() -> str:
    """netbill(1)."""
    import os

    from argparse_manpage.manpage import Manpage

    from netbill_tui import __version__

    os.environ["COLUMNS"] = "100"
    parser = commands_alone()
    parser.man_short_description = "accounts, dues and payments on a text terminal"  # type: ignore[attr-defined]
    text = str(Manpage(parser, format="single-commands-section"))
    head = f'.TH NETBILL 1 "" "netbill {__version__}" "netbill"'
    tail = [
        ".SH EXIT CODES", "0 done, 1 failed, 2 wrong usage or no terminal, 3 partly done, 4 nothing matched, 75 busy, 78 book or key.",
        ".SH FILES", "~/.config/netbill/config.toml, ~/.local/share/netbill, ~/.local/state/netbill/history",
        ".SH SEE ALSO", "netbill-query(7)", "",
    ]  # fmt: skip
    return "\n".join([head, *text.splitlines()[1:], *tail])


def query_page() -> str:
    """netbill-query(7), the filter language."""
    from netbill_tui.usecases.lookup.lists import LISTINGS

    lines = [
        '.TH NETBILL-QUERY 7 "" "" "netbill"', ".SH NAME", "netbill-query \\- the filter language of netbill's lists", ".SH DESCRIPTION",
        "Terms with blanks between them; all must hold.", ".nf",
        "field:value  field:a,b  field:\"two words\"  field>50 (>= < <= =)  !term  words of a name  \"whole words\"  sort:-field", ".fi",
        "* stands for anything; case does not count. Dates: 2026-11-22, 5nov, t, -30d, +7d. Spans: last:14d (d w m y).",
        "An unknown word is an error that names the nearest one.",
    ]  # fmt: skip
    for name, of in LISTINGS.items():
        lines.append(f".SH {name.upper()}")
        for field, about in of.fields.items():
            lines += [".TP", f"\\fB{field}\\fR", _about(about)]
        lines += [".TP", "\\fBsort\\fR", ", ".join(of.sorts)]
    return "\n".join(lines) + "\n"


def _about(field: object) -> str:
    choices = getattr(field, "choices", ())
    return f"{field.help} ({field.kind})" + (f": {', '.join(choices)}" if choices else "")  # type: ignore[attr-defined]


def filters_md() -> str:
    """The page of the filter language."""
    from netbill_tui.usecases.lookup.lists import LISTINGS

    lines = [
        "# The filter language", "",
        "One language for the lists on the screens (`/`), the command line (`--filter`) and saved views. Terms have blanks between them, and all",
        "must hold. A word that the list does not know is an error that names the nearest one; nothing is ignored.", "",
        "| term | means |", "| --- | --- |",
        "| `st:overdue` `method:cash,cheque` | one of these values |",
        "| `plan:fibre*` `ref:*417*` | text; `*` stands for anything, small and capital letters are alike |",
        "| `bal>50` `days<=30` `amount=12.50` | `>` `>=` `<` `<=` `=` with an amount or a number |",
        "| `due<-30d` `issued:5nov` `since>=2025-01-01` | a date: ISO, `5nov`, `t` today, `-30d` ago, `+2w` ahead (d w m y) |",
        "| `last:14d` `last>3m` | within the last 14 days; not within the last three months, or never |",
        "| `smith anna` | words of the name, town or postcode, by their beginning, accents apart |",
        "| `\"smith\"` | whole words |", "| `!tag:hold` `!smith` | not that |", "| `sort:-days` | the order; `-` falls |", "",
        "    netbill overdue --filter 'days>30 plan:fibre* !tag:hold sort:-amount' --csv",
        "    netbill payments --filter 'last:14d method:cash by:mira'", "",
        "A list can be sorted only by what an index holds, so that its ten-thousandth page comes as fast as its first.", "",
        "*Saved views.* `:view save NAME 7` keeps what a list shows under a name and on key 7; `:view share NAME 8` does it for every operator;",
        "`:view drop NAME` forgets it; `netbill overdue --view NAME` prints it. One's own view comes before a shared one of the same name.", "",
    ]  # fmt: skip
    for name, of in LISTINGS.items():
        lines += [f"## {name}", "", "| field | what it is |", "| --- | --- |"]
        lines += [f"| `{field}` | {_about(about)} |" for field, about in of.fields.items()]
        own = f"{'-' if of.order[1] else ''}{of.order[0]}"
        lines += ["", f"Sorted by {', '.join(f'`{s}`' for s in of.sorts)}; by itself `sort:{own}`.", ""]
    return "\n".join(lines)


def keys_md() -> str:
    """The page of the keys."""
    from netbill_tui import commands

    def row(c: commands.Command) -> str:
        keys = " ".join(f"`{commands.shown_key(k)}`" for k in c.keys).replace("|", "\\|")
        return f"| {keys} | {c.help.replace('|', chr(92) + '|')} | `{c.id}` |"

    lines = [
        "# The key map",
        "",
        "Everywhere:",
        "",
        "| keys | does | id |",
        "| --- | --- | --- |",
        *map(row, commands.EVERYWHERE),
        "",
    ]
    rest = [c for c in commands.ALL if c not in commands.EVERYWHERE]
    lines += [
        "On lists, records and forms, as their footer and F1 say:",
        "",
        "| keys | does | id |",
        "| --- | --- | --- |",
        *map(row, rest),
        "",
    ]
    lines += [
        "Behind `:` (any beginning that fits one word only; every command of the shell runs there too):",
        "",
        "| word | does |",
        "| --- | --- |",
    ]
    lines += [_verb(v.word, v.args, v.short, v.help) for v in commands.VERBS]
    lines += [
        "", "## Keys of your own", "", "In `~/.config/netbill/config.toml`, by id; the keys replace those above:", "", "    [keys]",
        '    "app.overdue" = "f7,ctrl+x"', '    "note.add" = "N"', "",
        "`netbill keymap` lists the keys in force, `netbill keymap --check` names conflicts, `netbill keymap --test` shows what your terminal",
        "sends for a key. Names of keys are Textual's: `f7`, `ctrl+x`, `slash`, `space`, `N`.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _verb(word: str, args: str, short: str, about: str) -> str:
    form = f"`:{word} {args}`".replace(" `", "`").replace("|", "\\|")
    return f"| {form}{f' or `:{short}`' if short else ''} | {about} |"


# The way of money; each word of it is a table.
_WAY = """
customer
  service            what the customer takes, from a day on
    service_event    started, changed, priced, paused, suspended, ended: each on a day
    price            of its billing code, from a day on
  billed             a span of a service, or a charge, with its arithmetic
    invoice          one for each customer and bill date
      invoice_line   what is printed
      invoice_tax    for each rate
    credit_note      takes back some of an invoice
  payment            what came in
    allocation       which invoice it settles, and how much of it
  entry              one row of the account for each of them
    open_item        what is still open of an invoice (kept)
    customer_total   the balance (kept)
""".strip()


# Columns whose name is not that of the table they lead to.
_LEADS = {"credit_id": "credit_note", "line_id": "invoice_line", "price_id": "price", "note_id": "note", "operator_uid": "operator",
          "payment_id": "payment", "charge_id": "charge"}  # fmt: skip


def data_md() -> str:
    """The map of the tables, from their declarations."""
    from netbill_tui.db.core import tables

    known = {t._meta.table_name: t for t in tables.ALL}
    unknown = [line.split()[0] for line in _WAY.splitlines() if line.split()[0] not in known]
    if unknown:
        raise ValueError(f"no such table: {', '.join(unknown)}")
    lines = [
        "# The tables", "", "Generated by `docs/make.py` from `netbill_tui/db/core`. *Posted* rows are never changed or deleted; what is kept beside them can be",
        "recomputed, and `netbill verify` does. A column that leads to a table holds its id.", "", "## The way of money", "",
        "```", _WAY, "```", "", "## Every table", "", "| table | a row is | leads to |", "| --- | --- | --- |",
    ]  # fmt: skip
    for name in sorted(known):
        columns = [f.column_name for f in known[name]._meta.sorted_fields]
        leads = [_LEADS.get(c, c.removesuffix("_id")) for c in columns if c.endswith("_id") or c in _LEADS]
        words = re.sub(r"\s+", " ", (known[name].__doc__ or "").split("\n\n")[0]).strip()
        words = re.sub(r"^Posted\.", "*Posted.*", words)
        lines.append(f"| `{name}` | {words} | {', '.join(f'`{t}`' for t in dict.fromkeys(leads) if t in known and t != name)} |")
    return "\n".join(lines) + "\n"


def houses_md() -> str:
    """Which file of which district stands in which layer."""
    package = HERE.parent / "netbill_tui"
    layers = ("cli", "screens", "usecases", "db", "billing")
    districts = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    order = next(c["layers"] for c in districts if c["name"].startswith("Use cases"))
    lines = [
        "# Where what stands", "", "Generated by `docs/make.py` from the tree. A district knows those below it in this list, in its own layer, and none above; on the screens the account",
        "stands above what hangs on it. What all screens share is `screens/shell`, with its forms; `core` is what all districts of the other layers share.", "",
        f"| district | {' | '.join(layers)} |", f"| --- |{' --- |' * len(layers)}",
    ]  # fmt: skip
    for district in order:
        cells = []
        for layer in layers:
            folder = package / layer / ("shell" if district == "core" and layer == "screens" else district)
            cells.append(" ".join(sorted(f.stem for f in folder.glob("[a-z]*.py"))))
        lines.append(f"| **{district}** | {' | '.join(cells)} |")
    lines += ["", "## Beside the districts", "", "| folder | files |", "| --- | --- |"]
    others = (
        "screens/shell/forms",
        "widgets",
        "styles",
        "terminal",
        "documents",
        "integrations",
        "security",
        "db/migrations",
        ".",
    )
    for folder in others:
        files = sorted(f.stem for f in (package / folder).glob("*") if f.suffix in (".py", ".tcss") and f.stem != "__init__")
        lines.append(f"| `{folder if folder != '.' else 'netbill_tui'}` | {' '.join(files)} |")
    return "\n".join(lines) + "\n"


def generated() -> dict[Path, str]:
    """Every generated file with its text."""
    import shtab

    made = {
        HERE / "man" / "netbill.1": man_page(), HERE / "man" / "netbill-query.7": query_page(), HERE / "filters.md": filters_md(),
        HERE / "keys.md": keys_md(), HERE / "development" / "data.md": data_md(), HERE / "development" / "files.md": houses_md(),
    }  # fmt: skip
    for shell in SHELLS:
        made[HERE / "completions" / f"netbill.{shell}"] = shtab.complete(commands_alone(), shell=shell).rstrip() + "\n"
    return made


async def _pause(pilot: Pilot[object]) -> None:
    await pilot.pause(0.7)


async def screenshots(folder: Path, rest: Callable[[Pilot[object]], Awaitable[None]] = _pause) -> None:
    """Draw the screens of a demo book as SVG, 80 x 24; `rest` waits until a screen is done."""
    from netbill_tui.app import NetbillApp
    from netbill_tui.settings import Settings
    from netbill_tui.usecases.books.create import at
    from netbill_tui.usecases.demo import book

    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        target = str(Path(home) / "demo.db")
        made = book.make(target, customers=400, clock=at("2026-11-22T14:07:00"))
        for name, keys in SHOTS:
            made.session.db.close()
            app = NetbillApp(made.session, Settings(target, "demo"))
            async with app.run_test(size=(80, 24)) as pilot:
                await rest(pilot)
                for key in keys:
                    await pilot.press(key)
                await rest(pilot)
                (folder / f"{name}.svg").write_text(picture([list(row) for row in app.screen._compositor.render_strips()]))
            made.session.db.connect()
        made.session.db.close()


def main() -> int:
    """Make, compare or draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("--screenshots", action="store_true", help="draw the screens and papers too")
    words = parser.parse_args()
    stale = [path for path, text in generated().items() if not path.exists() or path.read_text() != text]
    if words.check:
        for path in stale:
            print(f"{path.relative_to(HERE.parent)} is stale; run python docs/make.py", file=sys.stderr)
        return 1 if stale else 0
    for path, text in generated().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    if words.screenshots:
        asyncio.run(screenshots(HERE / "screenshots"))
        draw(HERE / "papers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
