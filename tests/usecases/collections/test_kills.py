"""The night killed at any moment: each account has one message, none is lost, and the book is sound."""

import random
import signal
import subprocess
import time
from pathlib import Path

from tests import stretching
from tests.conftest import Run

ACCOUNTS = 700


def test_a_night_that_is_killed_again_and_again_sends_each_account_one_message(netbill: Run, tmp_path: Path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--no-input", check=0)
    rows = "\n".join(f"C{n},{n},2026-09-01,2026-09-15,30.00" for n in range(ACCOUNTS))
    (tmp_path / "i.csv").write_text(f"account,number,issued,due,amount\n{rows}\n")
    columns = "\n".join(f'{name} = "{name}"' for name in ("account", "number", "issued", "due", "amount"))
    profile = f'kind = "invoices"\n[file]\ndate = "YYYY-MM-DD"\ndecimal = "."\n[columns]\n{columns}\n'
    (tmp_path / "i.toml").write_text(profile)
    netbill("import", "--profile", "i.toml", "i.csv", check=0)
    netbill("policy", "default", "--yes", check=0)
    drawn = random.Random(20)
    words = [*stretching.netbill({}), "collect", "--activate", str(ACCOUNTS)]
    killed = 0
    for _ in range(12):
        process = subprocess.Popen(words, env=netbill.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # type: ignore[attr-defined]
        time.sleep(drawn.uniform(0.15, 0.9))  # the moment of the kill is what is tried, and no condition is waited for
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        words = [*stretching.netbill({}), "collect"]
        if netbill("collect", "--dry-run", "--json").json["count"] == ACCOUNTS:  # type: ignore[call-overload,index]
            words += ["--activate", str(ACCOUNTS)]
    assert killed
    left = netbill("collect", "--dry-run", "--json", check=0).json["count"]  # type: ignore[call-overload,index]
    last = ["collect", *(["--activate", str(left)] if left == ACCOUNTS else [])]
    netbill(*last, check=0)
    queued = netbill("outbox", "--json", check=0).json
    accounts = [row["account"] for row in queued]  # type: ignore[index,union-attr]
    assert sorted(accounts) == sorted(f"C{n}" for n in range(ACCOUNTS))
    assert netbill("collect", "--dry-run", "--json", check=0).json["count"] == 0  # type: ignore[call-overload,index]
    netbill("verify", check=0)
