#include <array>
#include <bit>
#include <kiln/compiler/normal.hpp>

namespace kiln::compiler {

namespace {

// Own exp, log and sqrt: constexpr, and the same bits on every platform. They are called while the tables are made and
// for about one number in a hundred.

constexpr double exponential(double x) {
    int halvings = 0;
    for (; x < -0.1 || x > 0.1; ++halvings) x /= 2;
    double term = 1, sum = 1;
    for (int i = 1; i < 14; ++i) sum += term *= x / i;
    for (; halvings > 0; --halvings) sum *= sum;
    return sum;
}

/// For positive normal numbers: log(m 2^e) = log(m) + e log(2), log(m) by the series of artanh.
constexpr double logarithm(double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const int exponent = static_cast<int>(bits >> 52) - 1023;
    const double m = std::bit_cast<double>((bits & ((std::uint64_t{1} << 52) - 1)) | (std::uint64_t{1023} << 52));
    const double z = (m - 1) / (m + 1);
    double power = z, sum = 0;
    for (int i = 1; i < 36; i += 2) {
        sum += power / i;
        power *= z * z;
    }
    return 2 * sum + exponent * 0.693147180559945309417;
}

constexpr double square_root(double x) {
    double root = x > 1 ? x : 1;
    for (int i = 0; i < 64; ++i) root = (root + x / root) / 2;
    return root;
}

constexpr double density(double x) { return exponential(-x * x / 2); }

constexpr int layers = 256;
/// Where the tail begins and the area of each layer under exp(-x^2 / 2), such that 256 layers fit exactly.
constexpr double tail = 3.6541528853610092;
constexpr double area = 0.004928673233974655;

struct ziggurat {
    std::array<double, layers + 1> x{};  // right edges, from the base's (beyond the tail) up to 0
    std::array<double, layers + 1> y{};  // density there
};

constexpr ziggurat make_ziggurat() {
    ziggurat z;
    z.x[0] = area / density(tail);
    z.x[1] = tail;
    for (std::size_t i = 2; i < layers; ++i)
        z.x[i] = square_root(-2 * logarithm(area / z.x[i - 1] + density(z.x[i - 1])));
    z.x[layers] = 0;
    for (std::size_t i = 0; i <= layers; ++i) z.y[i] = density(z.x[i]);
    return z;
}

constexpr ziggurat shape = make_ziggurat();

class normal_source {
public:
    explicit normal_source(std::uint64_t key) : bits_(key) {}

    double operator()() {
        for (;;) {
            const std::uint64_t bits = bits_.next();
            const std::size_t layer = bits & (layers - 1);
            const double x = to_unit(bits) * shape.x[layer];
            if (x < shape.x[layer + 1]) return signed_by(bits, x);  // wholly under the curve: 98.8 % of the draws
            if (layer == 0) return signed_by(bits, beyond_tail());
            const double height = shape.y[layer] + uniform() * (shape.y[layer + 1] - shape.y[layer]);
            if (height < density(x)) return signed_by(bits, x);
        }
    }

private:
    // One draw of 64 bits: 8 choose the layer, one the sign, the upper 53 are a number in [0, 1).
    static double to_unit(std::uint64_t bits) {
        return static_cast<double>(static_cast<std::int64_t>(bits >> 11)) * 0x1p-53;
    }
    /// Without a branch, which would be mispredicted every other time.
    static double signed_by(std::uint64_t bits, double x) {
        return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) | (bits & layers) << 55);
    }
    double uniform() { return to_unit(bits_.next()); }

    /// Marsaglia 1964: exponential proposals beyond the tail's begin.
    double beyond_tail() {
        for (;;) {
            const double x = -logarithm(1 - uniform()) / tail, y = -logarithm(1 - uniform());
            if (2 * y > x * x) return tail + x;
        }
    }

    random_stream bits_;
};

}  // namespace

void fill_normal(std::uint64_t key, std::uint64_t block, float deviation, std::span<float> out) {
    normal_source source(part_key(key, block));
    for (float& value : out) value = static_cast<float>(source() * deviation);
}

}  // namespace kiln::compiler
