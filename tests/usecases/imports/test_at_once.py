"""Imports beside postings, on a server."""

from pathlib import Path

from tests import stretching
from tests.conftest import Run
from tests.usecases.imports.test_files import settled_file


def test_postings_and_imports_at_once_on_a_server_neither_deadlock_nor_lose(database_url: str, netbill: Run, tmp_path: Path):
    import subprocess

    env = {**netbill.environment, "NETBILL_BOOK": database_url}  # type: ignore[attr-defined]
    netbill(
        "init",
        "--company",
        "A",
        "--currency",
        "USD",
        "--timezone",
        "UTC",
        "--no-input",
        env={"NETBILL_BOOK": database_url},
        check=0,
    )
    (tmp_path / "c.csv").write_text("account\n" + "".join(f"C{n}\n" for n in range(20)))
    (tmp_path / "c.toml").write_text("kind = 'customers'\n[columns]\naccount = 'account'\n")
    netbill("import", "--profile", "c.toml", "c.csv", env={"NETBILL_BOOK": database_url}, check=0)
    settled_file(tmp_path, rows=2000, accounts=20)
    base = list(stretching.NETBILL)
    running = [subprocess.Popen([*base, "import", "--profile", "p.toml", "f.csv"], cwd=tmp_path, env=env, stdout=-3, stderr=-1)]
    for n in range(8):
        words = [*base, "pay", f"C{n}", f"{n + 1}.00", "--method", "cash", "--yes"]
        running.append(subprocess.Popen(words, cwd=tmp_path, env=env, stdout=-3, stderr=-1))
    assert [(p.communicate()[1], p.returncode) for p in running] == [(b"", 0)] * 9
    assert netbill("verify", "--json", env={"NETBILL_BOOK": database_url}, check=0).json["ok"]  # type: ignore[index]
