"""What can be typed behind the commands of this district; a function is named as its command."""

import argparse


def bill(p: argparse.ArgumentParser) -> None:
    """`netbill bill`: the billing run for a date."""
    p.add_argument("account", nargs="?", metavar="ACCOUNT", help="only this customer, after you corrected why they were parked")
    p.add_argument("--catch-up", metavar="WHAT", help="periods that were missed: all, latest or skip")
    p.add_argument("--runs", action="store_true", help="the runs so far")
    p.add_argument("--parked", action="store_true", help="who could not be billed, with the reason")
    p.add_argument("--drafts", action="store_true", help="the invoices that wait")
    p.add_argument("--confirm", metavar="BILL-DATE", help="issue the account's draft with the next run")
    p.add_argument("--put-back", dest="throw", metavar="BILL-DATE", help="let the account's draft wait its days again")
    p.add_argument("--undo", metavar="RUN", help="take a whole run back by credit notes")
    p.add_argument("--papers", metavar="RUN", help="the documents of a run as PDF in postal order, into your folder of exports")
    p.add_argument("--print", action="store_true", help="with --papers: to the printer instead")
    p.add_argument("--singles", action="store_true", help="with --papers: each document by itself")
    p.add_argument("--once-more", action="store_true", help="with --papers --print: also what was printed before, as copies")
    p.add_argument("--unknown", metavar="WHAT", help="of what the printer may have taken, after you looked: printed or missing")
    p.add_argument("--reason", default="", metavar="TEXT", help="why a run is undone")
