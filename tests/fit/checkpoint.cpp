#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <kiln/compiler/train/checkpoint.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/safetensors.hpp>
#include <kiln/tests/runtime/samples.hpp>
#include <kiln/tests/runtime/temporary_folder.hpp>
#include <random>

using namespace kiln;
using namespace kiln::test;
using namespace kiln::train;

namespace {

checkpoint sample() {
    checkpoint c;
    c.at = {3, 17, {0.1 + 0.2, 5, 8}, {1e-300, 0, 1}};
    c.settings = {{"network", "net"}, {"seed", "7"}};
    c.history = "{\"step\":50}\n{\"step\":100}\n";
    // Numbers that a detour through text or another type would change.
    c.state["conv1.weight"] = {{4}, {0.1F, -0.0F, 1e-42F, 3.4e38F}};
    c.state["train/steps"] = {{1}, {}, element::int64, {(std::int64_t{1} << 50) + 1}};
    return c;
}

void expect_equal(const checkpoint& a, const checkpoint& b) {
    CHECK(a.at.epoch == b.at.epoch);
    CHECK(a.at.batch == b.at.batch);
    CHECK(std::memcmp(&a.at.epoch_mean, &b.at.epoch_mean, sizeof a.at.epoch_mean) == 0);
    CHECK(std::memcmp(&a.at.recent_mean, &b.at.recent_mean, sizeof a.at.recent_mean) == 0);
    CHECK(a.settings == b.settings);
    CHECK(a.history == b.history);
    REQUIRE(a.state.size() == b.state.size());
    for (const auto& [name, value] : a.state) {
        const tensor& other = b.state.at(name);
        CHECK(value.shape == other.shape);
        CHECK(value.integers == other.integers);
        REQUIRE(value.values.size() == other.values.size());
        if (other.values.empty()) continue;
        CHECK(std::memcmp(value.values.data(), other.values.data(), other.values.size() * sizeof(float)) == 0);
    }
}

std::string refusal(const std::filesystem::path& path) {
    return error_text([&] { read_checkpoint(path); });
}

/// Files of this process may grow to so many bytes and no more, as on a full disk.
class full_disk {
public:
    explicit full_disk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~full_disk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int);
};

}  // namespace

TEST_CASE("a checkpoint comes back bit for bit") {
    const temporary_folder folder;
    write_checkpoint(folder / "c", sample());
    expect_equal(read_checkpoint(folder / "c"), sample());
    write_checkpoint(folder / "c", {});
    expect_equal(read_checkpoint(folder / "c"), {});
}

TEST_CASE("a full disk leaves the checkpoint before, and says so") {
    const temporary_folder folder;
    write_checkpoint(folder / "c", sample());
    checkpoint larger = sample();
    larger.at.epoch = 4;
    larger.state["more"] = {{100'000}, std::vector<float>(100'000)};
    std::string said;
    {
        const full_disk limit(100'000);
        said = error_text([&] { write_checkpoint(folder / "c", larger); });
        CHECK(mentions(error_text([&] { write_checkpoint(folder / "new", larger); }), {"new", "too large"}));
    }
    CHECK(mentions(said,
                   {"4 epochs", "17 batches", (folder / "c").string(), "too large", "the one before it is intact"}));
    CHECK(folder.entries() == 1);
    expect_equal(read_checkpoint(folder / "c"), sample());
}

TEST_CASE("what is no checkpoint is refused with what it is") {
    const temporary_folder folder;
    CHECK(mentions(refusal(folder / "absent"), {"absent"}));
    write_safetensors(folder / "weights", {{"conv1.weight", {{1}, {1}}}});
    CHECK(mentions(refusal(folder / "weights"), {"weights", "no checkpoint", "--weights"}));
    write_file(folder / "text", bytes_of("epoch 3"));
    CHECK(mentions(refusal(folder / "text"), {"text", "safetensors"}));
    write_safetensors(folder / "later", {}, {{"kiln.checkpoint", "2"}});
    CHECK(mentions(refusal(folder / "later"), {"version '2'", "version 1"}));
    write_checkpoint(folder / "c", sample());
    text_map texts = read_safetensors_content(folder / "c").metadata;
    for (const char* wrong : {"", "-1", "3x", "99999999999999999999", " 3"}) {
        texts["epoch"] = wrong;
        write_safetensors(folder / "c", {}, texts);
        CHECK(mentions(refusal(folder / "c"), {"damaged", "'epoch'"}));
    }
    texts["epoch"] = "3";
    for (const char* wrong : {"0.5", "0x", "nan", "inf", "0x1p+9999", "--0x1"}) {
        texts["epoch_cost"] = wrong;
        write_safetensors(folder / "c", {}, texts);
        CHECK(mentions(refusal(folder / "c"), {"damaged", "'epoch_cost'"}));
    }
    texts.erase("epoch_cost");
    write_safetensors(folder / "c", {}, texts);
    CHECK(mentions(refusal(folder / "c"), {"'epoch_cost' is missing"}));
}

TEST_CASE("a checkpoint cut short anywhere, or changed at random, is read or refused") {
    const temporary_folder folder;
    write_checkpoint(folder / "c", sample());
    const byte_string whole = to_bytes(read_text(folder / "c"));
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        write_file(folder / "d", byte_view(whole).first(size));
        CHECK(refusal(folder / "d") != "no error");
    }
    std::mt19937 random(1);
    for (int i = 0; i < 300; ++i) {
        byte_string changed = whole;
        for (int change = 0; change < 3; ++change)
            changed[random() % changed.size()] = static_cast<std::byte>(random());
        write_file(folder / "d", changed);
        refusal(folder / "d");  // any other exception, or a crash, fails the test
    }
}

TEST_CASE("settings that differ are listed with both values") {
    expect_same_settings("c", sample().settings, sample().settings);
    const std::string said = error_text([&] {
        expect_same_settings("c.safetensors", sample().settings, {{"network", "net"}, {"seed", "8"}, {"lr", "0.1"}});
    });
    CHECK(mentions(said, {"c.safetensors", "seed was '7', now '8'", "lr was not there, now '0.1'"}));
    CHECK(said.find("network") == said.npos);
}

TEST_CASE("settings that may change do, others still may not") {
    const text_map wanted{{"network", "net"}, {"seed", "8"}, {"lr", "0.1"}};
    expect_same_settings("c", sample().settings, wanted, {"lr", "seed"});
    const std::string said = error_text([&] { expect_same_settings("c", sample().settings, wanted, {"lr"}); });
    CHECK(mentions(said, {"seed was '7', now '8'"}));
    CHECK(said.find("lr") == said.npos);
}
