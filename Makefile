# Every habit of this project; `make` alone explains them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
CODE := pasar channels actions launch

.PHONY: setup train run chat validate sync check-channel test parity new-language lint fix eval bench lock help

setup: ## Make .venv with Python 3.10 and the locked packages; nothing where that is done
	@launch/setup.sh

train: setup ## Train a model, after Rasa's checks of stories and texts
	@$(PYTHON) -m launch train

run: setup ## Start everything, and say where it answers; PASAR_PORT=5006 make run for another port
	@exec $(PYTHON) -m launch run

chat: setup ## Talk in the terminal with what `make run` has started
	@exec $(PYTHON) -m launch chat $(if $(SHOP),--shop $(SHOP)) $(if $(PRODUCT),--product $(PRODUCT))

validate: setup ## Check all shops' files, and Rasa's stories and texts
	@$(PYTHON) -m launch validate

sync: setup ## Read a shop's products from its platform: SHOP=batikhaus; ARGS=--whole for all of them
	@$(PYTHON) -m launch sync "$(SHOP)" $(ARGS)

check-channel: setup ## Test an account's keys, callback and signature: NAME=line/stylehub, or NAME=line
	@$(PYTHON) -m launch check-channel "$(NAME)"

test: ## Everything from nothing: environment, browser, databases, model, all tests; ARGS="-k words" for some
	@launch/setup.sh --tests
	@$(PYTHON) -m launch train --if-needed
	@# What fails beside others is tried once more alone: a busy machine pauses for longer than some deadlines that are tested.
	@$(PYTHON) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS) || \
		$(PYTHON) -m pytest --last-failed --last-failed-no-failures none $(ARGS)

parity: setup ## Play every conversation in every language, and compare the languages and their texts
	@$(PYTHON) -m launch train --if-needed
	@$(PYTHON) -m pytest -q --matrix tests/conversations tests/languages/test_responses.py $(ARGS)

new-language: setup ## Lay out the folder of a language: CODE=fr NAME=Français
	@$(PYTHON) -m launch new-language "$(CODE)" "$(NAME)"

lint: setup ## Check style, types and which part may import which
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy $(CODE)
	@.venv/bin/lint-imports

fix: setup ## Repair what of style can be repaired
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

eval: setup ## Measure how well each language is understood
	@$(PYTHON) -m launch train --if-needed
	@$(PYTHON) -m evaluation $(ARGS)

bench: setup ## Measure how fast many buyers are answered
	@$(PYTHON) -m launch train --if-needed
	@$(PYTHON) -m benchmark $(ARGS)

lock: setup ## Choose the newest allowed versions of packages, and write requirements.lock
	@.tools/bin/python -m uv lock --upgrade
	@.tools/bin/python -m uv export --locked --quiet --no-emit-project --all-groups --no-annotate \
		--format requirements-txt --output-file requirements.lock

help: ## Print this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r name text; do printf '%-22s%s\n' "$$name" "$$text"; done
