"""A lesson's source is parsed into cells, and every fault of its marks is told with its line."""

import pytest

from course.lesson import LessonError, find_lesson, lesson_paths, read_lesson

HEADER = """# ---
# number: "09"
# title: "A lesson"
# level: 1
# minutes: 60
# teaches: [case_heating.schema]
# ---
"""
BODY = """# %% [markdown]
# # A lesson
#
# It begins.
# %%
x = 1
# %% [exercise] answer
answer = ...
# %% [solution] answer
answer = 2
# %% [check] answer
exercise(right=x + 1, wrong={"one": 1, "three": 3}, otherwise="count")
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="level_1/09_a_lesson.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_objectives_are_the_first_list_of_the_prose(write):
    told = """# **You will be able to**
#
# - read a bill, and say
#   what it shows;
# - heat a home.
#
# ## The story
#
# - no objective
"""
    lesson = read_lesson(write(HEADER + BODY.replace("# It begins.\n", told)))
    assert lesson.objectives == ("read a bill, and say what it shows", "heat a home")
    assert read_lesson(write(HEADER + BODY)).objectives == ()


@pytest.mark.parametrize("path", lesson_paths(), ids=lambda path: path.stem)
def test_every_lesson_says_what_it_is_good_for(path):
    assert len(read_lesson(path).objectives) >= 3


def test_cells_keep_kind_name_text_and_line(write):
    lesson = read_lesson(write(HEADER + BODY))
    assert (lesson.number, lesson.level, lesson.minutes, lesson.teaches) == ("09", 1, 60, ("case_heating.schema",))
    assert lesson.place == "level_1/09_a_lesson"
    assert lesson.exercises == ("answer",)
    told = [(cell.kind, cell.name, cell.text, cell.line) for cell in lesson.cells]
    assert told[:3] == [
        ("markdown", "", "# A lesson\n\nIt begins.", 9),  # the header has seven lines, the eighth is the mark
        ("code", "", "x = 1", 13),
        ("exercise", "answer", "answer = ...", 15),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("# %% [solution] answer\nanswer = 2\n", ""), "14: [exercise] answer must be followed by its solution"),
        (("# %% [check] answer\n", "# %% [check] another\n"), "18: [check] another must follow [solution] another"),
        (("# %% [exercise] answer\nanswer = ...\n", ""), "14: [solution] answer must follow [exercise] answer"),
        (("[markdown]", "[markdwon]"), "8: '# %% [markdwon]' begins no cell"),
        (("# %% [exercise] answer", "# %% [exercise]"), "14: [exercise] needs the name"),
        (("# It begins.", "It begins."), "11: a line of prose begins with '# '"),
        (("x = 1\n", ""), "12: the cell is empty"),
        (("# %%\n", "# %% [quiz] one\n"), "12: [quiz] takes no name"),
    ],
)
def test_a_fault_of_the_marks_is_told_with_its_line(write, change, words):
    with pytest.raises(LessonError) as told:
        read_lesson(write(HEADER + BODY.replace(*change)))
    assert f"09_a_lesson.py:{words}" in str(told.value)


def test_what_is_asked_for_twice_is_a_fault(write):
    again = BODY[BODY.index("# %% [exercise]") :]
    with pytest.raises(LessonError, match="20: answer is asked for twice"):
        read_lesson(write(HEADER + BODY + again))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.replace("# minutes: 60\n", ""), "minutes must be a int, and is None"),
        (HEADER.replace("# level: 1", "# level: 0"), "the header's level is 0 and the folder is level_1"),
        (HEADER.replace('"09"', '"08"'), "the header's number is '08'"),
        (HEADER.replace("# ---\n", "", 1), "the header is missing"),
        (HEADER.replace("# minutes", "# author: me\n# minutes"), "the header has author"),
        (HEADER + "x = 1\n", "8: this stands before the first cell"),
    ],
)
def test_a_fault_of_the_header_is_told(write, header, words):
    with pytest.raises(LessonError, match="09_a_lesson") as told:
        read_lesson(write(header + BODY))
    assert words in str(told.value)


def test_a_lesson_is_found_by_its_number(write, tmp_path):
    write(HEADER + BODY)
    assert [path.name for path in lesson_paths(tmp_path)] == ["09_a_lesson.py"]
    assert find_lesson("9", tmp_path).title == "A lesson"
    with pytest.raises(LessonError, match="there is no lesson '3'; there are 09"):
        find_lesson("3", tmp_path)


def test_the_lessons_of_the_course_have_numbers_of_their_own():
    numbers = [path.name[:2] for path in lesson_paths()]
    assert numbers
    assert len(set(numbers)) == len(numbers)
