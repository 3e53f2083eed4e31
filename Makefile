# jixiao: from self-evaluation forms to a warehouse. `make` alone prints the targets.
# Needs Python 3.11 or newer and make; .venv is created from the pinned, hashed requirements by itself.

PYTHON ?= python3
PORT ?= 3000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header
DAGSTER := DAGSTER_HOME=$(CURDIR)/data/.dagster $(BIN)/dagster

.DEFAULT_GOAL := help
.PHONY: help ocr ingest status serve demo test test-slow test-long dev accuracy fit exact mutants bench precision docs check bundle audit format lock clean

help: ## print the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

ingest: .venv/runtime ## 读取 data/raw 并发布数据库 / read data/raw, publish the warehouse
	@$(BIN)/jixiao ingest

ocr: .venv/runtime ## 安装图片识别，此后入库也读扫描件和照片 / install what reads scans and photographs
	@$(PIP) --no-deps --require-hashes -r requirements-ocr.txt

status: .venv/runtime ## 文件处理情况 / documents by status, the last runs
	@$(BIN)/jixiao status

serve: .venv/runtime ## 给人看的网页（没有数据时先入库） / the pages for people, on http://127.0.0.1:8000
	@test -e data/curated/warehouse.duckdb || $(BIN)/jixiao ingest
	@$(BIN)/jixiao serve

demo: .venv/runtime ## 示例：虚构的三年数据入库，回答五个问题 / invented three-year data, five answers of the cookbook
	@$(BIN)/python -m examples.demo

test: .venv/development ## 运行测试 / run the tests (about two minutes)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not slow and not browser"

test-slow: .venv/development ## 运行耗时的测试：反复入库、强制中断、浏览器 / the long tests: whole ingestions, kills, the browser
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "slow or browser"

test-long: .venv/development ## 全部测试，随机的多试几倍 / all tests, with several times as much of what is drawn at random
	@JIXIAO_TEST_LONG=1 $(MAKE) test test-slow

dev: .venv/runtime ## Dagster 页面与定时任务 / the Dagster page on http://127.0.0.1:3000, schedule and sensor running
	@mkdir -p data/.dagster
	@cp dagster.yaml data/.dagster/
	@$(DAGSTER) instance info >/dev/null 2>&1
	@$(DAGSTER) dev --host 127.0.0.1 --port $(PORT)

accuracy: .venv/development ## 给读取器打分，再遮住、改错表头打分 / score the reader on the truth set, then with its headers hidden, and made to lie
	@$(BIN)/python -m tests.accuracy.score
	@$(BIN)/python -m tests.accuracy.hidden
	@$(BIN)/python -m tests.accuracy.stress
	@$(BIN)/python -m tests.accuracy.calibration

fit: .venv/development ## 重新拟合按内容认栏目的常数 / fit the constants by which columns are told by their cells
	@$(BIN)/python -m tools.fit

exact: .venv/development ## 有意改变读取结果后，更新逐字对照 / after a meant change of what is read or linked: write it anew
	@$(BIN)/python -m tests.exact.documents
	@$(BIN)/python -m tests.exact.links
	@$(BIN)/python -m tests.exact.words

mutants: .venv/development ## 往代码里放小错，看测试能否发现 / small mistakes put into the code: do the fast tests notice?
	@$(BIN)/python -m tools.mutants

bench: .venv/development ## 与同类比速度 / measure speed against peers, interleaved in one run
	@$(BIN)/python -m bench

precision: .venv/development ## 检查的准确率：人判过的发现 / precision of the checks on findings judged by hand, by check and severity
	@$(BIN)/python -m tests.precision.precision

docs: .venv/development ## 更新文档中自动生成的部分 / renew the generated parts of docs/
	@$(BIN)/python -m tools.docs

bundle: .venv/runtime ## 打包：源程序和依赖，供没有网络的机器安装 / one archive to install from where there is no network
	@$(BIN)/python -m tools.bundle

audit: .venv/development ## 核对锁定的依赖有无已知漏洞（需要网络） / known vulnerabilities of the pinned packages (needs the network)
	@$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.txt

check: .venv/development ## 格式、规范、类型 / format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: .venv/development ## 整理格式 / format the code
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

lock: ## 重新锁定依赖（需要 uv） / pin the dependencies anew (needs uv)
	@$(LOCK) --output-file requirements.txt pyproject.toml
	@$(LOCK) --extra ocr --constraint requirements.txt --output-file requirements-ocr.txt pyproject.toml
	@$(LOCK) --extra dev --extra ocr --output-file requirements-dev.txt pyproject.toml

clean: ## 删除 .venv 和缓存，不动 data / remove .venv and caches, never data
	@rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更高版本（PYTHON=...） / Python 3.11 or newer is needed (PYTHON=...)" >&2; exit 1; }
	@echo "建立 .venv… / Creating .venv…"
	@$(PYTHON) -m venv .venv

.venv/runtime: requirements.txt pyproject.toml | .venv/bin/python
	@echo "安装依赖… / Installing dependencies…"
	@$(PIP) --no-deps --require-hashes -r requirements.txt
	@$(PIP) --no-deps -e .
	@touch $@

.venv/development: requirements-dev.txt pyproject.toml | .venv/bin/python
	@echo "安装开发依赖… / Installing dependencies and test tools…"
	@$(PIP) --no-deps --require-hashes -r requirements-dev.txt
	@$(PIP) --no-deps -e .
	@touch $@ .venv/runtime
