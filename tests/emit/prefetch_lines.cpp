// Which lines are prefetched, by walking through the loops that the pass leaves.
#include <doctest/doctest.h>
#include <kiln/compiler/lower/prefetch_lines.hpp>

#include <map>
#include <vector>

using namespace Halide::Internal;
using kiln::compiler::prefetch_lines;
using kiln::schedules::sharing_of_prefetches;

namespace {

constexpr int blocks = 9, channels = 8, steps = 3 * channels, lines = 2;  // lines a step
constexpr int elements = 16;                                              // of a line

/// Newer versions of Halide have one more argument.
template <class Loop>
Stmt loop_of(const std::string& name, int extent, const Stmt& body) {
    if constexpr (requires(Loop l) { l.partition_policy; })
        return Loop::make(name, 0, extent, ForType::Serial, decltype(Loop::partition_policy)::Auto,
                          Halide::DeviceAPI::None, body);
    else
        return Loop::make(name, 0, extent, ForType::Serial, Halide::DeviceAPI::None, body);
}

Stmt loop(const std::string& name, int extent, const Stmt& body) { return loop_of<For>(name, extent, body); }

Halide::Expr variable(const std::string& name) { return Variable::make(Halide::Int(32), name); }

/// As Halide has it: the lines of the same step of the next block, 64 elements apart.
Stmt loops_of(const std::string& outermost) {
    const Halide::Expr step = variable("sum.s1.r$y") * channels + variable("sum.s1.r$x");
    const Halide::Expr offset = (step + steps) * lines * elements + variable("prefetch_split_w.0") * 64;
    const Stmt line =
        Evaluate::make(Call::make(Halide::Float(32), Call::prefetch,
                                  {variable("w"), offset, Halide::Expr(1), Halide::Expr(64)}, Call::Intrinsic));
    return loop(
        outermost, blocks,
        loop("sum.s1.r$y", steps / channels, loop("sum.s1.r$x", channels, loop("prefetch_split_w.0", lines, line))));
}

/// How often each line of the next block is asked for, and how many of them in the first register block.
struct asked {
    std::map<int, int> of_line;
    int in_first_block = 0;
};

void walk(const Stmt& s, bool first_block, asked& a) {
    if (const auto* loop = s.as<For>()) {
        const auto* extent = loop->extent.as<IntImm>();
        REQUIRE(extent);
        const bool outermost = loop->name.find("sum.") != 0 && loop->name.find("prefetch") != 0;
        for (int i = 0; i < extent->value; ++i)
            walk(substitute(loop->name, i, loop->body), first_block && (!outermost || i == 0), a);
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
        REQUIRE(element->value % elements == 0);
        ++a.of_line[static_cast<int>(element->value) / elements - steps * lines];
        a.in_first_block += first_block;
    }
}

asked what_is_asked(sharing_of_prefetches sharing, const std::string& outermost) {
    asked a;
    prefetch_lines pass(sharing);
    walk(pass.mutate(loops_of(outermost)), true, a);
    REQUIRE(a.of_line.size() == steps * lines);
    REQUIRE(a.of_line.begin()->first == 0);
    REQUIRE(a.of_line.rbegin()->first == steps * lines - 1);
    return a;
}

}  // namespace

TEST_CASE("all lines of the next block of weights are prefetched, however register blocks share the work") {
    const std::string register_blocks = "products.s0.tile.outer", frequencies = "products.s0.i";
    const asked alone = what_is_asked(sharing_of_prefetches::none, register_blocks);
    CHECK(alone.in_first_block == steps * lines);
    for (const auto& [line, times] : alone.of_line) CHECK(times == blocks);

    const asked by_turns = what_is_asked(sharing_of_prefetches::by_turns, register_blocks);
    for (const auto& [line, times] : by_turns.of_line) CHECK(times <= 3);  // 8 inner steps, 9 blocks

    const asked by_parts = what_is_asked(sharing_of_prefetches::by_parts, register_blocks);
    CHECK(by_parts.in_first_block == steps);
    for (const auto& [line, times] : by_parts.of_line) CHECK(times == (line < steps ? 5 : 4));

    // The loop leads to other weights: there is one register block for each, which has to ask for all.
    for (const auto sharing : {sharing_of_prefetches::by_turns, sharing_of_prefetches::by_parts}) {
        const asked each = what_is_asked(sharing, frequencies);
        for (const auto& [line, times] : each.of_line) CHECK(times == blocks);
    }
}
