# How long `make fuzz` and `make conformance` spend on each fuzz target.
FUZZTIME ?= 30s
# How long the soak of `make conformance` takes.
SOAK ?= 3m

.PHONY: help check newest test fmt fuzz mutate bench conformance live update

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-11s %s\n", $$1, $$2 }' Makefile

check: ## everything that must hold before a change is merged, in every module
	@bash scripts/check.sh

newest: ## test with the newest aws-sdk-go-v2 and smithy-go that can be had
	@bash scripts/newest.sh

test: ## the tests of the root module
	go test ./...

fmt: ## format every Go file
	gofmt -l -w .

fuzz: ## run every fuzz target of the root module for FUZZTIME
	@bash scripts/fuzz.sh $(FUZZTIME)

mutate: ## report small changes to the package PKG that its tests miss; FLAGS="-every 10" tries a tenth of them
	@GOWORK=off go build -C tools -o ../bin/mutate ./mutate
	@bin/mutate $(FLAGS) $(or $(PKG),.)

bench: ## measure against other clients and write the table of docs/performance.md
	@bash scripts/bench.sh

conformance: ## compare with the official client and others, soak and fuzz; prints what was compared
	@SOAK=$(SOAK) FUZZTIME=$(FUZZTIME) bash scripts/conformance.sh

live: ## check what the fake assumes against AWS; says what it creates and asks; ARGS="-region us-east-1 -bucket NAME -burst"
	@GOWORK=off go -C conformance run ./live $(ARGS)

update: ## write api/ and the golden files anew; look at the diff before committing it
	@bash scripts/update.sh
