#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/data/read_data_set.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/npz.hpp>
#include <kiln/tests/runtime/idx_samples.hpp>
#include <kiln/tests/runtime/temporary_folder.hpp>
#include <kiln/tests/runtime/zip_samples.hpp>

using namespace kiln;
using namespace kiln::data;
using namespace kiln::test;

namespace {

data_set read(const std::filesystem::path& where, std::size_t inputs = 2) {
    return read_data_set(where.string(), {4, 6, 1}, inputs);
}

std::string refusal(const std::filesystem::path& where, std::size_t inputs = 2) {
    return error_text([&] { read(where, inputs); });
}

void write_plain(const std::filesystem::path& path, float level, std::int64_t channels = 1) {
    std::filesystem::create_directories(path.parent_path());
    write_png(path, {{8, 12, channels}, std::vector<float>(static_cast<std::size_t>(96 * channels), level)});
}

const std::filesystem::path fashion = "/usr/share/datasets/fashion-mnist";

}  // namespace

TEST_CASE("Fashion-MNIST is read as its authors describe it" * doctest::skip(!std::filesystem::exists(fashion))) {
    const data_set set = read_data_set("fashion-mnist", {}, 2);
    CHECK(set.name == "fashion-mnist");
    REQUIRE(set.train.count == 60'000);
    REQUIRE(set.test.count == 10'000);
    CHECK(set.validation.count == 0);
    CHECK(set.classes.size() == 10);
    CHECK(set.classes[9] == "Ankle boot");
    CHECK(set.train.fields[0].shape == std::vector<std::int64_t>{28, 28});
    CHECK(set.train.fields[0].levels.size() == 60'000 * 784);
    for (const part* p : {&set.train, &set.test})
        for (float label = 0; label < 10; ++label)
            CHECK(std::ranges::count(p->fields[1].values, label) == p->count / 10);
    CHECK(set.train.fields[1].values[0] == 9);  // as in the first rows of the paper's figure
}

TEST_CASE("a folder of IDX files may hold them plain or compressed, with or without a test set") {
    const temporary_folder folder;
    write_file(folder / "train-images-idx3-ubyte", make_idx(8, {2, 1, 2}, "00010203"));
    CHECK(mentions(refusal(folder.path()), {"train-images", "none of train-labels"}));
    write_file(folder / "train-labels-idx1-ubyte.gz", make_gzip(make_idx(8, {2}, "0107"), 8));
    data_set set = read(folder.path());
    CHECK(set.train.count == 2);
    CHECK(set.test.count == 0);
    CHECK(set.train.fields[0].levels == std::vector<std::uint8_t>{0, 1, 2, 3});
    CHECK(set.train.fields[1].values == std::vector<float>{1, 7});
    write_file(folder / "t10k-images.idx3-ubyte", make_idx(8, {1, 1, 2}, "0405"));
    write_file(folder / "t10k-labels.idx1-ubyte", make_idx(8, {1}, "00"));
    CHECK(read(folder.path()).test.count == 1);
    write_file(folder / "train-labels-idx1-ubyte", make_idx(8, {3}, "010702"));
    CHECK(mentions(refusal(folder.path()), {"2 images", "3 labels"}));
    write_file(folder / "other-train-labels-idx1-ubyte", make_idx(8, {2}, "0101"));
    CHECK(mentions(refusal(folder.path()), {"two files"}));
}

TEST_CASE("a folder for each class: names sorted, images fitted, other files passed over") {
    const temporary_folder folder;
    write_plain(folder / "dog/b.png", 1);
    write_plain(folder / "dog/a.PNG", 0.2F);
    write_plain(folder / "cat/x.png", 0.6F, 3);
    write_file(folder / "cat/notes.txt", bytes_of("no image"));
    write_file(folder / "cat/.hidden.png", bytes_of("no image"));
    const data_set set = read(folder.path());
    CHECK(set.classes == std::vector<std::string>{"cat", "dog"});
    CHECK(set.train.count == 3);
    CHECK(set.train.fields[0].shape == std::vector<std::int64_t>{4, 6, 1});
    CHECK(set.train.fields[1].values == std::vector<float>{0, 1, 1});
    const std::vector<std::uint8_t>& levels = set.train.fields[0].levels;
    REQUIRE(levels.size() == 3 * 24);
    CHECK(levels[0] == 153);
    CHECK(levels[24] == 51);
    CHECK(levels[48] == 255);
    fit_options refusing;
    refusing.size = sizing::refuse;
    CHECK(mentions(error_text([&] {
                       read_data_set(folder.path().string(), {4, 6, 1, refusing}, 2);
                   }),
                   {"8x12", "4x6", "--resize"}));
}

TEST_CASE("folders named after the parts are the parts, with the training set's classes") {
    const temporary_folder folder;
    for (const char* file : {"train/0/a.png", "train/1/a.png", "test/1/a.png", "val/0/a.png"})
        write_plain(folder / file, 1);
    const data_set set = read(folder.path());
    CHECK(set.train.count == 2);
    CHECK(set.validation.fields.at(1).values == std::vector<float>{0});
    CHECK(set.test.fields.at(1).values == std::vector<float>{1});
    write_plain(folder / "test/2/a.png", 1);
    CHECK(mentions(refusal(folder.path()), {"test/2", "training set does not have"}));
}

TEST_CASE("folders that are no data set, and damaged images, are refused by name") {
    const temporary_folder folder;
    CHECK(mentions(refusal(folder.path()), {"neither IDX files", folder.path().string()}));
    CHECK(mentions(refusal(folder / "absent"), {"no data set", "absent", "fashion-mnist"}));
    std::filesystem::create_directory(folder / "empty");
    CHECK(mentions(refusal(folder.path()), {"empty", "no images"}));
    write_file(folder / "empty/bad.png", bytes_of("\x89PNG\r\n\x1a\n"));
    write_plain(folder / "empty/fine.png", 1);
    CHECK(mentions(refusal(folder.path()), {"bad.png"}));
}

TEST_CASE("arrays of an .npz file are told apart by their names") {
    const temporary_folder folder;
    const std::string images = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 3), }";
    const byte_string bytes = make_npy(images, from_hex("000102030405"));
    const byte_string labels = make_npy_floats("(2,)", {4, 5});
    const auto write = [&](const std::vector<zip_sample>& entries) {
        write_file(folder / "d.npz", make_zip(entries));
        return folder / "d.npz";
    };
    for (const auto& [image, label] : {std::pair{"x_train", "y_train"},
                                       {"train_images", "train_labels"},
                                       {"images", "labels"},
                                       {"input0", "input1"},
                                       {"x", "targets"}}) {
        CAPTURE(image);
        const data_set set = read(write({{std::string(label) + ".npy", labels}, {std::string(image) + ".npy", bytes}}));
        CHECK(set.train.count == 2);
        CHECK(set.train.fields[0].levels == std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5});
        CHECK(set.train.fields[0].shape == std::vector<std::int64_t>{1, 3});
        CHECK(set.train.fields[1].values == std::vector<float>{4, 5});
    }
    const data_set parts = read(write({{"x_train.npy", bytes},
                                       {"y_train.npy", labels},
                                       {"x_val.npy", bytes},
                                       {"y_val.npy", labels},
                                       {"test_images.npy", bytes},
                                       {"test_labels.npy", bytes}}));
    CHECK(parts.validation.count == 2);
    CHECK(parts.test.fields[1].values == std::vector<float>{0, 1, 2, 3, 4, 5});  // labels are never levels

    CHECK(mentions(refusal(write({{"x.npy", bytes}})), {"no array for input 1", "'x'", "y or labels"}));
    CHECK(mentions(refusal(write({{"x.npy", bytes}, {"z.npy", labels}})), {"'z'", "none of the network's 2 inputs"}));
    CHECK(mentions(refusal(write({{"x.npy", bytes}, {"y.npy", make_npy_floats("(3,)", {1, 2, 3})}})),
                   {"3 samples", "2"}));
    CHECK(mentions(refusal(write({{"x.npy", bytes}, {"images.npy", bytes}})), {"mean the same"}));
    CHECK(mentions(refusal(write({{"x.npy", bytes}, {"y.npy", make_npy_floats("()", {1})}})), {"no samples"}));
    CHECK(mentions(refusal(write({{"x_test.npy", bytes}, {"y_test.npy", labels}})), {"no samples to train on"}));
    CHECK(mentions(refusal(write({{"x.npy", bytes}, {"input99999999999999999999.npy", labels}})), {"none of"}));
}
