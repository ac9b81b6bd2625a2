#!/usr/bin/env bash
# Builds the fuzz targets with clang, in a folder of their own.
#
#   build.sh SOURCES FOLDER CLANG CLANG++ [LAUNCHER]
set -euo pipefail
cmake -G Ninja -S "$1" -B "$2" -DCMAKE_C_COMPILER="$3" -DCMAKE_CXX_COMPILER="$4" ${5:+-DCMAKE_CXX_COMPILER_LAUNCHER="$5"} >/dev/null
cmake --build "$2"
