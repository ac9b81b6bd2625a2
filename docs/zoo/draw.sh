#!/bin/bash
# draw.sh KILN: draws every network that ships, here, as NAME.svg. Of one network for several sizes the first is enough.
# Needs Debian's graphviz.
set -euo pipefail
kiln=$(realpath "$1")
cd "$(dirname "$0")"
"$kiln" list | tail -n +2 | awk '{ print $1 }' | grep -vxE 'edges_512|sliding_(16|28)' | while read -r network; do
    "$kiln" inspect "$network" --dot | dot -Tsvg -o "$network.svg"
done
