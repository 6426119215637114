"""What a process that reads foreign files may take; tried in processes of their own, which the limits stay with."""

import subprocess
import sys
import textwrap

import pytest


def in_a_process(body):
    start = "from case_heating.edges.app.job_limits import limits\nfrom case_heating.errors import SourceError\n"
    script = start + textwrap.dedent(body)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)


def test_more_memory_than_allowed_is_said_in_words():
    done = in_a_process("""
        try:
            with limits(memory_bytes=1_500_000_000):
                held = bytearray(2_000_000_000)
        except SourceError as error:
            print(error)
        """)
    assert done.returncode == 0, done.stderr
    assert "this needs more than the 1.5 GB of memory that it may take here" in done.stdout


@pytest.mark.parametrize("loop", ["while True: pass", "import time; time.sleep(30)"])
def test_more_time_than_allowed_is_said_in_words(loop):
    done = in_a_process(f"""
        try:
            with limits(seconds=0.2):
                {loop}
        except SourceError as error:
            print(error)
        """)
    assert done.returncode == 0, done.stderr
    assert "this took longer than the 0 minutes" in done.stdout


def test_what_stays_within_goes_on_and_the_clock_stops():
    done = in_a_process("""
        import time, signal
        with limits(seconds=0.2):
            pass
        time.sleep(0.4)
        print("still here", signal.getsignal(signal.SIGALRM) == signal.SIG_DFL)
        """)
    assert done.stdout == "still here True\n", done.stderr
