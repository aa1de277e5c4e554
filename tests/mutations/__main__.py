"""Plant one defect after another in a copy and run the tests that should notice.

    python -m tests.mutations [WORD ...]

With words only the defects whose file, text or tests contain one of them. Ends with those that no test
noticed, and exit code 1 if there are any.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def defects():
    """The list: where, which text becomes which, and which tests should fail."""
    return tomllib.loads((Path(__file__).parent / "defects.toml").read_text())["defect"]


def noticed(copy, defect):
    """Whether the named tests fail with the defect planted."""
    path = copy / defect["file"]
    whole = path.read_text()
    if whole.count(defect["old"]) != 1:
        raise SystemExit(
            f"{defect['file']} holds {defect['old']!r} {whole.count(defect['old'])} times, not once"
        )
    path.write_text(whole.replace(defect["old"], defect["new"]))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        *defect["tests"],
    ]
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)
    path.write_text(whole)
    if done.returncode not in (0, 1):  # neither passed nor failed: nothing was tested
        raise SystemExit(f"{defect['file']}: pytest ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.returncode == 1


def main(words):
    chosen = [d for d in defects() if not words or any(w in str(d) for w in words)]
    survived = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        ignored = shutil.ignore_patterns(".git", "__pycache__", "runs", ".venv", "*.egg-info")
        shutil.copytree(ROOT, copy, ignore=ignored)
        for defect in chosen:
            seen = noticed(copy, defect)
            print("noticed " if seen else "SURVIVED", defect["file"], "|", defect["new"], flush=True)
            survived += [] if seen else [defect]
    print(f"{len(chosen) - len(survived)} of {len(chosen)} noticed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
