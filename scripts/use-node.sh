# Sourced by every command of this repository: afterwards `node` is at least 22.20 (the libraries ask for it) and runs
# TypeScript as it is. An older or missing Node costs one download of a private Node 24 into scripts/tools/node
# (git-ignored; version and integrity pinned by the lockfile there). Safe when two commands start at once.
# FORCE_PRIVATE_NODE=1 takes the private one even where the system's would do.

_node_pin="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/tools/node"
case "$(uname -m)" in
  x86_64 | amd64) _node_arch=x64 ;;
  aarch64 | arm64) _node_arch=arm64 ;;
  *) _node_arch="$(uname -m)" ;;
esac
_node_home="$_node_pin/node_modules/node-linux-$_node_arch"

_node_is_new_enough() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 20) ? 0 : 1)' \
    >/dev/null 2>&1
}

# with_lock NAME COMMAND…: one at a time in this checkout; without flock(1) (macOS) it just runs.
with_lock() {
  local folder="$_node_pin/../../../.data/locks" name="$1" # git-ignored, and npm never empties it
  shift
  if command -v flock >/dev/null; then
    mkdir -p "$folder"
    ( flock 9 && "$@" ) 9>"$folder/$name"
  else
    "$@"
  fi
}

_fetch_private_node() {
  if _node_is_new_enough "$_node_home/bin/node"; then return 0; fi # another command fetched it while we waited
  echo "Buscando um Node 24 próprio (só na primeira vez)…" >&2
  # The folder's own nodedir, not one that ~/.npmrc may point at an older Node.
  npm_config_nodedir="$_node_home" npm ci --prefix "$_node_pin" --ignore-scripts --no-audit --no-fund \
    --include=optional --loglevel=error --prefer-offline >&2
}

_use_node() {
  if [ -z "${FORCE_PRIVATE_NODE:-}" ] && command -v node >/dev/null && _node_is_new_enough node; then return 0; fi
  if ! _node_is_new_enough "$_node_home/bin/node"; then
    if [ "$(uname -s)" != Linux ] || ! command -v npm >/dev/null; then
      echo "É preciso Node 22.20 ou mais novo. Instale o Node 24 (https://nodejs.org); em Linux basta ter npm para que ele seja buscado aqui." >&2
      return 1
    fi
    with_lock node _fetch_private_node || return 1
    if ! _node_is_new_enough "$_node_home/bin/node"; then
      echo "O npm não trouxe um Node que funcione em linux-$_node_arch. Instale o Node 24 à mão (https://nodejs.org)." >&2
      return 1
    fi
  fi
  export PATH="$_node_home/bin:$PATH"      # npm's own "#!/usr/bin/env node" now finds Node 24 too
  export npm_config_nodedir="$_node_home"  # headers for native addons, should one ever need compiling
}

_use_node || return 1 2>/dev/null || exit 1

# Every command loads some hundred sources: compiled once, kept in this checkout, a start takes half the time. Node itself
# tells stale entries by their content. Set but empty: none.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE-$(cd "$_node_pin/../../.." && pwd)/.data/compile-cache}"
