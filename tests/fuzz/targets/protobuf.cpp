#include "protobuf.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "mutator.hpp"

namespace kiln::fuzz {
namespace {

struct field {
    protozero::pbf_tag_type tag = 1;
    protozero::pbf_wire_type type = protozero::pbf_wire_type::varint;
    std::uint64_t number = 0;
    std::string bytes{};  // of a length-delimited field
};

std::vector<field> fields_of(std::string_view message) {
    std::vector<field> fields;
    protozero::pbf_reader r(message.data(), message.size());
    while (r.next()) {
        field f{r.tag(), r.wire_type()};
        switch (f.type) {
            case protozero::pbf_wire_type::varint: f.number = r.get_uint64(); break;
            case protozero::pbf_wire_type::fixed64: f.number = r.get_fixed64(); break;
            case protozero::pbf_wire_type::fixed32: f.number = r.get_fixed32(); break;
            default: f.bytes = std::string(r.get_view());
        }
        fields.push_back(std::move(f));
    }
    return fields;
}

std::string message_of(const std::vector<field>& fields) {
    std::string message;
    protozero::pbf_writer w(message);
    for (const field& f : fields) switch (f.type) {
            case protozero::pbf_wire_type::varint: w.add_uint64(f.tag, f.number); break;
            case protozero::pbf_wire_type::fixed64: w.add_fixed64(f.tag, f.number); break;
            case protozero::pbf_wire_type::fixed32: w.add_fixed32(f.tag, static_cast<std::uint32_t>(f.number)); break;
            default: w.add_bytes(f.tag, f.bytes);
        }
    return message;
}

bool is_message(std::string_view bytes) {
    if (bytes.size() < 2) return false;
    try {
        fields_of(bytes);
        return true;
    } catch (const protozero::exception&) {
        return false;
    }
}

void mutate(field& f, std::mt19937& random, std::size_t most) {
    if (f.type == protozero::pbf_wire_type::length_delimited) {
        if (random() % 8 != 0 && is_message(f.bytes)) {
            f.bytes = mutated_message(f.bytes, random, most);
            return;
        }
        std::vector<std::uint8_t> buffer(f.bytes.begin(), f.bytes.end());
        const std::size_t size = buffer.size();
        buffer.resize(std::max<std::size_t>(most, size + 1));
        const std::size_t mutated = LLVMFuzzerMutate(buffer.data(), size, buffer.size());
        f.bytes.assign(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(mutated));
        return;
    }
    constexpr std::uint64_t edges[] = {0,
                                       1,
                                       2,
                                       3,
                                       4,
                                       7,
                                       13,
                                       1 << 20,
                                       1 << 24,
                                       0x7FFFFFFF,
                                       0xFFFFFFFF,
                                       std::uint64_t{1} << 53,
                                       ~std::uint64_t{0} >> 1,
                                       std::uint64_t{1} << 63};
    switch (random() % 4) {
        case 0: f.number = edges[random() % std::size(edges)]; break;
        case 1: f.number = ~edges[random() % std::size(edges)]; break;
        case 2: f.number += random() % 2 != 0 ? 1 : -1; break;
        default: f.number ^= std::uint64_t{1} << random() % 64;
    }
}

}  // namespace

std::string mutated_message(std::string_view message, std::mt19937& random, std::size_t most) {
    std::vector<field> fields = fields_of(message);
    if (fields.empty()) fields.emplace_back();
    const auto at = fields.begin() + static_cast<std::ptrdiff_t>(random() % fields.size());
    const auto to = fields.begin() + static_cast<std::ptrdiff_t>(random() % fields.size());
    switch (random() % 16) {
        case 0: fields.erase(at); break;
        case 1: fields.insert(to, field(*at)); break;
        case 2: std::swap(*at, *to); break;
        case 3:
            if (at->type == to->type) at->bytes = to->bytes, at->number = to->number;
            break;
        case 4: at->tag = 1 + random() % 21; break;
        default: mutate(*at, random, most);
    }
    return message_of(fields);
}

}  // namespace kiln::fuzz
