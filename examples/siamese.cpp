// A Siamese network for faces with the triplet loss (Taigman, Yang, Ranzato, Wolf 2014, "DeepFace"; Schroff,
// Kalenichenko, Philbin 2015, arXiv:1503.03832, figure 2): one network embeds three faces in 128 values. Trained well,
// ||a - p||^2 + margin <= ||a - n||^2. The network inside is a small one of the usual kind. To recognise faces, compile
// `face_embedding`, which has the same weights under the same names, and compare its outputs.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto stage = [](auto width) {
    return seq(conv_bn(width, 3_c, same), relu, conv_bn(width, 3_c, same), relu, max_pool(2_c));
};

inline constexpr auto embed = seq(stage(32_c), stage(64_c), stage(128_c), stage(256_c),  // 6x6x256
                                  global_average_pool, dense(128_c));

inline constexpr auto face_embedding = shared("tower"_n, embed);

inline constexpr auto siamese = [](auto anchor, auto positive, auto negative) {
    return outputs("anchor"_n   = face_embedding(anchor),
                   "positive"_n = face_embedding(positive),
                   "negative"_n = face_embedding(negative));
};
// clang-format on

using face = shape<96, 96, 3>;
static_assert(network<siamese, face, face, face>::parameters == network<face_embedding, face>::parameters);
static_assert(network<siamese, face, face, face>::multiply_adds == 3 * network<face_embedding, face>::multiply_adds);
static_assert(std::is_same_v<network<siamese, face, face, face>::outputs::named<"anchor">, shape<128>>);

KILN_EXPORT(face_embedding, face);
KILN_EXPORT(siamese, face, face, face);
