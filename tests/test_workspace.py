"""The workspace: a step's folder appears whole or not at all, and every way a disk says no is told in words."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from case_heating import workspace as module
from case_heating.errors import ModelError, WorkspaceError
from case_heating.workspace import (
    LAYOUT_VERSION,
    Step,
    Workspace,
    fingerprint,
    open_workspace,
    plain_words,
    read_tables,
    take_step,
    write_tables,
    write_text,
)

STEP = "2_trusted/town"


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return open_workspace(tmp_path / "w")


def make(workspace, text, key="k1"):
    with workspace.making(STEP, key) as draft:
        (draft / "value.txt").write_text(text)


def content(workspace):
    return (workspace.path(STEP) / "value.txt").read_text()


def entries(workspace):
    """Everything beside the step's folder, hidden leftovers included."""
    return sorted(path.name for path in workspace.path(STEP).parent.iterdir())


# Opening


def test_a_new_workspace_is_made_with_its_parents_and_opened_again(tmp_path):
    root = tmp_path / "a" / "b"
    assert open_workspace(root).root == root
    assert json.loads((root / "workspace.json").read_text()) == {"layout_version": LAYOUT_VERSION}
    (root / "1_raw").mkdir()
    assert open_workspace(root).root == root


def test_an_empty_folder_and_one_with_hidden_files_alone_become_a_workspace(tmp_path):
    (tmp_path / ".gitignore").write_text("*")
    assert open_workspace(tmp_path).root == tmp_path


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(WorkspaceError, match=r"holds files but is no workspace \(workspace.json is missing\)"):
        open_workspace(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_workspace(tmp_path):
    (tmp_path / "w").write_text("")
    with pytest.raises(WorkspaceError, match=r"is a file; name a folder with --workspace"):
        open_workspace(tmp_path / "w")


def test_a_folder_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        WorkspaceError, match=r"file/w cannot be made: a file lies in its way; name a folder with --workspace"
    ):
        open_workspace(tmp_path / "file" / "w")


def test_a_workspace_of_another_version_is_left_alone(tmp_path):
    (tmp_path / "workspace.json").write_text('{"layout_version": 99}')
    with pytest.raises(WorkspaceError, match=r"another version .*layout 99, this one writes 1"):
        open_workspace(tmp_path)


@pytest.mark.parametrize("mark", ["", "{}", "[]", "3", '{"layout', "\x00"])
def test_a_damaged_mark_is_told(tmp_path, mark):
    (tmp_path / "workspace.json").write_text(mark)
    with pytest.raises(WorkspaceError, match=r"workspace.json cannot be read .*; move .* away and run again"):
        open_workspace(tmp_path)


# The disk says no


def failing(number):
    def refuse(self, *args, **options):
        raise OSError(number, "made up", str(self))

    return refuse


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, r"may not be written; choose a folder of your own"),
        (errno.EPERM, r"may not be written; choose a folder of your own"),
        (errno.ENOSPC, r"is full; free some space"),
        (errno.EDQUOT, r"is full; free some space"),
        (errno.EROFS, r"lies on a read-only disk"),
    ],
)
def test_what_the_disk_refuses_is_told_in_words(tmp_path, monkeypatch, workspace, number, words):
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", failing(number))
        with pytest.raises(WorkspaceError, match=words):
            open_workspace(tmp_path / "new")
        with pytest.raises(WorkspaceError, match=words):
            make(workspace, "never")
    make(workspace, "once there is room")
    assert content(workspace) == "once there is room"


def test_a_full_disk_in_the_middle_of_a_step_leaves_the_former_one(workspace):
    make(workspace, "old")

    def fill_up():
        with workspace.making(STEP, "k2") as draft:
            (draft / "value.txt").write_text("half of it")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WorkspaceError, match="is full"):
        fill_up()
    assert content(workspace) == "old"
    assert workspace.reuse(STEP, "k1") is not None
    assert entries(workspace) == ["town"]


def test_a_file_where_a_steps_folder_belongs_is_told(workspace):
    (workspace.root / "2_trusted").write_text("")
    with pytest.raises(WorkspaceError, match="cannot be made: a file lies in its way"):
        make(workspace, "never")


def test_words_name_the_option_by_which_another_place_is_chosen(tmp_path):
    with (
        pytest.raises(WorkspaceError, match=r"is full; .* choose another with --output\.$"),
        plain_words(tmp_path, "--output"),
    ):
        raise OSError(errno.ENOSPC, "made up")


def test_other_faults_of_a_disk_are_not_dressed_up(workspace):
    with pytest.raises(OSError, match="made up") as error, workspace.making(STEP, "k"):
        raise OSError(errno.EIO, "made up")
    assert not isinstance(error.value, WorkspaceError)


# Steps


def test_a_step_appears_with_its_key_when_its_block_ends(workspace):
    with workspace.making(STEP, "k1") as draft:
        assert list(draft.iterdir()) == []
        assert not workspace.path(STEP).exists()
        (draft / "value.txt").write_text("whole")
    assert content(workspace) == "whole"
    assert workspace.reuse(STEP, "k1") == workspace.path(STEP)
    assert workspace.reuse(STEP, "k2") is None
    assert entries(workspace) == ["town"]


