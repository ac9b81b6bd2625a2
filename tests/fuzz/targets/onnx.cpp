// ONNX models, imported without a file and taken through the passes. Mutations are ones of the nested messages, most of
// the time.
#include <kiln/compiler/onnx/import_model.hpp>
#include <kiln/compiler/passes/pipeline.hpp>

#include <cstring>

#include <protozero/exception.hpp>

#include "mutator.hpp"
#include "protobuf.hpp"
#include "refused.hpp"

using namespace kiln;

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    std::mt19937 random(seed);
    if (random() % 8 == 0) return LLVMFuzzerMutate(data, size, most);
    try {
        const std::string_view message(reinterpret_cast<const char*>(data), size);
        std::string mutated = fuzz::mutated_message(message, random, 64);
        while (random() % 2 == 0) mutated = fuzz::mutated_message(mutated, random, 64);
        if (mutated.size() > most) return LLVMFuzzerMutate(data, size, most);
        std::memcpy(data, mutated.data(), mutated.size());
        return mutated.size();
    } catch (const protozero::exception&) {
        return LLVMFuzzerMutate(data, size, most);
    }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::read_or_refuse(data, size, [](byte_view file) {
        // External data would be looked for in a folder that is not there: tests/onnx/hostile_files.cpp has those
        // cases.
        passes::run_pipeline(onnx::import_model(file, "fuzzed", "/nonexistent", {}));
    });
    return 0;
}
