# Short names for `cargo xtask`, which does the work and installs what it needs.
.DEFAULT_GOAL := help
.PHONY: help run dev demo test fmt lint release size bench setup

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{ printf "  make %-9s %s\n", $$1, $$2 }'

run: ## Build and run Testbell at http://localhost:3000
	@cargo xtask run

dev: ## Run, and rebuild on every change
	@cargo xtask dev

demo: ## Run with a sample project
	@cargo xtask demo

test: ## Run every check and test, as CI does
	@cargo xtask test

fmt: ## Format the code
	@cargo fmt --all

lint: ## Check formatting and lints
	@cargo xtask test format lint

release: ## Build one self-contained, optimized binary
	@cargo xtask release

size: ## Print the download size of a release in the browser
	@cargo xtask size

bench: ## Measure a release build
	@cargo xtask bench

setup: ## Install everything that builds and tests need
	@cargo xtask setup
