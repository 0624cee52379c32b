# `make` lists the targets. Each of them first runs scripts/setup, which installs missing tools, and takes a second if there are none.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-test run dev build test format fix lint unit budget fuzz fuzz-long e2e drill audit deploy-check screenshots measure clean

# The server reads the site from target/site. A target folder elsewhere would leave an old site there.
unexport CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR

# Set-up runs once for all targets of a call, with the test tools if any target needs them.
SETUP := scripts/setup $(if $(filter measure screenshots,$(MAKECMDGOALS)),$(firstword $(filter measure screenshots,$(MAKECMDGOALS))),$(if $(filter setup-test test format fix lint unit drill fuzz fuzz-long e2e \
	deploy-check,$(MAKECMDGOALS)),test))

# Precedes every command that uses a tool, because each line of a recipe runs in its own shell.
ENV := . scripts/env &&

# Stops a command after a minute, if the system has timeout (macOS has not).
MINUTE := $(if $(shell command -v timeout),timeout 60)

# The build for the browser. (--locked below makes an outdated Cargo.lock an error.)
WASM := --target wasm32-unknown-unknown --no-default-features --features hydrate

# Prints a heading and records the time, for the summary of `make test`.
part = @printf '\n== $(1) ==\n'; mkdir -p target; printf '%s %s\n' "$$(date +%s)" '$(1)' >> target/parts

help: ## list the targets
	@echo "make run    the app on http://127.0.0.1:3000, also from a fresh clone"
	@echo "make test   every check"
	@echo
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r target text; do printf '%-12s %s\n' "$$target" "$$text"; done

setup: ## install missing tools of `make run`
	@rm -f target/parts
	$(call part,setup)
	@$(SETUP)

setup-test: setup ## and those of `make test`

run: build ## build for release and serve on http://127.0.0.1:3000 with SQLite
	$(call part,run)
	@$(ENV) exec target/release/holdfast

dev: setup ## serve, and rebuild on every change
	@$(ENV) exec cargo leptos watch

# In parallel: one thread compiles the server's last crate for minutes, and the site, at lower priority, uses the idle core.
build: setup ## build for release: server and site, compressed
	$(call part,build: server and site for release)
	@($(ENV) nice cargo leptos build --release --frontend-only --precompress --cargo-locked > target/site.log 2>&1 && echo 'make build: the site is built' \
		|| { cat target/site.log; echo 'make build: the site could not be built, see above.'; exit 1; } >&2) & \
	$(ENV) cargo leptos build --release --server-only --cargo-locked && server=yes || server=no; \
	wait $$! && [ $$server = yes ]

test: setup format lint unit build budget fuzz e2e ## every check: the following parts, in this order
	@printf '\nmake test: all passed. Seconds of each part:\n'
	@date +%s >> target/parts
	@awk 'NR == 1 { first = $$1 } NR > 1 { printf "%6d  %s\n", $$1 - begun, part } { begun = $$1; sub(/^[0-9]+ ?/, ""); part = $$0 } END { printf "%6d  in all\n", begun - first }' target/parts

format: setup ## check the formatting
	$(call part,format)
	@$(ENV) cargo fmt --check || { echo "make format: run 'make fix'." >&2; exit 1; }

fix: setup ## format the code
	@$(ENV) cargo fmt

lint: setup ## clippy for server and WASM, documentation, types of the browser tests
	$(call part,lint: clippy for the server)
	@$(ENV) cargo clippy --locked --all-targets --features ssr -- -D warnings
	@# With erased view types, as in `make dev`; `make build` compiles without.
	$(call part,lint: clippy for WASM)
	@$(ENV) CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$$CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS --cfg erase_components" \
		cargo clippy --locked --lib $(WASM) -- -D warnings
	$(call part,lint: documentation)
	@$(ENV) RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items --features ssr
	$(call part,lint: types of the browser tests)
	@$(ENV) cd end2end && npm run check

# Tests whose result may differ on Postgres: order, pagination, concurrency, statements. The store contract, drills and replicas
# run on both databases by themselves.
ON_POSTGRES := journeys:: sessions:: api::paging api::conditions api::many api::planning api::moving api::batch api::properties island_calls trash:: undo:: passwords:: registration:: \
	limits:: operator_commands security::ownership security::statements

