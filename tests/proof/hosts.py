"""S10, S11: modes of everything that is made, under any mask; and what another process of the same user can learn."""

import ctypes
import os
import stat
import subprocess
import sys
from pathlib import Path

from netbill_tui.usecases.core import host
from tests import stretching
from tests.proof.books import PASSWORD, make, sign_in
from tests.proof.report import Report, Run, proof

ROOT = str(Path(__file__).resolve().parents[2])


def _netbill(run: Run, *words: str, mask: int = 0o022, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    home = run.place / f"home{mask:o}"
    home.mkdir(exist_ok=True, mode=0o700)
    base = {k: v for k, v in os.environ.items() if not k.startswith(("NETBILL_", "PYTHON", "XDG_"))}
    base |= {"HOME": str(home), "NETBILL_OPERATOR": "boss", "NETBILL_PASSWORD_FILE": str(run.place / "pw")}
    return subprocess.run(
        [*stretching.netbill(env or {}), *words], env=base | (env or {}), capture_output=True, text=True, cwd=ROOT,
        preexec_fn=lambda: os.umask(mask) and None, check=False,  # noqa: PLW1509 - one thread, a mask before the program
    )  # fmt: skip


@proof(
    "S10",
    "whatever the mask: folders 0700, files 0600; a book that others can read, or whose folder they can write, is not opened",
    "open-mask",
)
def s10(run: Run) -> Report:
    report = Report()
    (run.place / "pw").write_text(PASSWORD + "\n")
    (run.place / "pw").chmod(0o600)
    seen, wrong = 0, []
    for mask in (0o000, 0o022, 0o077):
        _netbill(run, "init", "--company", "Proof", "--currency", "EUR", "--timezone", "UTC", "--no-input", mask=mask)
        home = run.place / f"home{mask:o}"
        book = home / ".local/share/netbill/netbill.db"
        for words in (
            ("new-customer", "Smith, John", "--account", "C1"), ("pay", "C1", "5", "--method", "cash"),
            ("operator", "add", "night", "--role", "automation", "--write-credential", str(home / "night.key")),
            ("keys", "pepper", str(home / "pepper")), ("backup", str(home / "b.age")), ("audit", "--checkpoint"),
            ("import", str(home / "no.csv"), "--write-profile", str(home / "p.toml")),
        ):  # fmt: skip
            _netbill(run, *words, mask=mask, env={"NETBILL_CHECKPOINT_FILE": str(home / "points")})
        if run.sabotage == "open-mask":
            os.chmod(book, 0o644)
        for path in [home, *home.rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            if path != home and mode & 0o077:
                wrong.append(f"{path.relative_to(run.place)} {mode:04o}")
            seen += 1
        if run.sabotage:
            break
        for path, mode, why in ((book, 0o640, "a readable book"), (book.parent, 0o770, "a writable folder")):
            os.chmod(path, mode)
            done = _netbill(run, "verify", mask=mask)
            report.must(
                done.returncode == 78 and "chmod" in done.stderr, f"{why} is refused: {done.returncode} {done.stderr[:60]}"
            )
            os.chmod(book, 0o600)
            os.chmod(book.parent, 0o700)
    report.figures = {"files and folders": seen, "open to others": len(wrong)}
    report.must(seen >= (8 if run.sabotage else 30), "everything was made")
    report.must(not wrong, f"{len(wrong)} are open to others, such as {wrong[:2]}")
    return report


EVIL = "import os; open(os.environ['CANARY'], 'w').write('ran')"


@proof(
    "S11",
    "no secret in arguments, environment or a core; memory hidden; hostile variables steer nothing",
    "readable-memory",
    "not-isolated",
)
def s11(run: Run) -> Report:
    report = Report()
    (run.place / "pw").write_text(PASSWORD + "\n")
    (run.place / "pw").chmod(0o600)
    hostile = run.place / "hostile"
    hostile.mkdir()
    for name in ("peewee.py", "argparse.py", "sitecustomize.py", "cryptography.py"):
        (hostile / name).write_text(EVIL)
    canary = run.place / "canary"
    env = {
        "PYTHONPATH": str(hostile), "PYTHONSTARTUP": str(hostile / "peewee.py"), "PYTHONINSPECT": "1", "PYTHONBREAKPOINT": "peewee.x",
        "TEXTUAL": "debug,devtools", "TEXTUAL_DRIVER": "peewee:x", "CANARY": str(canary),
    }  # fmt: skip
    done = _netbill(run, "init", "--company", "P", "--currency", "EUR", "--timezone", "UTC", "--no-input", env=env)
    # What Python itself runs before any program can close that door only by how it is started: sshd and sudo, docs/deployment.md.
    ran_before_us = (hostile / "sitecustomize.py").exists() and canary.exists()
    canary.unlink(missing_ok=True)
    (hostile / "sitecustomize.py").unlink()
    done = _netbill(run, "find", "x", env=env)
    if run.sabotage == "not-isolated":
        bare = "import sys; sys.argv = ['netbill', 'find', 'x']; from netbill_tui.terminal import process; process.harden = lambda: None; "
        subprocess.run([sys.executable, "-c", f"{bare}from netbill_tui.__main__ import main; main()"], env=os.environ | env, check=False,
                       capture_output=True, cwd=ROOT)  # fmt: skip
    report.must(not canary.exists(), "a hostile module on PYTHONPATH was run")
    report.must("Traceback" not in done.stderr, "no traceback")
    target = str(run.place / "b.db")
    make(target).session.db.close()
    pid = os.fork()
    read, write = os.pipe() if pid else (0, 0)
    if pid == 0:
        if run.sabotage == "readable-memory":
            host.hide_memory = lambda: None
            ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
        session = sign_in(target)
        report_ = Path(run.place / "inside")
        report_.write_text(f"{host.is_hidden()}")
        session.db.close()
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(read)
    os.close(write)
    report.must((run.place / "inside").read_text() == "True", "memory is hidden once keys are in it")
    limits = _netbill(run, "config").returncode
    inside = subprocess.run(
        [sys.executable, "-c", "import resource; from netbill_tui.terminal.process import harden; harden(); print(resource.getrlimit(resource.RLIMIT_CORE))"],
        # Without Python's own variables: where one is set, the program starts again as itself and never prints.
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        capture_output=True, text=True, cwd=ROOT, check=False,
    ).stdout  # fmt: skip
    report.must("(0, 0)" in inside, "cores are forbidden")
    report.must(limits == 0, "the settings can be read")
    words = _netbill(run, "pay", "C1", "1", "--method", "cash", "--password", PASSWORD)
    report.must(words.returncode == 2, "no password is taken from the arguments")
    report.figures = {"memory hidden": (run.place / "inside").read_text(), "core limit": inside.strip(),
                      "sitecustomize before the program": "ran; closed by how it is started" if ran_before_us else "did not run"}  # fmt: skip
    return report
