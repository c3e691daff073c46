#!/usr/bin/env bash
# What the image runs and what the process tests start: RUN_MODE=api|scheduler|worker ./entrypoint.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

case "${RUN_MODE-}" in
  api | scheduler | worker) ;;
  "")
    echo "RUN_MODE não definida: use um dos modos api, scheduler, worker (por exemplo RUN_MODE=api)" >&2
    exit 1
    ;;
  *)
    echo "RUN_MODE='$RUN_MODE' não existe: os modos são api, scheduler, worker, em minúsculas" >&2
    exit 1
    ;;
esac

# In the image Node is the image's; on a machine whose own is older, the private one.
if [ -f scripts/use-node.sh ]; then
  source scripts/use-node.sh
fi

# Batches are short-lived garbage. With Node's default semi-spaces (16 MB and more) and no ceiling, 100,000 messages left the API
# with 430 MB resident, of which 40 were alive; like this it stays under 300, and is no slower. What is given wins over ours.
# The scheduler is small, but thousands of slots due in one second are thousands of calls alive at once: copied once, not thrice.
# And under a ceiling this low V8 lets the heap grow by a third before it marks it all again, three times within such a second, a
# quarter of its CPU; to three times what is alive is soon enough. Not a flag that NODE_OPTIONS takes.
young=4
flags=()
if [ "$RUN_MODE" = scheduler ]; then
  young=32
  flags=(--heap-growing-percent=200)
fi
export NODE_OPTIONS="--max-semi-space-size=$young --max-old-space-size=192 ${NODE_OPTIONS-}"

# exec: the process itself receives the signals.
exec node "${flags[@]}" "apps/$RUN_MODE/src/main.ts"
