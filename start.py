"""Set up and run, with nothing but Python 3.11 or later, pip and git: ``python3 start.py run`` or ``... test``.

Makes a virtual environment in ``.venv``, so that the system's Python is left alone, installs this project into it with
the versions of ``constraints.txt``, and then does what was asked. What is there already is not done again. This file
runs on any Python 3, so that an old one can be told what is wrong.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv

ROOT = os.path.dirname(os.path.abspath(__file__))
OLDEST = (3, 11)
FOLDER = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(FOLDER, "Scripts" if os.name == "nt" else "bin", "python")
TASKS = {
    "setup": ("", []),
    "run": ("", [["-m", "case_heating.edges.cli", "run"]]),
    "test": (
        "[test]",
        [
            ["-m", "ruff", "check", "."],
            ["-m", "ruff", "format", "--check", "."],
            ["-m", "mypy"],
            ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
            ["-m", "pytest", "-n", "3"],
        ],
    ),
}


def main():
    """Do the task named on the command line."""
    task = sys.argv[1] if len(sys.argv) > 1 else ""
    if task not in TASKS:
        sys.exit("usage: python3 start.py %s [more words for the command]" % "|".join(TASKS))
    if sys.version_info < OLDEST:
        use_a_newer_python()
    extra, commands = TASKS[task]
    set_up(extra)
    for command in commands:
        last = command is commands[-1]
        done = subprocess.run([PYTHON] + command + (sys.argv[2:] if last else []), cwd=ROOT)
        if done.returncode:
            sys.exit(done.returncode)


def use_a_newer_python():
    """Start again with the newest Python that is installed under its own name."""
    for minor in range(14, OLDEST[1] - 1, -1):
        newer = shutil.which("python3.%d" % minor)
        if newer and subprocess.run([newer, "-c", ""]).returncode == 0:
            sys.exit(subprocess.run([newer] + sys.argv).returncode)
    sys.exit(
        "This project needs Python %d.%d or later and found %s. Install one and run this again."
        % (OLDEST + (sys.version.split()[0],))
    )


def set_up(extra):
    """Install the project into ``.venv`` unless the very same was installed before."""
    wanted = fingerprint(extra)
    mark = os.path.join(FOLDER, "installed%s.txt" % extra.strip("[]"))
    if os.path.exists(mark) and open(mark).read() == wanted:
        return
    print("Setting up in %s (once, a minute or two) ..." % FOLDER, file=sys.stderr, flush=True)
    pip = make_environment()
    install = ["install", "--quiet", "--constraint", os.path.join(ROOT, "constraints.txt"), "--editable", "." + extra]
    done = subprocess.run(pip + install, cwd=ROOT)
    if done.returncode:
        sys.exit("pip could not install the project; its words stand above.")
    with open(mark, "w") as file:
        file.write(wanted)


def make_environment():
    """Make the virtual environment and give the command that runs pip for it.

    Some systems split ``ensurepip`` off into a package of its own; there the system's pip installs into it.
    """
    if not os.path.exists(PYTHON):
        try:
            venv.create(FOLDER, with_pip=True)
        except (subprocess.CalledProcessError, ImportError):
            shutil.rmtree(FOLDER, ignore_errors=True)
            venv.create(FOLDER, with_pip=False)
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return [PYTHON, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", PYTHON]


def fingerprint(extra):
    """Digest of all that decides what is installed."""
    digest = hashlib.sha256((extra + sys.version).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
