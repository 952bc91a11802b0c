# Each target first brings the checkout up to date; the second time that takes no time.
.PHONY: run test check bench simulate clean reset deploy destroy upgrade
.SILENT:

run: ## the whole product on this machine; PORT=8787
	sh setup.sh && exec .venv/bin/python -m local

test: ## everything: units, contracts, the product end to end, the page; what they leave is in .make/tmp
	sh setup.sh test && mkdir -p .make/tmp && TMPDIR="$$PWD/.make/tmp" .venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
	cd frontend && PATH="$$PWD/../.venv/bin:$$PATH" npm test --silent

check: ## format, lint, types, templates, policies
	sh setup.sh check && .venv/bin/ruff format --check -q && .venv/bin/ruff check -q && .venv/bin/mypy
	.venv/bin/cfn-lint infra/*.yaml && .venv/bin/python -m infra.policies
	.make/checkov/bin/checkov --config-file infra/checkov.yml >.make/checkov-says.log 2>&1 || { cat .make/checkov-says.log; exit 1; }
	cd frontend && PATH="$$PWD/../.venv/bin:$$PATH" npm run check --silent

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
