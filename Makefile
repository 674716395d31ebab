# Every target makes what it needs: `make demo` on a fresh Debian or Ubuntu is the whole installation.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo incident test check fast format bench faults scenarios fleet soak clean

export DEMO_SECONDS ?= 60
BIN := .venv/bin
FAST := not slow and not heavy and not systemd

help: ## Show this
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

demo: .venv/demo.stamp ## Run the whole chain on a private Redis with a simulated market, for DEMO_SECONDS (60)
	@$(BIN)/qtops run publisher --embedded --seconds $(DEMO_SECONDS)

incident: .venv/dev.stamp ## Break the service on a throw-away systemd (root, Debian), diagnose, recover, verify, report; else replay it
	@$(BIN)/python -m tests.incident

test: fast ## Run the tests: the fast ones on all cores, then those that mostly wait, file by file on two
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not heavy and not ($(FAST))"

check: .venv/dev.stamp ## Format check, lint, types, tests
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test

fast: .venv/dev.stamp ## The tests that take no more than a second or two each, without those of faults and of a booted systemd
	@$(BIN)/python -m pytest -n auto -m "$(FAST)"

format: .venv/dev.stamp ## Format, and mend what the linter can mend
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format

bench: .venv/dev.stamp ## Measure, and compare with what is promised
	@$(BIN)/python -m tests.bench

faults: .venv/dev.stamp ## The heavy fault tests: kill, pause, fill, fail over
	@$(BIN)/python -m pytest -m heavy

scenarios: .venv/dev.stamp ## Make a hundred services sick on a real systemd (needs root), and see what doctor says of each
	@$(BIN)/python -m tests.scenarios

fleet: .venv/dev.stamp ## Map a fleet with planted wiring faults, and print what was found, overlooked and said without reason
	@$(BIN)/python -m tests.fleet

soak: .venv/dev.stamp ## Ten minutes of deaths around the supervisor on a real systemd (needs root); SOAK="latency frozen" runs some of it
	@$(BIN)/python -m tests.soak $(SOAK)

clean: ## Remove what was made here, .venv too
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

.venv/%.stamp: pyproject.toml .ci/setup
	@.ci/setup $*
