#include <kiln/compiler/lower/prefetch_lines.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace kiln::compiler {
namespace {

using namespace Halide::Internal;
using schedules::sharing_of_prefetches;

// Of the loops that are inside those over register blocks.
constexpr std::string_view reducing = "sum";
// Of those that lead to other weights, by what their variables are called: blocks of filters, frequencies.
constexpr std::array<std::string_view, 3> changing_weights{".block", ".i", ".j"};
constexpr std::string_view of_parts = ".of$";  // of the reduction
// Among so many register blocks is a prefetch divided where their number is not known.
constexpr int usual_blocks = 8, fewest_blocks = 2;

bool reduces(const For* loop) { return loop->name.compare(0, reducing.size(), reducing) == 0; }

const Call* call_of(const Stmt& statement) {
    const auto* evaluated = statement.as<Evaluate>();
    return evaluated ? evaluated->value.as<Call>() : nullptr;
}

bool is_prefetch(const Stmt& statement) {
    const Call* call = call_of(statement);
    return call && call->is_intrinsic(Call::prefetch);
}

/// The prefetch of what is so many lines behind.
Stmt moved(const Stmt& prefetch, const Halide::Expr& lines) {
    const Call* call = call_of(prefetch);
    std::vector<Halide::Expr> arguments = call->args;  // base, offset, extent and stride, in elements
    arguments[1] = arguments[1] + simplify(lines * (bytes_of_a_line / call->type.bytes()));
    return Evaluate::make(Call::make(call->type, call->name, arguments, call->call_type));
}

}  // namespace

Stmt prefetch_lines::visit(const For* loop) {
    constexpr std::string_view of_lines = "prefetch_split_";
    if (loop->name.compare(0, of_lines.size(), of_lines) != 0 || !is_prefetch(loop->body)) {
        around_.push_back(loop);
        const Stmt same = IRMutator::visit(loop);
        around_.pop_back();
        return same;
    }
    over_lines_ = loop;
    const Stmt lines = IRMutator::visit(loop);
    over_lines_ = nullptr;
    const auto* count = loop->extent.as<IntImm>();
    return shared(lines, substitute(loop->name, 0, loop->body), count ? static_cast<int>(count->value) : 0);
}

Stmt prefetch_lines::visit(const Evaluate* statement) {
    if (!is_prefetch(statement)) return statement;
    if (!over_lines_) return shared(statement, statement, 1);
    const Halide::Expr line = Variable::make(Halide::Int(32), over_lines_->name);
    return moved(substitute(over_lines_->name, 0, Stmt(statement)), line);
}

std::vector<const For*> prefetch_lines::register_blocks() const {
    std::vector<const For*> loops;
    for (auto loop = around_.rbegin(); loop != around_.rend(); ++loop) {
        const std::string& name = (*loop)->name;
        if (reduces(*loop)) continue;
        const auto is_of = [&](std::string_view variable) { return name.ends_with(variable); };
        const bool other_weights = std::ranges::any_of(changing_weights, is_of) || name.find(of_parts) != name.npos;
        if (other_weights || (*loop)->for_type != ForType::Serial) break;
        loops.push_back(*loop);
    }
    return loops;
}

Stmt prefetch_lines::shared(const Stmt& lines, const Stmt& first, int count) const {
    const std::vector<const For*> loops = register_blocks();
    if (sharing_ == sharing_of_prefetches::none || loops.empty() || !reduces(around_.back())) return lines;
    if (sharing_ == sharing_of_prefetches::by_parts) return count > 0 ? by_parts(first, count, loops) : lines;
    const Halide::Expr among = is_const(loops[0]->extent) ? loops[0]->extent : Halide::Expr(usual_blocks);
    return IfThenElse::make(turn_of(around_.back()) % among == turn_of(loops[0]) % among, lines);
}

Stmt prefetch_lines::by_parts(const Stmt& first, int lines, const std::vector<const For*>& loops) const {
    Halide::Expr step = 0, steps = 1;
    for (auto loop = around_.rbegin(); reduces(*loop); ++loop) {
        step = step + turn_of(*loop) * steps;
        steps = steps * (*loop)->extent;
    }
    Halide::Expr block = 0;
    int among = 1;
    for (const For* loop : loops) {
        const auto* known = loop->extent.as<IntImm>();
        block = block + turn_of(loop) * among;
        among *= known ? static_cast<int>(known->value) : fewest_blocks;
        if (!known) break;
    }
    // Lines of a step, or steps of a line.
    const int lines_each = schedules::divided_up(lines, among), steps_each = std::max(1, among / lines);
    const int parts = steps_each > 1 ? lines * steps_each : schedules::divided_up(lines, lines_each);
    const Halide::Expr lines_of_a_part = (steps + (steps_each - 1)) / steps_each * lines_each;
    // `first` is the first of this step's lines, which follow those of the steps before.
    const Halide::Expr line = block % parts * lines_of_a_part + step / steps_each * lines_each - step * lines;
    Stmt all;
    for (int i = 0; i < lines_each; ++i) {
        const Stmt one = moved(first, line + i);
        all = all.defined() ? Block::make(all, one) : one;
    }
    return all;
}

}  // namespace kiln::compiler
