#include <kiln/compiler/lower/prefetch_lines.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace kiln::compiler {
namespace {

using namespace Halide::Internal;

constexpr int elements_of_a_line = 16;
// Of the loops that are inside those over register blocks.
constexpr std::string_view reducing = "sum.";
// Of those that lead to other weights, by what their variables are called: blocks of filters, frequencies.
constexpr std::array<std::string_view, 3> changing_weights{".block", ".i", ".j"};
// Among so many register blocks is a prefetch divided where their number is not known.
constexpr int usual_blocks = 8;

}  // namespace

Stmt prefetch_lines::visit(const For* loop) {
    constexpr std::string_view of_lines = "prefetch_split_";
    const auto* statement = loop->body.as<Evaluate>();
    const Call* call = statement ? statement->value.as<Call>() : nullptr;
    if (loop->name.compare(0, of_lines.size(), of_lines) != 0 || !call || !call->is_intrinsic(Call::prefetch)) {
        around.push_back(loop);
        const Stmt same = IRMutator::visit(loop);
        around.pop_back();
        return same;
    }
    std::vector<Halide::Expr> arguments = call->args;  // base, offset, extent and stride
    const Halide::Expr line = Variable::make(Halide::Int(32), loop->name);
    arguments[1] = substitute(loop->name, 0, arguments[1]) + line * elements_of_a_line;
    const Stmt body = Evaluate::make(Call::make(call->type, call->name, arguments, call->call_type));
    return shared(For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->device_api, body));
}

Stmt prefetch_lines::visit(const Evaluate* statement) {
    const Call* call = statement->value.as<Call>();
    return call && call->is_intrinsic(Call::prefetch) ? shared(statement) : statement;
}

Stmt prefetch_lines::shared(const Stmt& lines) const {
    if (!share) return lines;
    const auto index = [](const For* loop) { return Variable::make(Halide::Int(32), loop->name) - loop->min; };
    for (auto blocks = around.rbegin(); blocks != around.rend(); ++blocks) {
        if ((*blocks)->name.compare(0, reducing.size(), reducing) == 0) continue;
        const auto is_of = [&](std::string_view variable) { return (*blocks)->name.ends_with(variable); };
        if (std::ranges::any_of(changing_weights, is_of)) break;  // there is but one register block
        const Halide::Expr among = is_const((*blocks)->extent) ? (*blocks)->extent : Halide::Expr(usual_blocks);
        return IfThenElse::make(index(around.back()) % among == index(*blocks) % among, lines);
    }
    return lines;
}

}  // namespace kiln::compiler
