#!/usr/bin/env bash
# Includes that point the wrong way between the project's folders are listed, and fail.
#
#   includes.sh PROJECT
#
# A rule is: files under this folder | may not include what matches this pattern.
set -euo pipefail

rules='dsl|<(kiln/(runtime|schedules|compiler|examples|tests)/|Halide|llvm|fmt/)
runtime|<(kiln/(dsl|schedules|compiler|examples|tests)/|Halide|llvm)
schedules|<(kiln/(runtime|compiler|examples|tests)/|llvm)
compiler|<kiln/(examples|tests)/
compiler/ir|<(Halide|llvm|kiln/(schedules|compiler/(passes|plan|lower|build|emit|load|frontend|cli)))
compiler/passes|<(Halide|llvm|kiln/(schedules|compiler/(plan|lower|build|emit|load|frontend|cli)))
compiler/ops|<(llvm|kiln/(schedules|compiler/(passes|plan|lower|build|emit|load|frontend|cli)))
compiler/onnx|<(Halide|llvm|kiln/(schedules|compiler/(passes|plan|lower|build|emit|load|frontend|cli)))
compiler/plan|<(Halide|llvm|kiln/compiler/(lower|build|emit|load|frontend|cli))
compiler/train|<(Halide|llvm|kiln/compiler/(frontend|cli))
compiler/lower|<kiln/compiler/(build|emit|load|frontend|cli)
compiler/cli|<(Halide|llvm)
examples|<(kiln/(schedules|tests)/|Halide|llvm)
.|<boost/hana\.hpp>
.|"\.\./'

wrong_includes() {  # PROJECT: one line for each
    local folder pattern
    while IFS= read -r rule; do
        folder=${rule%%|*} pattern=${rule#*|}
        [ -d "$1/$folder" ] || continue
        (cd "$1" && grep -rnE --include='*.hpp' --include='*.cpp' --include='*.def' --include='*.c' --exclude-dir='build*' \
            "^[[:space:]]*#[[:space:]]*include[[:space:]]*($pattern)" "$folder") |
            grep -v '<kiln/dsl/element.hpp>' || true  # the names of the types, which every room uses
    done <<<"$rules"
}

# The check itself must find what is planted, and nothing else.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
mkdir -p "$planted"/{dsl,compiler/ir}
echo '#include <kiln/compiler/kiln.hpp>' >"$planted/dsl/a.hpp"
echo '  # include <Halide.h>' >"$planted/compiler/ir/b.cpp"
echo '#include <boost/hana.hpp>' >"$planted/compiler/c.hpp"
echo '#include <kiln/dsl/layer.hpp>' >"$planted/dsl/fine.hpp"
found=$(wrong_includes "$planted" | cut -d: -f1 | sed 's|^\./||' | sort -u | tr '\n' ' ')
[ "$found" = 'compiler/c.hpp compiler/ir/b.cpp dsl/a.hpp ' ] || { echo "the check is broken: it found '$found'"; exit 1; }

wrong=$(wrong_includes "$1")
[ -z "$wrong" ] || { echo "$wrong"; exit 1; }
