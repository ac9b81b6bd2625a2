#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/npy_header.hpp>
#include <kiln/runtime/utf8.hpp>
#include <limits>

namespace kiln {
namespace {

constexpr std::size_t largest_rank = 64;  // numpy's own limit is 64 since 2.0

/// A cursor over the text. Every member either consumes what it is named after or throws.
class dictionary_reader {
public:
    dictionary_reader(std::string_view text, std::string_view what) : text_(text), what_(what) {}

    npy_header read() {
        npy_header header;
        bool seen[3] = {};
        expect('{');
        while (!accept('}')) {
            const std::string key = string();
            const auto index = std::find(std::begin(keys), std::end(keys), key) - std::begin(keys);
            if (index == std::ssize(keys)) fail(fmt::format("unknown key {}", in_quotes(key)));
            if (seen[index]) fail(fmt::format("key {} appears twice", in_quotes(key)));
            seen[index] = true;
            expect(':');
            if (index == 0) header.descr = descr();
            if (index == 1) header.fortran_order = boolean();
            if (index == 2) header.shape = tuple();
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        for (std::size_t index = 0; index < std::size(keys); ++index)
            if (!seen[index]) fail(fmt::format("key '{}' is missing", keys[index]));
        skip_space();
        if (!text_.empty()) fail("text follows the dictionary");
        return header;
    }

private:
    static constexpr std::string_view keys[] = {"descr", "fortran_order", "shape"};

    [[noreturn]] void fail(std::string_view problem) const {
        throw error(fmt::format("{}: its .npy header is not valid: {}", what_, problem));
    }

    void skip_space() {
        while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n' || text_[0] == '\t')) text_.remove_prefix(1);
    }

    bool accept(char symbol) {
        skip_space();
        if (text_.empty() || text_[0] != symbol) return false;
        text_.remove_prefix(1);
        return true;
    }

    void expect(char symbol) {
        if (!accept(symbol)) fail(fmt::format("expected '{}', found {}", symbol, in_quotes(text_.substr(0, 8))));
    }

    std::string string() {
        skip_space();
        const char quote = !text_.empty() && text_[0] == '"' ? '"' : '\'';
        expect(quote);
        const std::size_t end = text_.find(quote);
        if (end == text_.npos) fail("a string has no end");
        const std::string content(text_.substr(0, end));
        if (content.find('\\') != content.npos) fail("a string holds a backslash");
        text_.remove_prefix(end + 1);
        return content;
    }

    std::string descr() {
        skip_space();
        if (!text_.empty() && text_[0] == '[') fail("structured arrays (a list of fields) are not supported");
        return string();
    }

    bool boolean() {
        skip_space();
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "True" : "False";
            if (!text_.starts_with(word)) continue;
            text_.remove_prefix(word.size());
            return value;
        }
        fail(fmt::format("fortran_order must be True or False, found {}", in_quotes(text_.substr(0, 8))));
    }

    std::vector<std::int64_t> tuple() {
        std::vector<std::int64_t> extents;
        expect('(');
        while (!accept(')')) {
            extents.push_back(extent());
            if (extents.size() > largest_rank) fail(fmt::format("shape has more than {} extents", largest_rank));
            if (accept(',')) continue;
            if (extents.size() == 1) fail("a shape of one extent must be written (n,)");
            expect(')');
            break;
        }
        return extents;
    }

    std::int64_t extent() {
        constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
        skip_space();
        std::int64_t value = 0;
        std::size_t digits = 0;
        for (; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; ++digits, text_.remove_prefix(1)) {
            const int digit = text_[0] - '0';
            if (value > (largest - digit) / 10) fail("an extent of shape is above 2^63 - 1");
            value = value * 10 + digit;
        }
        if (digits == 0) fail(fmt::format("shape must hold plain numbers, found {}", in_quotes(text_.substr(0, 8))));
        if (!text_.empty() && text_[0] == 'L') text_.remove_prefix(1);  // as Python 2 wrote long integers
        return value;
    }

    std::string_view text_;
    std::string_view what_;
};

}  // namespace

npy_header parse_npy_header(std::string_view text, std::string_view what) {
    return dictionary_reader(text, what).read();
}

std::string npy_preamble(const std::vector<std::int64_t>& shape, element type) {
    constexpr std::string_view descr[] = {"<f4", "<i8", "<i4", "|b1"};  // of float32, int64, int32 and boolean
    const std::string extents = fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
    std::string dictionary = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                         descr[static_cast<std::size_t>(type)], extents);
    constexpr std::size_t before = 10;  // magic, version, length
    dictionary.append(63 - (before + dictionary.size()) % 64, ' ');
    dictionary += '\n';
    const auto length = static_cast<unsigned>(dictionary.size());  // far below version 1's 65535 at any legal rank
    return fmt::format("\x93NUMPY\x01{}{}{}", '\0', static_cast<char>(length & 255), static_cast<char>(length >> 8)) +
           dictionary;
}

}  // namespace kiln
