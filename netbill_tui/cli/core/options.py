"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def tui(p: argparse.ArgumentParser) -> None:
    """`netbill tui`: open the screens."""
    p.add_argument("--mouse", action="store_true", help="let the program use the mouse")
    p.add_argument(
        "--theme",
        metavar="NAME",
        help="how the screens look: night, day, mono or another; see netbill theme",
    )
    p.add_argument("--glyphs", metavar="SET", help="auto, ascii or unicode")
    for name, words in (
        ("ascii", "write ASCII only, whatever the terminal says"), ("a11y", "for screen readers: cursor on the row, no boxes"),
        ("slow", "for a slow line: no pane, no details"), ("readonly", "look only; nothing is written"),
    ):  # fmt: skip
        to, value = {"ascii": ("glyphs", "ascii"), "a11y": ("reader", "on")}.get(name, (name, "on"))
        p.add_argument(f"--{name}", action="store_const", const=value, dest=to, help=words)


def script(p: argparse.ArgumentParser) -> None:
    """`netbill script`: many commands in one process."""
    p.add_argument("file", nargs="?", metavar="FILE", help="a command on each line; without it they come from standard input")
    p.add_argument("--keep-going", action="store_true", help="go on behind a command that failed")


def config(p: argparse.ArgumentParser) -> None:
    """`netbill config`: the settings in force."""
    p.add_argument("--show-origin", action="store_true", help="show where each setting comes from")


def keymap(p: argparse.ArgumentParser) -> None:
    """`netbill keymap`: the keys, and what a terminal sends for them."""
    p.add_argument("--check", action="store_true", help="look for conflicts in your own key map")
    p.add_argument("--test", action="store_true", help="press keys and see what arrives")


def theme(p: argparse.ArgumentParser) -> None:
    """`netbill theme`: what there is to see, and how well it is read."""
    p.add_argument("name", nargs="?", default="", metavar="NAME", help="show the roles of this theme")
    p.add_argument("--check", action="store_true", help="look whether each role can be read on the terminals as they come")


def listing(p: argparse.ArgumentParser) -> None:
    """What every list takes."""
    p.add_argument("--filter", default="", metavar="TERMS", help="such as 'days>30 plan:fibre* !tag:hold sort:-amount'")
    p.add_argument("--view", metavar="NAME", help="a saved view")
    p.add_argument("--limit", type=int, metavar="N", help="the first N rows")
