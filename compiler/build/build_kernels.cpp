#include <fmt/format.h>

#include <kiln/compiler/build/build_kernels.hpp>
#include <kiln/compiler/build/kernel_cache.hpp>
#include <kiln/compiler/build/worker_processes.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <map>
#include <mutex>

namespace kiln::compiler {
namespace {

kernel_cache open_cache(const build_options& options) {
    if (!options.use_cache) return kernel_cache({});
    if (options.cache_folder.empty()) return kernel_cache(default_cache_folder());
    return kernel_cache(options.cache_folder);
}

/// What a worker makes, and the key under which the cache keeps it.
struct product {
    std::string key, what;
    std::function<std::string()> make;
};

struct produced {
    std::string bytes;
    bool from_cache = false;
};

std::vector<produced> produce(std::span<const product> products, const build_options& options) {
    const kernel_cache cache = open_cache(options);
    const int total = static_cast<int>(products.size());
    int done = 0;
    const auto report = [&](const std::string& what) {
        ++done;
        if (options.progress) options.progress(done, total, what);
    };
    std::vector<produced> results(products.size());
    std::vector<work_item> missing;
    std::vector<std::size_t> places;  // of `missing` in `results`
    for (std::size_t i = 0; i < products.size(); ++i) {
        if (auto found = cache.find(products[i].key)) {
            results[i] = {std::move(*found), true};
            report(products[i].what);
        } else {
            missing.push_back({products[i].what, products[i].make});
            places.push_back(i);
        }
    }
    if (missing.empty()) return results;
    const std::uint64_t limit = cache_limit();
    run_in_workers(missing, {.jobs = options.jobs}, [&](std::size_t index, std::string bytes) {
        const std::size_t i = places[index];
        cache.store(products[i].key, bytes);
        results[i].bytes = std::move(bytes);
        report(products[i].what);
    });
    // Once for each process: it looks at every entry, and those who build thousands of kernels have many.
    static std::once_flag trimmed;
    std::call_once(trimmed, [&] { cache.trim(limit); });
    return results;
}

}  // namespace

std::vector<built_kernel> build_kernels(std::span<const schedules::kernel> kernels, const build_options& options) {
    std::vector<product> products;              // distinct
    std::map<std::string, std::size_t> places;  // key -> products
    std::vector<std::size_t> product_of;
    const std::string version = lowering_version();
    for (const schedules::kernel& k : kernels) {
        const std::string key =
            fmt::format("kernel\n{}\ntarget {}\nlowering {}\n", schedules::text_of(k), options.target, version);
        const auto [place, is_new] = places.try_emplace(key, products.size());
        product_of.push_back(place->second);
        if (!is_new) continue;
        products.push_back({key, fmt::format("kernel {}", schedules::summary_of(k)),
                            [&k, &options, symbol = "kiln_kernel_" + hash_of(key)] {
                                return lower_to_bitcode(k, options.target, symbol);
                            }});
    }
    const std::vector<produced> results = produce(products, options);
    std::vector<built_kernel> built;
    for (const std::size_t place : product_of)
        built.push_back(
            {"kiln_kernel_" + hash_of(products[place].key), results[place].bytes, results[place].from_cache});
    return built;
}

std::string build_runtime(const build_options& options) {
    const product runtime{fmt::format("runtime\ntarget {}\nlowering {}\n", options.target, lowering_version()),
                          "the runtime", [&options] { return runtime_bitcode(options.target); }};
    return produce(std::span(&runtime, 1), options)[0].bytes;
}

}  // namespace kiln::compiler
