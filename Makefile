# Targets with a reason each: make help.
GO      ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X sarhad/app.Version=$(VERSION)
export CGO_ENABLED = 0

.DEFAULT_GOAL := build

.PHONY: help
help: ## what can be made, and why
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## try it: a node with a synthetic region on http://localhost:8080
	./bin/sarhad demo

.PHONY: build
build: ui binary ## the workbench and the one binary, bin/sarhad

.PHONY: binary
binary: ## the binary alone, with whatever workbench was built before
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/sarhad ./cmd/sarhad

UI_STAMP := web/ui/dist/app/index.html
UI_SOURCES := $(shell find web/ui -path web/ui/node_modules -prune -o -path web/ui/dist -prune -o -path web/ui/src/paraglide -prune -o -type f -print 2>/dev/null)

.PHONY: ui
ui: $(UI_STAMP) ## the workbench, into web/ui/dist/app

$(UI_STAMP): $(UI_SOURCES) web/ui/node_modules/.stamp
	cd web/ui && npm run --silent build
	@touch $@

web/ui/node_modules/.stamp: web/ui/package-lock.json
# Not npm ci: two build tools name optional packages of other platforms that no registry has, and npm ci calls that a
# broken lock file. npm install keeps to the lock file for everything that exists.
	cd web/ui && npm install --no-save --silent --no-audit --no-fund
	@touch $@

.PHONY: test
test: build test-ui lint test-go test-story ## everything that must pass before a change lands

.PHONY: test-go
test-go: ## Go: unit, conformance, property, command stories, fuzz seeds, house, cross-build
	$(GO) test -timeout 25m ./...

.PHONY: test-ui
test-ui: web/ui/node_modules/.stamp ## workbench: types, lint, unit tests
	cd web/ui && npm run --silent check && npm run --silent lint && npm test --silent

.PHONY: test-story
test-story: build ## browser story: decide a hit, act on it at the booth, find both in the audit; photographs and axe
	./web/ui/story/run.sh

.PHONY: lint
lint: ## format and vet; golangci-lint too where it is installed
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt these:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	@if command -v golangci-lint >/dev/null; then golangci-lint run; fi

.PHONY: dev
dev: binary ## work on the workbench: a demo node behind a page that reloads itself
	./scripts/dev

.PHONY: openapi
openapi: ## write web/api/openapi.json and the workbench's types after a deliberate change of the API
	SARHAD_UPDATE=1 $(GO) test -count=1 -run TestOpenAPIOnlyGrows .
	./web/ui/scripts/schema.sh

.PHONY: fuzz
fuzz: ## hunt in every parser for 30 s each
	./scripts/fuzz 30s

.PHONY: race
race: ## race detector on the pure packages (the database is ten times slower under it)
	CGO_ENABLED=1 $(GO) test -race ./record/... ./engine/... ./format/... ./internal/...

.PHONY: soak
soak: ## hours: 100,000 schedules of the relay, kills of the bus, 20,000 messages with kill -9 of hub, sender and addressee
	$(GO) test -count=1 -timeout 6h ./exchange/relay/relaytest -args -schedules 100000
	$(GO) test -count=20 -timeout 6h -run 'Kill|Outage|Crash' ./internal/bus
	SARHAD_SOAK=20000 $(GO) test -count=1 -timeout 6h -run TestMessagesSurviveKill9 -v ./app

.PHONY: bench
bench: binary ## the figures of docs/performance.md
	./bin/sarhad bench store --n 100000
	$(GO) test -run xxx -bench . -benchtime 2s ./format/... ./engine/...

.PHONY: dist
dist: ui ## a release of the present commit in dist/: Linux, Windows, bill of materials, sums; the same bytes everywhere
	GO='$(GO)' ./scripts/dist

.PHONY: reproduce
reproduce: ## prove it: two clones in different places give the same release (minutes; NODE_MODULES=DIR saves a download)
	./scripts/reproduce

.PHONY: clean
clean: ## forget what was built
	rm -rf bin dist web/ui/dist/app web/ui/node_modules web/ui/src/paraglide
