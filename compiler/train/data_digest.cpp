#define XXH_INLINE_ALL
#include <kiln/compiler/train/data_digest.hpp>

#include <fmt/format.h>
#include <xxhash.h>

#include <span>

namespace kiln::train {
namespace {

class digest {
public:
    digest() { XXH3_64bits_reset(&state_); }

    template <class Number>
    void add(const std::vector<Number>& numbers) {
        const std::size_t count = numbers.size();  // so that nothing moves from one array to the next unnoticed
        XXH3_64bits_update(&state_, &count, sizeof count);
        XXH3_64bits_update(&state_, numbers.data(), count * sizeof(Number));
    }
    std::string text() const { return fmt::format("{:016x}", XXH3_64bits_digest(&state_)); }

private:
    XXH3_state_t state_;
};

}  // namespace

std::string data_digest(const data::data_set& set) {
    digest d;
    for (const data::part* part : {&set.train, &set.validation, &set.test}) {
        d.add(std::vector{part->count, static_cast<std::int64_t>(part->fields.size())});
        for (const data::field& f : part->fields) {
            d.add(f.shape);
            d.add(f.levels);
            d.add(f.values);
        }
    }
    return d.text();
}

}  // namespace kiln::train
