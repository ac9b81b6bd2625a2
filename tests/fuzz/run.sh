#!/usr/bin/env bash
# Runs a fuzz target from a copy of its corpus, which libFuzzer adds to. What it finds lies in ./TARGET-* afterwards.
#
#   run.sh TARGET CORPUS [LIBFUZZER'S OPTION ...]
set -euo pipefail
target=$1 corpus=$2
shift 2
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
# The sanitizer keeps freed memory for a while, which would count as the target's.
export ASAN_OPTIONS=quarantine_size_mb=16:allocator_may_return_null=0
"$target" -artifact_prefix="$(basename "$target")-" "$@" "$found" "$corpus"
