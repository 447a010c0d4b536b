#!/usr/bin/env python3
"""`python3 run.py demo`, `test`, `check` and `lock`. Makes a private environment beside itself first, from what is locked."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
USAGE = "usage: python3 run.py demo [OPTIONS] | test [--fast] [PYTEST OPTIONS] | check | lock"
LOCK, TEST_LOCK = HERE / "lock.txt", HERE / "tests" / "lock.txt"
BUILD, EXTRAS, TESTS = "# To build it.\n", "# What its extras need.\n", "# What the tests need.\n"
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
    # What the tests need is all that the program needs.
    stamps = [ENVIRONMENT / f"netbill-{name}.stamp" for name in dict.fromkeys((extra or "run", "test"))]
    if not any(stamp.exists() and stamp.read_text() == _needs() for stamp in stamps):
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
    whose = ENVIRONMENT / "netbill-python.stamp"
    if not (PYTHON.exists() and whose.exists() and whose.read_text() == sys.version):
        # One of another Python is made anew: its packages are not found by this one.
        _must([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
        whose.write_text(sys.version)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-deps"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pinned:
        pinned.write(locked(extra))
        pinned.flush()
        _must([*pip, "--require-hashes", "--requirement", pinned.name])
    _must([*pip, "--no-build-isolation", "--editable", str(HERE)])
    stamp.write_text(_needs())


def _needs() -> str:
    """What an environment was made from, as a hash."""
    read = (HERE / "pyproject.toml", LOCK, TEST_LOCK)
    return hashlib.sha256(b"".join(file.read_bytes() for file in read) + sys.version.encode()).hexdigest()


def locked(extra: str) -> str:
    """The pins that an environment is made from: for the demo what netbill itself needs, for the tests everything."""
    program, tests = LOCK.read_text(), TEST_LOCK.read_text()
    return program + tests if extra else program.partition(EXTRAS)[0] + tests.partition(TESTS)[0]


def lock() -> None:
    """Write both locks anew: the newest that the project file allows, each with the hashes of all its files."""
    import tomllib

    extras = "postgres,validate,pdf,einvoice"
    core, more, tests = (_resolved(f"{HERE}{of}") for of in ("", f"[{extras}]", f"[{extras},test]"))
    build = _resolved(*tomllib.loads((HERE / "pyproject.toml").read_text())["build-system"]["requires"])
    head = "# What netbill needs, pinned with the hashes of all its files: pip install --require-hashes -r lock.txt\n"
    LOCK.write_text(head + _pins(core) + EXTRAS + _pins({n: v for n, v in more.items() if n not in core}))
    beside = {n: v for n, v in tests.items() if n not in more and n not in build}
    TEST_LOCK.write_text(BUILD + _pins(build) + TESTS + _pins(beside))


def _resolved(*what: str) -> dict[str, str]:
    """Name and version of everything that pip would install, but the project itself."""
    words = [str(PYTHON), "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-", *what]
    report = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    found = {one["metadata"]["name"].lower().replace("_", "-"): one["metadata"]["version"] for one in report["install"]}
    return {name: version for name, version in sorted(found.items()) if name != "netbill-tui"}


def _pins(versions: dict[str, str]) -> str:
    """The lines of a lock for some packages."""
    asked = [str(PYTHON), "-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"]
    index = os.environ.get("PIP_INDEX_URL") or subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    lines = []
    for name, version in versions.items():
        request = urllib.request.Request(f"{index}/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the index that pip asks
            files = json.load(answer)["files"]
        starts = tuple(f"{name.replace('-', sign)}-{version}{end}" for sign in "-_." for end in ("-", ".tar.gz", ".zip"))
        hashes = sorted({f["hashes"]["sha256"] for f in files if f["filename"].lower().startswith(starts)})
        if not hashes:
            sys.exit(f"The index tells no hash of {name} {version}; nothing was written.")
        lines.append(f"{name}=={version} \\\n" + " \\\n".join(f"    --hash=sha256:{digest}" for digest in hashes))
    return "\n".join(lines) + "\n"


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
    """Demo, test, check or lock."""
    if sys.version_info < (3, 11):
        sys.exit(f"netbill needs Python 3.11 or newer, this is {sys.version.split()[0]}.")
    command, rest = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if command not in ("demo", "test", "check", "lock"):
        sys.exit(USAGE)
    prepare("" if command == "demo" else "test")
    if command == "demo":
        os.execv(PYTHON, [str(PYTHON), "-I", "-m", "netbill_tui", "demo", *rest])
    os.chdir(HERE)
    if command == "lock":
        lock()
        return
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
