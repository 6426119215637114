"""A question is data: written out it needs no code, computed it is asked when the notebook runs."""

import pytest

from course.lesson import LessonError
from course.quizzes import Quiz, plain_quiz, quiz_of

WRITTEN = 'quiz("Is it five?", {"yes": "One and four.", "no": "Count `again`."}, right="yes")'


def test_markdown_in_a_question_becomes_html_and_signs_tell_right_from_wrong():
    html = Quiz("Is `x < 1`?", {"**yes**": "It *is*.", "no": "Look."}, "no").html()
    assert "<code>x &lt; 1</code>" in html
    assert "<summary><strong>yes</strong></summary>\n<p>✘ It <em>is</em>.</p>" in html
    assert "<summary>no</summary>\n<p>✔ Look.</p>" in html


def test_the_order_of_options_tells_nothing_and_is_the_same_each_time(write_lesson):
    turned = 'quiz("Is it five?", {"no": "Count `again`.", "yes": "One and four."}, right=1)'
    quizzes = [plain_quiz(lesson, 1) for lesson in (write_lesson(), write_lesson((WRITTEN, turned)))]
    assert [list(quiz.options) for quiz in quizzes] == [["no", "yes"]] * 2
    assert [quiz.right for quiz in quizzes] == ["yes", "yes"]


def test_what_is_computed_is_not_written_out(write_lesson):
    lesson = write_lesson()
    assert plain_quiz(lesson, 1) == Quiz("Is it five?", {"yes": "One and four.", "no": "Count `again`."}, "yes")
    assert plain_quiz(lesson, 2) is None
    assert quiz_of(lesson, 2, {"parts": [1, 2, 3]}).right == "3"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('quiz("Is it?", {"yes": "It is."}, right="yes")', "needs two options"),
        ('quiz("Is it?", {"yes": "It is.", "no": "No."}, right=2)', "counted from 0 to 1"),
        ('quiz("Is it?", {"yes": "It is.", "no": "No."}, right="maybe")', "'maybe', which is none of the options"),
        ("print()", "calls quiz 0 times"),
    ],
)
def test_a_faulty_question_is_told(write_lesson, cell, words):
    with pytest.raises(LessonError, match=words):
        quiz_of(write_lesson((WRITTEN, cell)), 1, {})


def test_a_question_that_is_not_there(write_lesson):
    with pytest.raises(LessonError, match="has 2 quiz questions; there is no number 3"):
        quiz_of(write_lesson(), 3, {})
