#include <kiln/compiler/lower/prefetch_chunks.hpp>

#include <cmath>
#include <utility>

#include <kiln/compiler/lower/prefetch_lines.hpp>
#include <kiln/schedules/register_block.hpp>

namespace kiln::compiler {
namespace {

using namespace Halide::Internal;
using schedules::divided_up;

// A function is called by its name, or by that and a number where the process has met the name before.
bool sums(const For* loop) { return loop->name.starts_with("sum"); }
bool transforms(const For* loop) { return loop->name.starts_with("filters"); }
bool works(const For* loop) { return sums(loop) || transforms(loop); }

/// Where a statement first reads from memory called `name`: at the first turn of its loops, in terms of what is defined
/// outside of it.
class first_read : public IRVisitor {
public:
    explicit first_read(std::string name) : name_(std::move(name)) {}
    Halide::Expr at;

protected:
    using IRVisitor::visit;
    void visit(const Load* load) override {
        if (at.defined() || load->name != name_) return IRVisitor::visit(load);
        const auto* vector = load->index.as<Ramp>();
        at = vector ? vector->base : load->index;
    }
    void visit(const LetStmt* let) override { visit_with(let, let->name, let->value); }
    void visit(const Let* let) override { visit_with(let, let->name, let->value); }
    void visit(const For* loop) override { visit_with(loop, loop->name, loop->min); }

private:
    template <class Node>
    void visit_with(const Node* node, const std::string& variable, const Halide::Expr& value) {
        if (at.defined()) return;
        IRVisitor::visit(node);
        if (at.defined()) at = substitute(variable, value, at);
    }

    std::string name_;
};

class count_sums : public IRVisitor {
public:
    int found = 0;

protected:
    using IRVisitor::visit;
    void visit(const For* loop) override {
        if (sums(loop))
            ++found;
        else
            IRVisitor::visit(loop);
    }
};

}  // namespace

Stmt prefetch_chunks::visit(const For* loop) {
    if (next_.defined()) {
        const bool outermost = works(loop) && (around_.empty() || !works(around_.back()));
        wanted_ |= outermost;
        around_.push_back(loop);
        Stmt result = IRMutator::visit(loop);
        around_.pop_back();
        if (outermost && sums(loop)) ++row_;
        return result;
    }
    if (!loop->name.ends_with(of_.loop)) return IRMutator::visit(loop);
    first_read read(weights_);
    loop->body.accept(&read);
    count_sums nests;
    loop->body.accept(&nests);
    if (!read.at.defined() || nests.found == 0) return IRMutator::visit(loop);
    rows_ = nests.found, row_ = 0;
    next_ = simplify(substitute(loop->name, Variable::make(Halide::Int(32), loop->name) + 1, read.at));
    Stmt result = IRMutator::visit(loop);
    next_ = Halide::Expr();
    return result;
}

Stmt prefetch_chunks::visit(const Store* store) {
    if (!std::exchange(wanted_, false)) return IRMutator::visit(store);
    return Block::make(prefetches(), IRMutator::visit(store));
}

Stmt prefetch_chunks::prefetches() const {
    const bool in_sum = sums(around_.back());
    Halide::Expr step = 0, block = 0;
    int steps = 1, blocks = 1;
    for (auto loop = around_.rbegin(); loop != around_.rend(); ++loop) {
        const auto* extent = (*loop)->extent.as<IntImm>();
        Halide::Expr& of = works(*loop) ? step : block;
        int& count = works(*loop) ? steps : blocks;
        of = of + turn_of(*loop) * count;
        count *= extent ? static_cast<int>(extent->value) : 1;
    }
    const int numbers_of_a_line = bytes_of_a_line / bytes_of_a_number_;
    const int of_row = divided_up(divided_up(of_.numbers, numbers_of_a_line), rows_);
    const int transforming = static_cast<int>(std::lround(of_.transforming * of_row));
    const int of_block = in_sum ? divided_up(of_row - transforming, blocks) : transforming;
    const int of_step = divided_up(of_block, steps), first = row_ * of_row + (in_sum ? transforming : 0);
    const Halide::Expr base = Variable::make(Halide::type_of<void*>(), weights_);
    Stmt all = Evaluate::make(0);
    for (int i = 0; i < of_step; ++i) {
        const Halide::Expr line =
            first + block * of_block + (of_step > 1 ? step * of_step + i : step * of_block / steps);
        const Halide::Expr at = next_ + simplify(line * numbers_of_a_line);
        all = Block::make(all, Evaluate::make(Call::make(Halide::Int(32), Call::prefetch,
                                                         {base, at, 1, numbers_of_a_line}, Call::Intrinsic)));
    }
    return all;
}

}  // namespace kiln::compiler
