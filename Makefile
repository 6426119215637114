# Every target is a line of start.py, which runs where there is no make as well: python3 start.py run
PYTHON ?= python3

.PHONY: help setup run test clean
help:
	@echo "make run    set up and do the main job on the embedded utility"
	@echo "make test   set up and run every check and test"
	@echo "make setup  only set up; then: .venv/bin/heating --help"
	@echo "make clean  remove the environment and the workspace"

setup run test:
	@$(PYTHON) start.py $@

clean:
	rm -rf .venv .heating build *.egg-info
