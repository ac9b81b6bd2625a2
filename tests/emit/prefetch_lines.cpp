// Which lines are prefetched, by walking through the loops that the pass leaves.
#include <doctest/doctest.h>
#include <kiln/compiler/lower/prefetch_lines.hpp>

#include <map>
#include <vector>

#include "loops.hpp"

using namespace Halide::Internal;
using namespace kiln::testing;
using kiln::compiler::prefetch_lines;
using kiln::schedules::sharing_of_prefetches;

namespace {

constexpr int blocks = 9, channels = 8, steps = 3 * channels, lines = 2;  // lines a step
constexpr int bytes = 64;                                                 // of a line

/// As Halide has it: the lines of the same step of the next block, 64 elements apart. Around the steps are the loops
/// `outer`, outermost first.
Stmt loops_of(const std::vector<std::pair<std::string, int>>& outer, Halide::Type type) {
    const int elements = bytes / type.bytes();
    const Halide::Expr step = variable("sum.s1.r$y") * channels + variable("sum.s1.r$x");
    const Halide::Expr offset = (step + steps) * lines * elements + variable("prefetch_split_w.0") * 64;
    const Stmt line = Evaluate::make(
        Call::make(type, Call::prefetch, {variable("w"), offset, Halide::Expr(1), Halide::Expr(64)}, Call::Intrinsic));
    Stmt all =
        loop("sum.s1.r$y", steps / channels, loop("sum.s1.r$x", channels, loop("prefetch_split_w.0", lines, line)));
    for (auto each = outer.rbegin(); each != outer.rend(); ++each) all = loop(each->first, each->second, all);
    return all;
}

/// How often each line of the next block is asked for, by all register blocks and by the first.
struct asked {
    std::map<int, int> of_line, in_first_block;
};

void walk(const Stmt& s, bool first_block, asked& a) {
    if (const auto* loop = s.as<For>()) {
        const auto* extent = loop->extent.as<IntImm>();
        REQUIRE(extent);
        const bool outer = loop->name.find("sum.") != 0 && loop->name.find("prefetch") != 0;
        for (int i = 0; i < extent->value; ++i)
            walk(substitute(loop->name, i, loop->body), first_block && (!outer || i == 0), a);
    } else if (const auto* both = s.as<Block>()) {
        walk(both->first, first_block, a);
        walk(both->rest, first_block, a);
    } else if (const auto* branch = s.as<IfThenElse>()) {
        if (is_const_one(simplify(branch->condition))) walk(branch->then_case, first_block, a);
    } else {
        const auto* evaluated = s.as<Evaluate>();
        REQUIRE(evaluated);
        const auto* call = evaluated->value.as<Call>();
        REQUIRE(call);
        const Halide::Expr offset = simplify(call->args[1]);
        const auto* element = offset.as<IntImm>();
        REQUIRE(element);
        const int line = static_cast<int>(element->value) * call->type.bytes();
        REQUIRE(line % bytes == 0);
        ++a.of_line[line / bytes - steps * lines];
        if (first_block) ++a.in_first_block[line / bytes - steps * lines];
    }
}

asked what_is_asked(sharing_of_prefetches sharing, const std::vector<std::pair<std::string, int>>& outer,
                    Halide::Type type = Halide::Float(32)) {
    asked a;
    prefetch_lines pass(sharing);
    walk(pass.mutate(loops_of(outer, type)), true, a);
    REQUIRE(a.of_line.size() == steps * lines);
    REQUIRE(a.of_line.begin()->first == 0);
    REQUIRE(a.of_line.rbegin()->first == steps * lines - 1);
    return a;
}

}  // namespace

TEST_CASE("all lines of the next block of weights are prefetched, however register blocks share the work") {
    const std::vector<std::pair<std::string, int>> register_blocks{{"products.s0.tile.outer", blocks}};
    const asked alone = what_is_asked(sharing_of_prefetches::none, register_blocks);
    CHECK(alone.in_first_block.size() == steps * lines);
    for (const auto& [line, times] : alone.of_line) CHECK(times == blocks);

    const asked by_turns = what_is_asked(sharing_of_prefetches::by_turns, register_blocks);
    for (const auto& [line, times] : by_turns.of_line) CHECK(times <= 3);  // 8 inner steps, 9 blocks

    // Nine blocks for two lines a step: each of eight asks for one in four steps, the ninth for the first one's again.
    for (const Halide::Type type : {Halide::Float(32), Halide::UInt(16), Halide::Int(8)}) {
        const asked by_parts = what_is_asked(sharing_of_prefetches::by_parts, register_blocks, type);
        CHECK(by_parts.in_first_block.size() == steps / 4);
        for (const auto& [line, times] : by_parts.of_line) CHECK(times == (line < steps / 4 ? 8 : 4));
    }
    // Fewer blocks than lines: one of them asks for all lines of its part at each step.
    const asked one = what_is_asked(sharing_of_prefetches::by_parts, {{"products.s0.tile.outer", 1}});
    for (const auto& [line, times] : one.of_line) CHECK(times == 1);
    // A loop over rows around that over the blocks of a row.
    const asked rows =
        what_is_asked(sharing_of_prefetches::by_parts, {{"result.s0.y", 3}, {"products.s0.tile.outer", 3}});
    CHECK(rows.in_first_block.size() == steps / 4);
    for (const auto& [line, times] : rows.of_line) CHECK(times == (line < steps / 4 ? 8 : 4));

    // The loop leads to other weights: there is one register block for each, which has to ask for all.
    for (const auto sharing : {sharing_of_prefetches::by_turns, sharing_of_prefetches::by_parts}) {
        const asked each = what_is_asked(sharing, {{"products.s0.i", blocks}});
        for (const auto& [line, times] : each.of_line) CHECK(times == blocks);
    }
}
