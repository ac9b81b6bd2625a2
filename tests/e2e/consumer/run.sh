#!/usr/bin/env bash
# Installs BUILD to a prefix of its own, moves that elsewhere, and builds and runs this project against it.
#   run.sh BUILD SOURCES
set -euo pipefail
build=$1 sources=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$work/first" >"$work/install.log"
# The prefix is not where the build expected it to be, and the sources cannot be what is found.
mv "$work/first" "$work/prefix"
! grep -rlI "$sources" "$work/prefix" || fail "installed files name the source folder"
kiln=$work/prefix/bin/kiln
"$kiln" --version | grep -q '^kiln ' || fail "--version"
"$kiln" list >"$work/list" && grep -q resnet50 "$work/list" || fail "the shipped networks are not found"

cp -r "$here" "$work/project"
cmake -S "$work/project" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release >"$work/log" \
    || { cat "$work/log"; fail "find_package(Kiln)"; }
cmake --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; fail "the project does not build"; }
in_c=$("$work/build/in_c") || fail "in_c: $?"
in_cxx=$("$work/build/in_cxx") || fail "in_cxx: $?"
[ "$in_c" = "$in_cxx" ] || fail "C says '$in_c', C++ says '$in_cxx'"

# Nothing is rebuilt without a reason; an included header is one.
cmake --build "$work/build" | grep -q 'no work to do' || fail "a second build does something"
sed -i 's/relu/tanh/' "$work/project/block.hpp"
cmake --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; fail "the changed project does not build"; }
grep -q 'Compiling network gate' "$work/log" || fail "a changed header did not recompile the network"
[ "$("$work/build/in_c")" != "$in_c" ] || fail "the changed network gives the same result"

# A C project without C++ can use models too.
mkdir "$work/plain"
cat >"$work/plain/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.22)
project(plain LANGUAGES C)
find_package(Kiln REQUIRED)
kiln_add_model(digits MODEL lenet5)
file(WRITE \${CMAKE_BINARY_DIR}/main.c "#include \"digits.h\"\nint main(void) { return DIGITS_BATCH - 1; }\n")
add_executable(plain \${CMAKE_BINARY_DIR}/main.c)
target_link_libraries(plain PRIVATE digits)
END
cmake -S "$work/plain" -B "$work/plain/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log" 2>&1 \
    && cmake --build "$work/plain/build" >>"$work/log" 2>&1 && "$work/plain/build/plain" || { cat "$work/log"; fail "a C project"; }
