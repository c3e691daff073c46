# Sourced after use-node.sh: node_modules as package-lock.json says, installed only when missing or stale.
# Install scripts are never run: no dependency needs one (the symlinks of PostgreSQL's package are made at start).

_repo="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

_install_packages() {
  if node "$_repo/scripts/packages-current.ts"; then return 0; fi # another command installed them while we waited
  echo "Instalando os pacotes do package-lock.json…" >&2
  # A production NODE_ENV or an `omit=optional` of the user would leave out the type checker, vitest or PostgreSQL.
  (cd "$_repo" && NODE_ENV=development npm ci --ignore-scripts --include=dev --include=optional --no-audit --no-fund \
    --loglevel=error --prefer-offline >&2) && node "$_repo/scripts/packages-current.ts" --stamp
}

if ! node "$_repo/scripts/packages-current.ts"; then
  with_lock packages _install_packages || {
    echo "A instalação dos pacotes falhou." >&2
    return 1 2>/dev/null || exit 1
  }
fi
