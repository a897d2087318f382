#!/usr/bin/env bash
# The browser story against a demonstration of its own, on a free port, in a directory of its own; both end with it.
set -euo pipefail
cd "$(dirname "$0")/../../.."
dir=$(mktemp -d)
log=$dir/log
./bin/sarhad demo --dir "$dir/demo" --http :0 >"$log" 2>&1 &
node=$!
trap 'kill $node 2>/dev/null || true; wait $node 2>/dev/null || true; rm -rf "$dir"' EXIT

# The demonstration says when tonight is stored; the story waits for that word, not for a time.
for _ in $(seq 600); do
  grep -q 'will come in while you look' "$log" && break
  kill -0 $node 2>/dev/null || { cat "$log"; exit 1; }
  sleep 0.2
done
base=$(grep -o 'http://localhost:[0-9]*' "$log" | head -n 1)
cd web/ui
node story/run.mjs --base "$base" --shots "${SHOTS:-$PWD/../../shots}"
