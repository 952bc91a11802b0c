#!/bin/sh
# Brings the checkout to where `make` needs it: only what is missing or has changed, each step with one line.
# What a step printed is in .make/<step>.log; .make/<step>.stamp holds the checksum of what it was made from.
set -eu
cd "$(dirname "$0")"
mkdir -p .make
export NODE_COMPILE_CACHE="$PWD/.make/modules" # not /tmp, where another account may have put compiled modules of its own

fail() {
    echo "$*" >&2
    exit 1
}

find_python() {
    for name in python3 python3.13 python3.12 python3.11; do
        path=$(command -v "$name") || continue
        version=$("$path" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        fits "$path" && echo "$path" && return
        found="${found:-}${found:+, }$version at $path"
        other=$path
    done
    echo "No fitting Python is here: fetching 3.12." >&2
    fetch_python >.make/fetch.log 2>&1 && ls "$PWD"/.make/python/cpython-3.12*/bin/python3.12 | sed -n 1p && return
    fail "Python $needed; found ${found:-none}, and 3.12 cannot be fetched: $(reason .make/fetch.log)."
}

fits() {
    "$1" -c "import sys; sys.exit(not (3, $oldest) <= sys.version_info[:2] <= (3, $newest))" 2>/dev/null
}

# By uv, which any Python can install, an older one too.
fetch_python() {
    uv=$(command -v .venv/bin/uv || command -v uv) || {
        [ "${other:-}" ] || { echo "there is no Python to begin with, apt install python3-venv"; return 1; }
        "$other" -m venv --clear .make/uv && install_uv .make/uv/bin/python || return 1
        uv=.make/uv/bin/uv
    }
    UV_PYTHON_INSTALL_DIR=$PWD/.make/python "$uv" python install --no-bin 3.12
}

install_uv() {
    sed -n '/^uv==/,/# via/p' requirements/dev.txt >.make/uv.txt
    "$1" -m pip install -q --retries 1 --no-deps --require-hashes -r .make/uv.txt
}

checksum() {
    find "$@" -type f | LC_ALL=C sort | xargs cksum | cksum
}

# step NAME WHAT COMMAND INPUT…: runs COMMAND unless it has run for these inputs; its output goes to the log.
step() {
    name=$1 what=$2 run=$3
    shift 3
    sum=$(checksum "$@")
    [ "$(cat ".make/$name.stamp" 2>/dev/null)" = "$sum" ] && return
    printf '%s … ' "$what"
    start=$(date +%s)
    if ! "$run" >".make/$name.log" 2>&1; then
        echo failed
        fail "$what failed: $(reason ".make/$name.log"). All of its output is in .make/$name.log; then run the same again."
    fi
    echo "$sum" >".make/$name.stamp"
    echo "$(($(date +%s) - start)) s"
}

reason() {
    if grep -qiE 'ENOTFOUND|ECONN|EAI_AGAIN|ETIMEDOUT|dns error|resolve|connection|timed out|unreachable|network' "$1"; then
        echo "its registry cannot be reached, look at the network or the proxy"
    elif grep -qiE 'ENOSPC|no space left' "$1"; then
        echo "the disk is full, make room"
    elif grep -qi 'ensurepip' "$1"; then
        echo "this Python cannot make environments, on Debian: apt install python3-venv"
    elif grep -q EUSAGE "$1"; then
        echo "package-lock.json does not fit package.json, npm install renews it"
    else
        grep -v '^[[:space:]]*$' "$1" | tail -n 1
    fi
}

python_packages() {
    fits .venv/bin/python || { rm -rf .venv && "$python" -m venv .venv; } || return 1
    [ -x .venv/bin/uv ] || install_uv .venv/bin/python || return 1
    .venv/bin/uv pip sync --python .venv/bin/python --require-hashes requirements/dev.txt
}

npm_ci() {
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries 1)
}

openclaw() {
    npm_ci container && (cd container/node_modules/openclaw && node openclaw.mjs --version) # finishes its install
}

page_packages() {
    npm_ci frontend
}

telegram_api() {
    npm_ci tests/telegram_api
}

page() {
    (cd frontend && npm run build)
}

# Without windows: the same engine, which takes a third of the processor's time. Not every release has it.
debian_chromium() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && { apt-get install -y -qq chromium-headless-shell || apt-get install -y -qq chromium; }
}

has_chromium() {
    command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null
}

# In an environment of its own, because it wants other versions than we do.
checkov() {
    .venv/bin/uv venv -q --clear --python .venv/bin/python .make/checkov \
        && .venv/bin/uv pip sync --python .make/checkov/bin/python --require-hashes requirements/checkov.txt
}

install() {
    [ -x .venv/bin/uv ] || rm -f .make/python.stamp
    [ -d container/node_modules ] || rm -f .make/openclaw.stamp
    [ -d frontend/node_modules ] || rm -f .make/page-packages.stamp
    [ -f frontend/dist/index.html ] || rm -f .make/page.stamp
    fits .venv/bin/python || { rm -f .make/python.stamp; python=$(find_python); }
    step python "Installing Python packages" python_packages requirements/dev.txt
    PATH=$PWD/.venv/bin:$PATH
    step openclaw "Installing OpenClaw" openclaw container/package-lock.json
    step page-packages "Installing the page's packages" page_packages frontend/package-lock.json
    step page "Building the page" page frontend/src frontend/public frontend/index.html frontend/package.json \
        frontend/vite.config.ts frontend/tsconfig.json
}

oldest=11 newest=99 needed="3.11 or newer is needed"
if [ "${1:-}" = deploy ]; then
    oldest=12 newest=15 needed="3.12 to 3.15 is needed to deploy, because functions run on the Python that deploys them"
fi
install
if [ "${1:-}" = check ]; then
    [ -x .make/checkov/bin/checkov ] || rm -f .make/checkov.stamp
    step checkov "Installing checkov" checkov requirements/checkov.txt
fi
if [ "${1:-}" = test ]; then
    [ -d tests/telegram_api/node_modules ] || rm -f .make/telegram-api.stamp
    step telegram-api "Installing a Telegram server for the tests" telegram_api tests/telegram_api/package-lock.json
fi
if [ "${1:-}" = test ] && ! has_chromium && [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ]; then
    step chromium "Installing Chromium for the tests" debian_chromium setup.sh
fi
