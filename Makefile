# Each target first brings the checkout up to date; the second time that takes no time.
.PHONY: run quick test check soak bench simulate clean reset deploy destroy upgrade
.SILENT:

# What Python has compiled is kept even where the caller would not keep it: else each run compiles all tests anew.
export PYTHONDONTWRITEBYTECODE :=
# Not in /tmp, where another account may have put compiled modules of its own.
export NODE_COMPILE_CACHE := $(CURDIR)/.make/modules

# Files of tests run two at a time, and beside them, at the lowest priority, those that only compute. The last line of a recipe tells its seconds: make fills in the time of its beginning.
pytest = mkdir -p .make/tmp && TMPDIR="$$PWD/.make/tmp" .venv/bin/python -m pytest
in_frontend = cd frontend && PATH="$$PWD/../.venv/bin:$$PATH"
seconds = echo "make $@: $$(($$(date +%s) - $(shell date +%s))) s"

run: ## the whole product on this machine; PORT=8787
	sh setup.sh && exec .venv/bin/python -m local

quick: ## format, lint, and the tests that need no product, no OpenClaw and no browser: 23 s
	sh setup.sh && .venv/bin/ruff format --check -q && .venv/bin/ruff check -q
	($(in_frontend) && npm run check --silent && npm test --silent -- --exclude tests/bounds.test.ts) >.make/page-tests.log 2>&1 & page=$$!; \
	$(pytest) -n 2 -m "not slow" -p no:cacheprovider; python=$$?; wait $$page && exit $$python || { cat .make/page-tests.log; exit 1; }
	tail -n 6 .make/page-tests.log
	$(seconds)

test: ## units, contracts, the product end to end, the page: all but soak's cases; what they leave is in .make/tmp
	sh setup.sh test && $(pytest) -n 3 -m "not soak"
	$(in_frontend) && npm test --silent
	$(seconds)

check: ## format, lint, types, dead code, templates, policies; what comes from others, secrets in the history
	sh setup.sh check && .venv/bin/ruff format --check -q && .venv/bin/ruff check -q && .venv/bin/mypy && .venv/bin/vulture
	.venv/bin/cfn-lint infra/*.yaml && .venv/bin/python -m infra.policies
	.venv/bin/python -m supply
	.make/checkov/bin/checkov --config-file infra/checkov.yml >.make/checkov-says.log 2>&1 || { cat .make/checkov-says.log; exit 1; }
	$(in_frontend) && npm run check --silent
	$(seconds)

soak: ## the long proofs, for an hour or so, with their numbers; SEEDS=20000, TURNS=200
	sh setup.sh test && $(pytest) -n 3 -m soak
	.venv/bin/python -m tests.simulation --seeds $(or $(SEEDS),20000)
	.venv/bin/python -m tests.e2e.chaos --turns $(or $(TURNS),200)
	$(seconds)

simulate: ## histories full of faults; SEEDS=1000, FROM=1
	sh setup.sh && .venv/bin/python -m tests.simulation --seed $(or $(FROM),1) --seeds $(or $(SEEDS),1000)

bench: ## ratios measured side by side
	sh setup.sh && .venv/bin/python -m bench

clean: ## forget what was installed and built; your conversations stay
	rm -rf .venv .make frontend/dist frontend/node_modules container/node_modules .mypy_cache .ruff_cache .pytest_cache

reset: ## forget everything under .local, conversations too
	sh setup.sh && .venv/bin/python -m local.reset

deploy: ## an agent in your AWS account; again after a failure or a change; STAGE=prod, ARGS=--yes
	sh setup.sh deploy && .venv/bin/python -m infra deploy $(ARGS)

destroy: ## what bills goes, your data stays; ARGS=--delete-data forgets it too
	sh setup.sh && .venv/bin/python -m infra destroy $(ARGS)

upgrade: ## another OpenClaw, tried before it is used: OPENCLAW=x.y.z; back again: ROLLBACK=1
	sh setup.sh deploy && .venv/bin/python -m infra upgrade $(if $(OPENCLAW),--openclaw $(OPENCLAW)) $(if $(ROLLBACK),--rollback) $(ARGS)
