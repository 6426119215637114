"""A small lesson, written into a folder, and changed by tests that plant faults."""

import pytest

from course.lesson import read_lesson

LESSON = """# ---
# number: "05"
# title: "Adding up"
# level: 0
# minutes: 45
# teaches: [case_heating.schema]
# ---
# %% [markdown]
# # 05 · Adding up
# See [`schema.py`](../../../case_heating/schema.py).
# %%
parts = [1, 4]
print("two parts")
parts
# %% [predict]
# More than four?
# %% [exercise] total
total = parts[0]
# %% [solution] total
total = sum(parts)
# %% [check] total
exercise(
    right=sum(parts),
    wrong={"You take the first alone.": parts[0], "You take the last alone.": parts[-1]},
    otherwise="Add them all.",
    then="That is all of them.",
)
# %%
total + 1
# %% [quiz]
quiz("Is it five?", {"yes": "One and four.", "no": "Count `again`."}, right="yes")
# %% [quiz]
quiz("How many parts?", {f"{len(parts)}": "As many.", "none": "No."}, right=0)
# %% [figures]
figure("real_total", value=10 * sum(parts), unit="of 100")
"""


@pytest.fixture
def write_lesson(tmp_path):
    """A function that writes the lesson, changed by replacing texts, and reads it."""

    def write(*changes, name="level_0/05_adding_up.py"):
        text = LESSON
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return read_lesson(path)

    return write
