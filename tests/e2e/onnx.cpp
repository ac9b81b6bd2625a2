// ONNX models on the command line.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include <kiln/tests/onnx/model_writer.hpp>

#include "workplace.hpp"

using namespace kiln::testing;
using kiln::e2e::finished;
using kiln::e2e::workplace;

namespace {

void write_model(const workplace& here, const std::string& name, const written_model& model) {
    here.write(name, model.bytes());
}

}  // namespace

TEST_CASE("an ONNX model is inspected, run and compiled like any other") {
    const workplace here;
    write_model(here, "small.onnx", small_model());
    const finished table = here.kiln("inspect small.onnx");
    CHECK(table.exit_code == 0);
    CHECK(table.out.find("Gemm_scores") != std::string::npos);
    const finished ran = here.kiln("run small.onnx --fill-mode one -o out.npz");
    CHECK_MESSAGE(ran.exit_code == 0, ran.err);
    const finished compiled = here.kiln("compile small.onnx -o small.o --depfile small.d --output c --output scores");
    CHECK_MESSAGE(compiled.exit_code == 0, compiled.err);
    const auto files = here.files();
    for (const char* file : {"small.o", "small.h", "small.d", "out.npz"})
        CHECK_MESSAGE(std::ranges::find(files, file) != files.end(), file);
}

TEST_CASE("what an ONNX model leaves open is given on the command line") {
    const workplace here;
    written_model open = small_model();
    open.inputs[0].second = {1, 2, -1, -1};
    write_model(here, "open.onnx", open);
    CHECK(here.kiln("inspect open.onnx --shape image=1x2x4x4").exit_code == 0);
    CHECK(here.kiln("inspect open.onnx").err.find("give it with --shape image=") != std::string::npos);
    CHECK(here.kiln("inspect open.onnx --shape image=1x2x4").err.find("3 axes, the model 4") != std::string::npos);
    CHECK(here.kiln("inspect open.onnx --shape 1x2x4x4").err.find("expected an input's name") != std::string::npos);
}

TEST_CASE("ONNX models that cannot be taken are one line and leave nothing behind") {
    const workplace here;
    written_model unknown = small_model();
    unknown.nodes[1].operation = "Unique";
    write_model(here, "unknown.onnx", unknown);
    here.write("garbage.onnx", "no model at all");
    const auto before = here.files();
    for (const auto& [model, says] :
         {std::pair{"unknown.onnx", "'Unique' (not an operator Kiln imports) at 'Unique_r'"},
          std::pair{"garbage.onnx", "not an ONNX model"}, std::pair{"missing.onnx", "No such file"},
          std::pair{"unknown.onnx:name", "holds one network"},
          std::pair{"lenet5 --output relu1", "are for ONNX models"}}) {
        const finished done = here.kiln(std::string("compile ") + model);
        INFO(done.err);
        CHECK(done.exit_code == 1);
        CHECK(done.err.find(says) != std::string::npos);
        CHECK(std::ranges::count(done.err, '\n') == 1);
        CHECK(here.files() == before);
    }
}
