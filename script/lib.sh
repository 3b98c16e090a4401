# shellcheck shell=bash
# What the scripts share: how they speak, and how they get what a bare machine lacks. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

bold='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
fi

say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
fail() {
  printf '%s%s:%s %s\n' "$red" "${0##*/}" "$plain" "$*" >&2
  exit 1
}

# install_packages DEBIAN-PACKAGE… : by apt, as root or through sudo; else says what to type.
install_packages() {
  local sudo=()
  if ! command -v apt-get >/dev/null; then
    fail "missing: $*. Install the equivalents of these Debian packages and run this again (macOS: xcode-select --install; brew install postgresql@17 python jq)."
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      sudo=(sudo)
    else
      fail "missing, and no right to install: run as root:  apt-get update && apt-get install -y $*"
    fi
  fi
  say "Installing $*"
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

has_postgres() {
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
    compgen -G '/opt/homebrew/opt/postgresql@*/bin/initdb' >/dev/null ||
    compgen -G '/usr/local/opt/postgresql@*/bin/initdb' >/dev/null ||
    compgen -G '/Applications/Postgres.app/Contents/Versions/*/bin/initdb' >/dev/null ||
    [ -x "${LIAISON_PG_BIN_DIR:-}/initdb" ]
}

# need build : what it takes to build and run the service; need gate : to check it, too.
need() {
  local missing=()
  has_postgres || missing+=(postgresql)
  command -v cc >/dev/null || missing+=(build-essential)
  command -v curl >/dev/null || missing+=(curl ca-certificates)
  if [ "$1" = gate ]; then
    python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
    command -v jq >/dev/null || missing+=(jq)
    command -v git >/dev/null || missing+=(git)
  fi
  [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
  need_rust
  if [ "$1" = gate ]; then need_tools; fi
}

# rustup alone honours rust-toolchain.toml; a distribution's own cargo is usually too old for this package.
need_rust() {
  export PATH="$PATH:$HOME/.cargo/bin"
  if command -v cargo >/dev/null; then
    # Once, before several at a time would fetch the toolchain that rust-toolchain.toml names.
    cargo --version >/dev/null
    return
  fi
  say "Installing Rust (rustup, into $HOME/.cargo)"
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
    sh -s -- -y -q --profile minimal --default-toolchain none --no-modify-path ||
    fail "no Rust toolchain: install it from https://rustup.rs and run this again."
  cargo --version >/dev/null
}

stamp_of() { cksum <"$1"; }

# The pinned tools of script/tools.txt, in target/tools.
need_tools() {
  local stamp=target/tools/stamp
  if [ "$(cat "$stamp" 2>/dev/null)" != "$(stamp_of script/tools.txt)" ]; then
    say "Installing the tools of script/tools.txt into target/tools"
    rm -rf target/tools
    python3 -m venv target/tools
    target/tools/bin/pip install --quiet --disable-pip-version-check -r script/tools.txt
    stamp_of script/tools.txt >"$stamp"
  fi
  export PATH="$root/target/tools/bin:$PATH"
}

# The npm packages of the contract checks, exactly as locked.
need_contract_tools() {
  local lock=script/contract/package-lock.json stamp=script/contract/node_modules/.stamp
  if [ "$(cat "$stamp" 2>/dev/null)" != "$(stamp_of "$lock")" ]; then
    say "Installing the tools of script/contract"
    npm ci --prefix script/contract --ignore-scripts --no-audit --no-fund --loglevel=error
    stamp_of "$lock" >"$stamp"
  fi
}
