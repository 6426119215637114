"""The course: lessons that teach what :mod:`case_heating` does by using it; `README.md` beside this file tells how."""
