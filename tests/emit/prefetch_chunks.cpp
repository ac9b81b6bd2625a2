// Which lines are prefetched, by walking through the loops that the pass leaves.
#include <doctest/doctest.h>
#include <kiln/compiler/lower/prefetch_chunks.hpp>

#include <cmath>
#include <map>
#include <string>

#include "loops.hpp"

using namespace Halide::Internal;
using namespace kiln::testing;
using kiln::compiler::prefetch_chunks;

namespace {

constexpr int chunks = 3, rows = 6, channels = 16, vectors = 2, frequencies = 6, taps = 9, line = 64;
constexpr int numbers = channels * vectors * 16 * taps;  // of a chunk

Stmt store(const std::string& to, const Halide::Expr& value) { return Store::make(to, value, 0, {}, const_true(), {}); }

Halide::Expr weights_at(const Halide::Expr& index, Halide::Type type) {
    return Load::make(type, "w", index, {}, {}, const_true(), {});
}

/// As the schedule of chunks leaves them; the weights of a block of filters begin at `first`. Where the process has
/// lowered another such kernel, names have a `number`.
Stmt loops_of(int first, Halide::Type type, const std::string& number) {
    const std::string filter = "filters" + number + ".s0.", sum = "sum" + number + ".s1.r";
    const Halide::Expr channel = variable(filter + "channel"), vector = variable(filter + "c.vec");
    Stmt all = Evaluate::make(0);
    for (int row = 0; row < rows; ++row) {
        const Halide::Expr at = variable("base") + (channel * taps * vectors + vector) * 16;
        const Stmt taps_of_row = Block::make(store("rows", weights_at(at, type)), store("filters", 0));
        const Stmt filters =
            LetStmt::make("base", variable("products.s1.chunks$x") * numbers + first,
                          loop(filter + "channel", channels, loop(filter + "c.vec", vectors, taps_of_row)));
        const Stmt sums = loop("products.s1.i", frequencies,
                               Block::make(store("sum", 0), loop(sum + "$y", 2, loop(sum + "$x", 8, store("sum", 1)))));
        all = Block::make(all, Block::make(filters, sums));
    }
    return loop("products.s1.chunks$x", chunks, all);
}

/// How often each line of the weights is asked for, in loops that transform and in those that sum.
struct asked {
    std::map<int, int> transforming, summing;
};

void walk(const Stmt& s, bool sums, int bytes, asked& a) {
    if (const auto* loop = s.as<For>()) {
        const auto* extent = loop->extent.as<IntImm>();
        REQUIRE(extent);
        for (int i = 0; i < extent->value; ++i)
            walk(substitute(loop->name, i, loop->body), sums || loop->name.starts_with("sum"), bytes, a);
    } else if (const auto* both = s.as<Block>()) {
        walk(both->first, sums, bytes, a);
        walk(both->rest, sums, bytes, a);
    } else if (const auto* let = s.as<LetStmt>()) {
        walk(substitute(let->name, let->value, let->body), sums, bytes, a);
    } else if (const auto* evaluated = s.as<Evaluate>()) {
        const auto* call = evaluated->value.as<Call>();
        if (!call) return;
        REQUIRE(call->is_intrinsic(Call::prefetch));
        const Halide::Expr offset = simplify(call->args[1]);
        const auto* number = offset.as<IntImm>();
        REQUIRE(number);
        const int at = static_cast<int>(number->value) * bytes;
        REQUIRE(at % line == 0);
        ++(sums ? a.summing : a.transforming)[at / line];
    }
}

}  // namespace

TEST_CASE("the weights of the next chunk are prefetched while a chunk is transformed and multiplied") {
    for (const Halide::Type type : {Halide::Float(32), Halide::UInt(16), Halide::Int(8)}) {
        const int bytes = type.bytes(), lines = numbers * bytes / line, first = 5 * numbers;
        for (const double share : {0.0, 0.375}) {
            const std::string number = share > 0 ? "$3" : "";
            prefetch_chunks pass({"chunks$x", numbers, share}, "w", bytes);
            asked a;
            walk(pass.mutate(loops_of(first, type, number)), false, bytes, a);
            const int begin = first * bytes / line + lines, end = begin + chunks * lines;
            const double transforming = static_cast<double>(a.transforming.size());
            CHECK(std::abs(transforming - share * chunks * lines) <= chunks * rows / 2.0);  // rounded in each row
            std::map<int, int> all = a.transforming;
            for (const auto& [which, times] : a.summing) all[which] += times;
            // Each of them, and few behind the last chunk.
            for (int which = begin; which < end; ++which) CHECK(all.contains(which));
            CHECK(all.begin()->first == begin);
            CHECK(all.rbegin()->first < end + rows * frequencies);
        }
    }
}
