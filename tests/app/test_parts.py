"""The pieces pages are made of: head, figure, empty state, and errors in words."""

from streamlit.testing.v1 import AppTest


def test_the_head_says_what_a_page_is_for_and_where_it_is_taught(words_of):
    def page():
        from case_heating.edges.app.parts import page_head

        page_head("The ladder", "How good is it with *each* source?", lesson="03", code="case_heating/model/ladder.py")

    at = AppTest.from_function(page, default_timeout=30).run()
    assert not at.exception
    assert at.title[0].value == "The ladder"
    assert "How good is it with *each* source?" in words_of(at)
    assert "lesson 03 of the course; done in `case_heating/model/ladder.py`" in words_of(at)


def test_a_figure_has_its_unit():
    def page():
        from case_heating.edges.app.parts import figure

        figure("Next year", "1,240", unit="USD", note="90 of 100 such years lie in 1,000–1,500 USD")

    at = AppTest.from_function(page, default_timeout=30).run()
    assert [(one.label, one.value) for one in at.metric] == [("Next year", "1,240 USD")]
    assert "90 of 100" in at.caption[0].value


def test_what_a_person_can_mend_is_said_in_words_and_the_rest_goes_on():
    def page():
        import streamlit as st

        from case_heating.edges.app.parts import guarded
        from case_heating.errors import BusyError, NothingMadeError

        with guarded():
            raise NothingMadeError("no run of embedded has finished. 'heating run' makes them")
        with guarded():
            raise BusyError("process 7 on [here] is training right now. Wait.")
        st.write("the rest")

    at = AppTest.from_function(page, default_timeout=30).run()
    assert not at.exception
    assert "No run of embedded has finished" in at.info[0].value
    assert at.code[0].value == "heating run"
    assert at.error[0].value == "Process 7 on \\[here\\] is training right now. Wait."
    assert at.markdown[-1].value == "the rest"


def test_a_fault_of_the_program_is_not_swallowed():
    def page():
        from case_heating.edges.app.parts import guarded

        with guarded():
            raise ValueError("a fault")

    assert AppTest.from_function(page, default_timeout=30).run().exception[0].message == "a fault"
