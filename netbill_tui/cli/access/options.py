"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def operator(p: argparse.ArgumentParser) -> None:
    """`netbill operator`: who may sign in and do what: made, enrolled, granted, limited, disabled."""
    p.add_argument("what", nargs="?", metavar="WHAT", default="list", choices=(
        "list", "roles", "add", "activate", "grant", "disable", "reset", "unlock", "role", "limit", "password",
    ), help="list, roles, add, activate, grant, disable, reset, unlock, role, limit or password")  # fmt: skip
    p.add_argument("name", nargs="?", metavar="NAME")
    p.add_argument(
        "--role",
        metavar="ROLE",
        default="",
        help="clerk, cashier, supervisor, auditor, administrator; of a principal automation, exporter",
    )
    p.add_argument("--limit", metavar="AMOUNT", help="most that may be given back without a second operator, or none")
    p.add_argument("--write-credential", metavar="FILE", help="key of a principal for timers, a new file of mode 600")
    p.add_argument("--contact", action="store_true", help="grant the principal CONTACT, for mail and letters")
    p.add_argument("--code-file", metavar="FILE", help="file with the activation code, mode 600")
    p.add_argument("--new-password-file", metavar="FILE", help="file with the new password, mode 600")


def session(p: argparse.ArgumentParser) -> None:
    """`netbill session`: who is signed in; end a sitting."""
    p.add_argument("what", nargs="?", metavar="WHAT", choices=("list", "end"), default="list", help="list or end")
    p.add_argument("id", nargs="?", metavar="ID")
    p.add_argument("--all", action="store_true", help="list ended sittings too")


def approval(p: argparse.ArgumentParser) -> None:
    """`netbill approval`: what was asked over a limit: list, approve, refuse."""
    p.add_argument(
        "what", nargs="?", metavar="WHAT", choices=("list", "approve", "refuse"), default="list", help="list, approve or refuse"
    )
    p.add_argument("number", nargs="?", type=int, metavar="NUMBER")
    p.add_argument("--reason", default="", metavar="TEXT")
    p.add_argument("--all", action="store_true", help="list answered approvals too")


def keys(p: argparse.ArgumentParser) -> None:
    """`netbill keys`: keys of the book: status, rotate, pepper."""
    p.add_argument(
        "what",
        nargs="?",
        metavar="WHAT",
        choices=("status", "rotate", "pepper"),
        default="status",
        help="status, rotate or pepper",
    )
    p.add_argument("names", nargs="*", metavar="COMPARTMENT", help="CONTACT, PRIVATE or ADMIN; with pepper, a new file")


def recovery(p: argparse.ArgumentParser) -> None:
    """`netbill recovery`: combine the two recovery shares into the key that opens backups."""
    p.add_argument("what", metavar="WHAT", choices=("combine",), help="combine")
    p.add_argument("--shares-file", metavar="FILE", help="file with the two shares, a line each, mode 600")
    p.add_argument("--write", metavar="FILE", help="where the age identity goes, a new file of mode 600")


def clock(p: argparse.ArgumentParser) -> None:
    """`netbill clock`: compare the clock with the book; accept the clock."""
    p.add_argument("what", nargs="?", choices=["show", "accept"], default="show", metavar="show|accept")
    p.add_argument("--reason", metavar="WHY", default="", help="why the entries are wrong and not the clock")
