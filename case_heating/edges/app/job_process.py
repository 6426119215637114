"""The process of one job: ``python -m case_heating.edges.app.job_process FOLDER``; see :mod:`.jobs`."""

import json
import signal
import sys
import time
import traceback
from pathlib import Path

from case_heating.edges.app.job_kinds import kind_named
from case_heating.errors import HeatingError
from case_heating.settings import Settings
from case_heating.workspace import write_text

_TELL_EVERY_S = 0.2
_STOPPED = 143  # as the shell says of who ended on SIGTERM


def main(folder: Path) -> int:
    """Do the job of a folder and write how it ended there: 0 done, 2 what a person can mend, 70 a fault of ours."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_STOPPED))  # asked to stop it tidies up, and the record says so
    told = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    told_at, told_doing = 0.0, ""

    def progress(doing: str, share: float) -> None:
        nonlocal told_at, told_doing
        now = time.monotonic()
        if doing != told_doing or share >= 1 or now - told_at > _TELL_EVERY_S:
            told_at, told_doing = now, doing
            write_text(folder / "progress.json", json.dumps({"doing": doing, "share": share}))

    try:
        settings = Settings.from_env(source=told["arguments"].get("source"))
        result = kind_named(told["kind"])(settings, told["arguments"], progress)
    except HeatingError as error:
        write_text(folder / "error.json", json.dumps({"error": str(error)}))
        return 2
    except Exception as fault:  # noqa: BLE001 - told in words: the page shows it, and the log has the rest
        traceback.print_exc()
        words = f"this is a fault of the program ({type(fault).__name__}: {fault}); its log is {folder / 'log.txt'}"
        write_text(folder / "error.json", json.dumps({"error": words}))
        return 70
    write_text(folder / "result.json", json.dumps(result, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
