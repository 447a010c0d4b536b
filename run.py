#!/usr/bin/env python3
"""`python3 run.py demo`, `python3 run.py test` and `python3 run.py check`. Makes a private environment beside itself first."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
USAGE = "usage: python3 run.py demo [OPTIONS] | test [--fast] [PYTEST OPTIONS] | check"
# `check`, with which the test command begins: style, types, layers, pages that are made from the code. Seconds.
TOOLS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("python", "docs/make.py", "--check"),
)
# What can be waited for at each save: no other engine, no process or terminal of its own.
FAST = ("-m", "not slow", "-k", "not postgres", "tests")


def fits(extra: str) -> bool:
    """Whether the environment fits the project file and this Python, and starts."""
    wanted = hashlib.sha256((HERE / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    # What the tests need is all that the program needs.
    stamps = [ENVIRONMENT / f"netbill-{name}.stamp" for name in dict.fromkeys((extra or "run", "test"))]
    if not any(stamp.exists() and stamp.read_text() == wanted for stamp in stamps):
        return False
    return subprocess.run([str(PYTHON), "-c", ""], check=False, capture_output=True).returncode == 0


def prepare(extra: str) -> None:
    """Make or mend the environment; does nothing when it fits."""
    if PYTHON.exists() and fits(extra):
        return
    try:
        import ensurepip  # noqa: F401 - Debian ships it apart
    except ImportError:
        sys.exit("This Python cannot make environments; install python3-venv first: apt install python3-venv")
    print("Setting up netbill in .venv (once, needs the package index) ...", file=sys.stderr)
    stamp = ENVIRONMENT / f"netbill-{extra or 'run'}.stamp"
    wanted = hashlib.sha256((HERE / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    whose = ENVIRONMENT / "netbill-python.stamp"
    if not (PYTHON.exists() and whose.exists() and whose.read_text() == sys.version):
        # One of another Python is made anew: its packages are not found by this one.
        _must([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
        whose.write_text(sys.version)
    _must([str(PYTHON), "-m", "pip", "install", "--quiet", "--editable", f"{HERE}[{extra}]" if extra else str(HERE)])
    stamp.write_text(wanted)


def _must(words: list[str]) -> None:
    """Run a step of the setting up; a failure ends it with a sentence."""
    if subprocess.run(words, check=False).returncode:
        sys.exit(f"Setting up failed at: {' '.join(words[:4])} ...; see above, remove {ENVIRONMENT} and try again.")


def tools_agree() -> bool:
    """Style, types and layers: each tool beside the others, what they say in order."""
    running = [
        (words, subprocess.Popen([str(PYTHON.with_name(words[0])), *words[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        for words in TOOLS
    ]
    agreed = True
    for words, process in running:
        told, _ = process.communicate()
        print(f"{' '.join(words)}: {'ok' if process.returncode == 0 else 'FAILED'}", flush=True)
        if process.returncode:
            agreed = False
            sys.stdout.write(told.decode(errors="replace"))
    return agreed


def in_memory() -> dict[str, str]:
    """Books of tests live for a second each: where memory has a file system with room, no disk waits for them."""
    memory = Path("/dev/shm")  # noqa: S108 - what stands there is made by pytest, for its owner only
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return {}
    found = os.statvfs(memory)
    return {"TMPDIR": str(memory)} if found.f_bavail * found.f_frsize > 4 * 2**30 else {}


def main() -> None:
    """Demo, test or check."""
    if sys.version_info < (3, 11):
        sys.exit(f"netbill needs Python 3.11 or newer, this is {sys.version.split()[0]}.")
    command, rest = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if command not in ("demo", "test", "check"):
        sys.exit(USAGE)
    prepare("" if command == "demo" else "test")
    if command == "demo":
        os.execv(PYTHON, [str(PYTHON), "-I", "-m", "netbill_tui", "demo", *rest])
    os.chdir(HERE)
    chosen = [*FAST, *(w for w in rest if w != "--fast")] if "--fast" in rest else rest
    agreed = tools_agree()
    if command == "check":
        sys.exit(not agreed)
    if not agreed and "--fast" not in rest:
        sys.exit(1)
    # Many tests wait for a process, a terminal or the server; a worker for each core would wait with them.
    workers = str(max(2, min(8, 3 * (os.cpu_count() or 1))))
    words = [str(PYTHON), "-m", "pytest", "-n", workers, "--dist", "worksteal", *chosen]
    tests = subprocess.run(words, check=False, env=os.environ | in_memory())
    sys.exit(tests.returncode or int(not agreed))


if __name__ == "__main__":
    main()
