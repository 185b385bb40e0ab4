# The commands of this repository. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON := .venv/bin/python
COLLECTION_FILES := $(shell git ls-files galaxy.yml meta plugins roles playbooks schemas extensions bindep.txt README.md LICENSE 2>/dev/null)

.PHONY: help
help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup .build/collections/installed  ## Build a lab, bring a fabric up in it, ping across it
	$(PYTHON) -m lab.demo

.PHONY: test
test: setup .build/collections/installed  ## Run every check there is; the last line counts them
	$(PYTHON) -m tests.run

INVENTORY ?= inventories/lab

.PHONY: rehearse
rehearse: setup .build/collections/installed  ## Kill and drain the gateways of INVENTORY in namespaces, print what it costs
	trap '$(PYTHON) -m lab down rehearsal' EXIT; \
	$(PYTHON) -m lab up lab/rehearsal.yml --name rehearsal; \
	.venv/bin/ansible-playbook -i $(INVENTORY) -i lab/rehearsal.yml -e rehearse_on=rehearsal evpn.fabric.rehearse $(ARGUMENTS)

EXAMPLES ?= 100
LAW := env EVPN_EXAMPLES=$(EXAMPLES) $(PYTHON) -m pytest -q

.PHONY: law
law: setup  ## Take EXAMPLES pairs of inventories (100), and see that hosts are as if the second had come alone
	$(LAW) tests/integration/test_law_of_inventories.py
	$(PYTHON) -m lab vm $(LAW) tests/kernel/test_law_of_inventories.py

.PHONY: bench
bench: setup .build/collections/installed  ## Measure, each figure beside a peer's in the same run
	$(PYTHON) -m benchmarks.run

.PHONY: lint
lint: setup  ## Only the checks that take seconds
	$(PYTHON) -m tests.run lint unit

.PHONY: schema
schema: setup  ## Write what follows from the declarations of keys
	$(PYTHON) -m tools.schema

.PHONY: setup
setup: .venv/ready  ## Install what the other commands need

.venv/ready: requirements-dev.txt tools/setup
	tools/setup
	touch $@

# What is run is the artifact that users install, not the checkout.
.build/collections/installed: .venv/ready $(COLLECTION_FILES)
	@echo "== building the collection and installing the artifact"
	rm -rf .build/collections .build/dist
	.venv/bin/ansible-galaxy collection build --output-path .build/dist
	.venv/bin/ansible-galaxy collection install --offline --collections-path .build/collections .build/dist/*.tar.gz
	touch $@

.PHONY: clean
clean:  ## Remove all that these commands made here
	if [ -x $(PYTHON) ]; then $(PYTHON) -m lab down; fi
	rm -rf .lab .build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Debian packages stay; tools/setup lists those it installs."
