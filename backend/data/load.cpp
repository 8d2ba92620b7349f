// SPDX-License-Identifier: GPL-3.0-or-later
#include <exception>
#include <new>

#include "backend/data/cifar.h"
#include "backend/data/compact.h"
#include "backend/data/data.h"
#include "backend/data/fingerprint.h"
#include "backend/data/glyphs.h"
#include "backend/data/idx_folder.h"
#include "backend/data/planar.h"
#include "backend/data/split.h"
#include "backend/types/catalogue.h"
#include "backend/types/fields.h"

namespace limbeck {

namespace {

namespace fs = std::filesystem;

/// The settings of the data by themselves: whoever calls, nothing is made with 10^15 samples or a noise of
/// NaN.
Result<void> require_data(const DataConfig& data) {
    ExperimentConfig config;
    config.data = data;
    for (const Problem& problem : check(config))
        if (problem.key.starts_with("data."))
            return failure(ErrorKind::configuration, problem.key + ": " + problem.message, problem.key);
    return {};
}

fs::path folder_of(const DatasetSpec& spec, const fs::path& base) {
    const fs::path path(spec.path);
    return path.is_absolute() ? path : base / path;
}

Result<RawData> read_or_make(const DataConfig& config, const fs::path& base,
                             const std::function<bool()>& keep_going) {
    const std::string& kind = config.dataset.kind;
    const fs::path folder = folder_of(config.dataset, base);
    if (kind == "idx") return read_idx_folder(folder, keep_going);
    if (kind == "cifar10") return read_cifar_folder(folder, 10, keep_going);
    if (kind == "cifar100") return read_cifar_folder(folder, 100, keep_going);
    const std::int64_t samples = config.samples > 0 ? config.samples : find_dataset(kind)->default_samples;
    if (kind == "glyphs") return make_glyphs(samples, config.noise, config.seed, keep_going);
    return make_planar(kind, samples, config.noise, config.seed, keep_going);
}

Result<std::shared_ptr<const Dataset>> load(const DataConfig& config, const fs::path& base,
                                            const std::function<bool()>& keep_going) {
    auto raw = read_or_make(config, base, keep_going);
    if (!raw) return tl::unexpected(raw.error());
    auto dataset = std::make_shared<Dataset>(std::move(raw->dataset));
    dataset->name = to_string(config.dataset);
    if (auto done = split(*dataset, raw->own_test, config); !done) return tl::unexpected(done.error());
    drop_unused(*dataset);
    if (keep_going && !keep_going()) return failure(ErrorKind::cancelled, "Loading the data was cancelled.");
    measure_normalisation(*dataset);
    dataset->fingerprint = fingerprint_of(*dataset);
    return dataset;
}

/// The libraries below throw (memory, file names); beyond this room nothing does.
template <class Work>
auto guarded(const DataConfig& config, Work work) -> decltype(work()) {
    const std::string what = "Loading the data set " + to_string(config.dataset) + ": ";
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return failure(ErrorKind::memory, what + "out of memory. Set data.samples to take fewer samples.",
                       "data.samples");
    } catch (const std::exception& error) {
        return failure(ErrorKind::data, what + error.what(), "data.dataset");
    }
}

} // namespace

Result<std::shared_ptr<const Dataset>> load_dataset(const DataConfig& config, const fs::path& base,
                                                    const std::function<bool()>& keep_going) {
    if (auto valid = require_data(config); !valid) return tl::unexpected(valid.error());
    return guarded(config, [&] { return load(config, base, keep_going); });
}

Result<DatasetShape> probe_dataset(const DataConfig& config, const fs::path& base) {
    if (auto valid = require_data(config); !valid) return tl::unexpected(valid.error());
    return guarded(config, [&]() -> Result<DatasetShape> {
        const std::string& kind = config.dataset.kind;
        const fs::path folder = folder_of(config.dataset, base);
        if (kind == "idx") return probe_idx_folder(folder);
        if (kind == "cifar10") return probe_cifar_folder(folder, 10);
        if (kind == "cifar100") return probe_cifar_folder(folder, 100);
        const DatasetEntry* entry = find_dataset(kind);
        const std::int64_t classes = kind == "glyphs" ? 10 : kind == "moons" ? 2 : 3;
        return DatasetShape{
            {entry->shape}, classes, config.samples > 0 ? config.samples : entry->default_samples};
    });
}

} // namespace limbeck
