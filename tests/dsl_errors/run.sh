#!/bin/bash
# run.sh COMPILER INCLUDE_DIRECTORY WORK_DIRECTORY [NAME...]: compiles every program of this folder, which must fail
# with one error. A program says in comments what the compiler's output must contain:
#   // expect: SENTENCE     of the diagnostic
#   // fact: TEXT           that must be named besides
#   // flags: OPTIONS       for the compiler
#   ... // <- here          the user's line that must be pointed at
# A precompiled header keeps a program to a fraction of a second.
set -u
compiler=$1 include=$2 work=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
common=(-std=c++20 -Wall -Wextra -isystem "$include")
kind=gcc
"$compiler" --version | grep -q clang && kind=clang
mkdir -p "$work"

# Every set of flags needs a precompiled header of its own.
precompiled() {
    local key header
    key=$(printf '%s' "$*" | cksum | cut -d' ' -f1)
    header=$work/$key/kiln/dsl/dsl.hpp.gch
    if [ ! -e "$header.done" ]; then
        mkdir -p "$(dirname "$header")"
        "$compiler" "${common[@]}" "$@" -x c++-header "$include/kiln/dsl/dsl.hpp" -w -o "$header" || return 1
        : >"$header.done"
    fi
    if [ $kind = clang ]; then pch=(-include-pch "$header"); else pch=(-I "$work/$key"); fi
}

rm -rf "${work:?}"/*
failures=0 programs=0
for source in "$here"/*.cpp; do
    name=$(basename "$source" .cpp)
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    programs=$((programs + 1))
    read -r -a flags <<<"$(sed -n 's|^// flags: ||p' "$source")"
    precompiled "${flags[@]}" || exit 1
    output=$work/$name.txt
    problem=
    if "$compiler" "${common[@]}" "${flags[@]}" "${pch[@]}" -fsyntax-only "$source" >"$output" 2>&1; then
        problem="it compiles"
    else
        sed -i 's/\\"/"/g' "$output"  # clang escapes the quotes of a sentence
        errors=$(grep -c 'error:' "$output")
        [ "$errors" -eq 1 ] || problem="$errors errors instead of one"
        while read -r wanted; do
            grep -qF -- "$wanted" "$output" || problem="$problem; no \"$wanted\""
        done < <(sed -n 's#^// \(expect\|fact\): ##p' "$source")
        line=$(grep -n -- '// <- here' "$source" | cut -d: -f1)
        grep -qF "$name.cpp:$line:" "$output" || problem="$problem; line $line is not pointed at"
    fi
    if [ -n "$problem" ]; then
        echo "$name: ${problem#; }"
        failures=$((failures + 1))
    fi
done
echo "$programs programs, $failures failures ($compiler)"
[ "$failures" -eq 0 ] && [ "$programs" -gt 0 ]
