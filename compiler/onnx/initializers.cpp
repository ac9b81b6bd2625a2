#include <kiln/compiler/onnx/initializers.hpp>

#include <fmt/format.h>

#include <kiln/compiler/onnx/constant.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::onnx {
namespace {

template <class Visit>
void for_each_initializer(const std::filesystem::path& file, Visit visit) {
    const mapped_file mapped(file);
    try {
        for (const tensor_proto& t : read_model(mapped.bytes()).initializers) visit(t);
    } catch (const error& e) {
        throw error(fmt::format("{}: {}", file.string(), e.what()));
    }
}

}  // namespace

std::vector<tensor_entry> list_initializers(const std::filesystem::path& file) {
    std::vector<tensor_entry> listed;
    for_each_initializer(file, [&](const tensor_proto& t) {
        const auto count = element_count(t.shape);
        if (!count) throw error(fmt::format("tensor {}: its shape is not possible", in_quotes(t.name)));
        const element_format* format = format_of(t.type);
        listed.push_back({std::string(t.name),
                          format ? std::string(format->name) : fmt::format("ONNX type {}", static_cast<int>(t.type)),
                          t.shape, format ? static_cast<std::uint64_t>(*count) * format->bytes : 0});
    });
    return listed;
}

tensor_map read_initializers(const std::filesystem::path& file) {
    tensor_map tensors;
    for_each_initializer(file, [&](const tensor_proto& t) {
        if (!tensors.emplace(t.name, *read_constant(t, file.parent_path()).value).second)
            throw error(fmt::format("two initializers are called {}", in_quotes(t.name)));
    });
    return tensors;
}

}  // namespace kiln::onnx
