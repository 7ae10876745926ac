"""What answers are worth (CONTRACT section 6, "Marks")."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.lms import marking
from services.lms.marking import InvalidAnswers, InvalidGrades


def mcq(question_id: str, marks: int = 5, correct: str = "a"):
    options = [
        {"option_id": each, "text": each.upper(), "is_correct": each == correct} for each in "abc"
    ]
    return {
        "question_id": question_id,
        "question_type": "MCQ",
        "question_text": "?",
        "options": options,
        "marks": marks,
        "max_words": None,
    }


def theory(question_id: str, marks: int = 10, max_words: int | None = 3):
    return {
        "question_id": question_id,
        "question_type": "THEORY",
        "question_text": "?",
        "options": [],
        "marks": marks,
        "max_words": max_words,
    }


QUESTIONS = [mcq("q1"), mcq("q2", marks=7, correct="b"), theory("q3"), theory("q4", max_words=None)]


def test_right_answers_score_their_marks_and_missing_ones_nothing():
    assert marking.mcq_marks(QUESTIONS, {"q1": "a", "q2": "b"}) == {"q1": 5, "q2": 7}
    assert marking.mcq_marks(QUESTIONS, {"q1": "b", "q2": "b"}) == {"q1": 0, "q2": 7}
    assert marking.mcq_marks(QUESTIONS, {}) == {"q1": 0, "q2": 0}


def test_any_of_several_correct_options_is_right():
    question = mcq("q1")
    question["options"][1]["is_correct"] = True
    assert [marking.mcq_marks([question], {"q1": each})["q1"] for each in "abc"] == [5, 5, 0]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([("q9", "a")], "q9 is not a question"),
        ([("q3", "a")], "q3 is not a question"),
        ([("q1", "z")], "Question q1 has no option z"),
        ([("q1", "a"), ("q1", "b")], "Question q1 is answered twice"),
    ],
)
def test_an_answer_that_is_none_is_refused(answers: list[tuple[str, str]], said: str):
    with pytest.raises(InvalidAnswers, match=said):
        marking.checked_mcq(QUESTIONS, answers)


def test_a_text_has_at_most_its_words():
    assert marking.checked_theory(QUESTIONS, [("q3", " one  two\nthree \n")])
    assert marking.checked_theory(QUESTIONS, [("q4", "word " * 500)])
    with pytest.raises(InvalidAnswers, match="has more than 3 words; shorten it"):
        marking.checked_theory(QUESTIONS, [("q3", "one two three four")])


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        ([("q1", 1)], "q1 is not a theory question"),
        ([("q3", 11)], "Question q3 takes 0 to 10 marks"),
        ([("q3", 1), ("q3", 2)], "Question q3 is graded twice"),
    ],
)
def test_a_grade_that_is_none_is_refused(grades: list[tuple[str, int]], said: str):
    with pytest.raises(InvalidGrades, match=said):
        marking.checked_grades(QUESTIONS, grades)


def test_less_than_no_marks_are_refused_for_any_question():
    with pytest.raises(InvalidGrades, match="Question q3 takes 0 marks or more"):
        marking.check_grades([("q1", 0), ("q3", -1)])


def test_the_theory_score_waits_for_the_last_grade():
    assert marking.theory_score(QUESTIONS, {"q3": 8}) is None
    assert marking.theory_score(QUESTIONS, {"q3": 8, "q4": 0}) == 8
    assert marking.theory_score([mcq("q1")], {}) == 0


@given(st.dictionaries(st.sampled_from(["q1", "q2"]), st.sampled_from("abc")))
def test_a_score_is_between_nothing_and_all_marks(chosen: dict[str, str]):
    assert marking.checked_mcq(QUESTIONS, list(chosen.items())) == chosen
    assert 0 <= sum(marking.mcq_marks(QUESTIONS, chosen).values()) <= 12


def test_a_mended_key_changes_what_is_correct_and_nothing_else():
    now = [mcq("q1", marks=50, correct="c"), theory("q2"), mcq("q3")]
    now[0]["question_text"] = "Another?"
    assert marking.with_mended_key(QUESTIONS, now) == [mcq("q1", correct="c"), *QUESTIONS[1:]]


def test_the_key_of_a_question_with_other_options_is_left_alone():
    now = mcq("q1", correct="b")
    now["options"][2]["option_id"] = "d"
    assert marking.with_mended_key(QUESTIONS, [now]) == QUESTIONS
    more = mcq("q1", correct="b")
    more["options"].append({"option_id": "d", "text": "D", "is_correct": True})
    assert marking.with_mended_key(QUESTIONS, [more]) == [mcq("q1", correct="b"), *QUESTIONS[1:]]