unit: setup ## unit and integration tests, on SQLite and on a temporary Postgres
	$(call part,unit: compile the tests)
	@$(ENV) cargo test --locked --features ssr --no-run
	$(call part,unit: unit and integration tests)
	@$(ENV) scripts/with-postgres cargo test --locked --features ssr
	$(call part,unit: tests that may differ on Postgres)
	@$(ENV) scripts/with-postgres bash -euc 'if [ -n "$${TEST_POSTGRES_URL:-}" ]; then \
		TEST_DATABASE=postgres cargo test --locked --features ssr --test it -- $(ON_POSTGRES); fi'

budget: build ## check size and content of each page's WASM, scripts and styles
	$(call part,budget: size of the served pages)
	@$(ENV) node end2end/budget.mjs

fuzz: build ## test the REST API against its OpenAPI document
	$(call part,fuzz: the REST API against its OpenAPI document)
	@$(ENV) node end2end/fuzz-api.mjs

fuzz-long: build ## the same with three times as many examples
	@$(ENV) node end2end/fuzz-api.mjs 1 300

e2e: build ## browser tests
	$(call part,e2e: browser tests)
	@$(ENV) cd end2end && ../scripts/with-postgres npx playwright test

drill: setup ## long fault injection: kills, power loss, full disk, locks, Postgres failures
	@$(ENV) DRILL=long scripts/with-postgres cargo test --locked --features ssr --test it drill -- --nocapture --test-threads 1 \
		| grep -E '^drill:|^test |panicked|test result'

# Not in `make test`: its findings change without the code, and nothing else needs its tools.
audit: ## check licences, bans, sources and known vulnerabilities; write the SBOM, target/holdfast.cdx.json
	@scripts/setup audit
	@printf '\n== audit: licences, bans, sources ==\n'
	@$(ENV) cargo deny --locked check --hide-inclusion-graph licenses bans sources
	@printf '\n== audit: known vulnerabilities ==\n'
	@$(ENV) if $(MINUTE) cargo deny --locked fetch db > /dev/null 2>&1; then \
		cargo deny --locked --offline check --hide-inclusion-graph advisories; \
	else \
		echo 'make audit: NOT CHECKED: the list of known vulnerabilities (RustSec) could not be fetched. The rest was checked.' >&2; \
	fi
	@printf '\n== audit: a CycloneDX SBOM of server and site, for every platform ==\n'
	@$(ENV) cargo cyclonedx --quiet --format json --spec-version 1.5 --all-features --target all --override-filename holdfast.cdx
	@mkdir -p target && mv holdfast.cdx.json target/
	@echo "audit: $$(grep -c '"purl"' target/holdfast.cdx.json) crates are listed in target/holdfast.cdx.json"

# Not in `make test`: it needs root and Linux, and unpacks proxies.
deploy-check: build ## check the files in deploy/, with a run behind nginx and Caddy; as root
	$(call part,deploy-check: the files in deploy/)
	@$(ENV) scripts/deploy-check

# The documentation has two pictures of each page, and the site has the preview.
PAGES := sign-in sign-up todos today search todos-editing todos-several trash account account-delete not-found problems problem api-docs

screenshots: build ## take pictures of every page and state, and update those of the documentation
	@$(ENV) cd end2end && npx playwright test --config screenshots.config.ts
	@mkdir -p docs/pages
	@for page in $(PAGES); do cp end2end/screenshots/out/$$page-desktop-light.png end2end/screenshots/out/$$page-phone-dark.png docs/pages/; done
	@cp end2end/screenshots/out/preview.png public/
	@echo "screenshots: all are in end2end/screenshots/out; docs/pages and public/preview.png are up to date"

measure: build ## print what depends on the machine: the table of docs/performance.md
	@$(ENV) POSTGRES_DURABLE=1 scripts/with-postgres node end2end/measure.mjs

clean: ## remove build output; keeps tools (.tools, end2end/node_modules), .env and data
	rm -rf target end2end/test-results end2end/playwright-report
