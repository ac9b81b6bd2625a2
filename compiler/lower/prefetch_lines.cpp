#include <kiln/compiler/lower/prefetch_lines.hpp>

#include <string_view>

namespace kiln::compiler {
namespace {

using namespace Halide::Internal;

constexpr int elements_of_a_line = 16;

}  // namespace

Stmt prefetch_lines::visit(const For* loop) {
    constexpr std::string_view of_lines = "prefetch_split_";
    const auto* statement = loop->body.as<Evaluate>();
    const Call* call = statement ? statement->value.as<Call>() : nullptr;
    if (loop->name.compare(0, of_lines.size(), of_lines) != 0 || !call || !call->is_intrinsic(Call::prefetch))
        return IRMutator::visit(loop);
    std::vector<Halide::Expr> arguments = call->args;  // base, offset, extent and stride
    const Halide::Expr line = Variable::make(Halide::Int(32), loop->name);
    arguments[1] = substitute(loop->name, 0, arguments[1]) + line * elements_of_a_line;
    const Stmt body = Evaluate::make(Call::make(call->type, call->name, arguments, call->call_type));
    return For::make(loop->name, loop->min, loop->extent, loop->for_type, loop->device_api, body);
}

}  // namespace kiln::compiler