def test_a_block_that_fails_leaves_nothing_or_the_former_folder(workspace):
    def fail():
        with workspace.making(STEP, "k2") as draft:
            (draft / "value.txt").write_text("half")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert entries(workspace) == []
    make(workspace, "former")
    with pytest.raises(RuntimeError, match="in the middle"):
        fail()
    assert content(workspace) == "former"
    assert workspace.reuse(STEP, "k1") is not None
    assert entries(workspace) == ["town"]


def test_a_step_made_again_replaces_the_former_whole(workspace):
    with workspace.making(STEP, "k1") as draft:
        (draft / "left_over.txt").write_text("of the first time")
    make(workspace, "new", key="k2")
    assert sorted(path.name for path in workspace.path(STEP).iterdir()) == ["step.json", "value.txt"]
    assert workspace.reuse(STEP, "k1") is None
    assert workspace.reuse(STEP, "k2") is not None


def crash_at(monkeypatch, workspace, rename):
    """Make the step again and die at the given rename of folders, as by a cut of power: nothing is tidied up."""
    done = []
    real = Path.replace

    def replace(self, target):
        if len(done) == rename:
            raise KeyboardInterrupt
        done.append(target)
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        patch.setattr(module.shutil, "rmtree", lambda *args, **options: None)
        with pytest.raises(KeyboardInterrupt):
            make(workspace, "new", key="k2")


@pytest.mark.parametrize("rename", [0, 1])
def test_a_crash_at_either_rename_is_mended_by_the_next_look(workspace, monkeypatch, rename):
    make(workspace, "old")
    crash_at(monkeypatch, workspace, rename)
    assert workspace.path(STEP).exists() == (rename == 0)
    assert workspace.reuse(STEP, "k2") is None
    assert workspace.reuse(STEP, "k1") == workspace.path(STEP)
    assert content(workspace) == "old"
    make(workspace, "new", key="k2")
    assert content(workspace) == "new"
    assert entries(workspace) == ["town"]


def test_a_crash_just_after_the_renames_keeps_the_new_folder(workspace, monkeypatch):
    make(workspace, "old")
    with monkeypatch.context() as patch:
        patch.setattr(module.shutil, "rmtree", lambda *args, **options: None)
        make(workspace, "new", key="k2")  # its former folder is never tidied up
    assert len(entries(workspace)) == 2
    assert workspace.reuse(STEP, "k2") is not None
    assert content(workspace) == "new"
    make(workspace, "newer", key="k3")
    assert entries(workspace) == ["town"]


@pytest.mark.parametrize("damage", ["", "[]", "{}", "3", '{"key'])
def test_a_step_whose_key_cannot_be_read_is_made_again(workspace, damage):
    make(workspace, "old")
    (workspace.path(STEP) / "step.json").write_text(damage)
    assert workspace.reuse(STEP, "k1") is None


def take(workspace, key, made, value="value"):
    return take_step(
        workspace,
        STEP,
        key,
        make=lambda: made.append(key) or value,
        write=lambda text, folder: (folder / "value.txt").write_text(text),
        read=lambda folder: "read: " + (folder / "value.txt").read_text(),
    )


def test_a_step_is_made_once_and_found_the_next_time(workspace):
    made = []
    first, second, third = (take(workspace, key, made) for key in ("k1", "k1", "k2"))
    assert made == ["k1", "k2"]
    assert [step.reused for step in (first, second, third)] == [False, True, False]
    assert [step.value for step in (first, second, third)] == ["value", "read: value", "value"]
    assert {step.folder for step in (first, second, third)} == {workspace.path(STEP)}


def test_a_step_found_is_read_once_and_only_when_asked(tmp_path):
    read = []
    step = Step(tmp_path, "k", True, lambda folder: read.append(folder) or "value")
    assert read == []
    assert [step.value, step.value] == ["value", "value"]
    assert read == [tmp_path]


@pytest.mark.parametrize(
    "fault", [FileNotFoundError("gone"), ValueError("not JSON"), KeyError("rungs"), ModelError("not as saved")]
)
def test_a_step_that_cannot_be_read_back_names_the_folder_to_delete(tmp_path, fault):
    def read(folder):
        raise fault

    with pytest.raises(WorkspaceError, match=f"{tmp_path} was changed or damaged .*; delete it and run again"):
        _ = Step(tmp_path, "k", True, read).value


def test_a_step_that_cannot_be_written_is_made_again(workspace):
    made = []

    def fail(value, folder):
        (folder / "value.txt").write_text("half")
        raise ValueError("cannot be written")

    with pytest.raises(ValueError, match="cannot be written"):
        take_step(workspace, STEP, "k1", make=lambda: "value", write=fail, read=lambda folder: "")
    assert not take(workspace, "k1", made).reused
    assert made == ["k1"]


# Small files and tables


def test_a_small_file_is_replaced_whole_or_stays(tmp_path, monkeypatch):
    path = tmp_path / "note.json"
    write_text(path, "old ü")
    assert path.read_text(encoding="utf-8") == "old ü"
    monkeypatch.setattr(Path, "replace", failing(errno.ENOSPC))
    with pytest.raises(OSError, match="made up"):
        write_text(path, "new")
    assert path.read_text(encoding="utf-8") == "old ü"
    assert [entry.name for entry in tmp_path.iterdir()] == ["note.json"]


def test_tables_are_read_back_as_they_were_written(tmp_path):
    tables = {
        "bills": pd.DataFrame({"home_id": ["a", None], "start": pd.to_datetime(["2024-01-01", None])}),
        "homes": pd.DataFrame({"gas_service": pd.array([True, None], dtype="boolean"), "rooms": [3.0, np.nan]}),
    }
    write_tables(tables, tmp_path / "deep" / "er")
    read = read_tables(tmp_path / "deep" / "er")
    assert list(read) == ["bills", "homes"]
    for name, table in tables.items():
        pd.testing.assert_frame_equal(read[name], table)


def test_cells_of_mixed_types_become_text_and_holes_stay_holes(tmp_path):
    usage = pd.Series([12.5, "n/a", 7, None, True, float("nan")], dtype=object)
    table = pd.DataFrame({"usage": usage, "cost_usd": range(6)})
    write_tables({"bills": table}, tmp_path)
    read = read_tables(tmp_path)["bills"]
    assert read["usage"].dropna().tolist() == ["12.5", "n/a", "7", "True"]
    assert read["usage"].isna().tolist() == [False, False, False, True, False, True]
    assert read["cost_usd"].tolist() == [0, 1, 2, 3, 4, 5]
    assert table["usage"].tolist()[:3] == [12.5, "n/a", 7]  # the table given is left alone


def test_an_empty_set_of_tables_can_be_kept(tmp_path):
    write_tables({}, tmp_path / "quarantine")
    assert read_tables(tmp_path / "quarantine") == {}


# Drafts of the dead

HANGS = (
    "import sys, time\nfrom pathlib import Path\nfrom case_heating.workspace import open_workspace\n"
    "with open_workspace(Path(sys.argv[1])).making(sys.argv[2], 'k') as draft:\n"
    "    (draft / 'half.txt').write_text('half')\n    print('here', flush=True)\n    time.sleep(60)\n"
)


def drafts(workspace):
    return sorted(workspace.path(STEP).parent.glob(".*.draft-*"))


@pytest.fixture
def hanging(workspace):
    child = subprocess.Popen(
        [sys.executable, "-c", HANGS, workspace.root, STEP], stdout=subprocess.PIPE, text=True, close_fds=True
    )
    with child:
        assert child.stdout.readline() == "here\n"
        yield child
        child.kill()


@pytest.mark.skipif(os.name == "nt", reason="whether a process lives is asked otherwise there")
def test_a_draft_of_a_killed_process_goes_when_the_step_is_made(workspace, hanging):
    hanging.kill()
    hanging.wait()
    assert len(drafts(workspace)) == 1
    make(workspace, "whole")
    assert drafts(workspace) == []
    assert content(workspace) == "whole"
    assert sorted(path.name for path in workspace.path(STEP).iterdir()) == ["step.json", "value.txt"]


def test_a_draft_of_a_living_process_or_of_another_computer_stays(workspace, hanging):
    elsewhere = workspace.path(STEP).with_name(".town.draft-999999999@another")
    elsewhere.mkdir()
    own = drafts(workspace)
    assert len(own) == 2
    make(workspace, "whole")
    assert drafts(workspace) == own


# Keys


def test_a_key_hangs_on_every_part_its_order_and_where_it_ends(tmp_path):
    parts = [(1, 23), (12, 3), (3, 12), (12, 3, None), ("12", 3)]
    assert len({fingerprint(*some) for some in parts}) == len(parts)
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_a_key_hangs_on_what_a_file_holds_and_not_on_its_name(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"x" * (1 << 21))
    second.write_bytes(b"x" * (1 << 21))
    assert fingerprint(first) == fingerprint(second)
    second.write_bytes(b"x" * ((1 << 21) - 1) + b"y")
    assert fingerprint(first) != fingerprint(second)


def test_a_workspace_that_another_process_makes_at_the_same_time_is_opened(tmp_path, monkeypatch):
    """The other's mark appears, and then its first folder, just after we saw that there was no mark."""
    root = tmp_path / "work"
    exists = Path.exists
    seen: list[Path] = []

    def other_is_quicker(path):
        there = exists(path)
        if path.name == "workspace.json" and not seen:
            seen.append(path)
            monkeypatch.setattr(Path, "exists", exists)
            open_workspace(root).path("course").mkdir()
        return there

    monkeypatch.setattr(Path, "exists", other_is_quicker)
    assert open_workspace(root).root == root
    assert seen
