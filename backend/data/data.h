// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "backend/types/config.h"
#include "backend/types/dataset.h"
#include "backend/types/error.h"

namespace limbeck {

/// Makes or reads the data set that a configuration names, splits it and measures its
/// normalisation. Deterministic: the same DataConfig and files give the same bytes everywhere.
/// `base`: folder that relative paths start from (the project's). `keep_going` is asked now and
/// then; false gives ErrorKind::cancelled. Errors name the file and the byte or header at fault.
Result<std::shared_ptr<const Dataset>> load_dataset(const DataConfig& config,
                                                    const std::filesystem::path& base,
                                                    const std::function<bool()>& keep_going = {});

/// Shape and classes without reading the samples (headers only): for the form and the cards.
struct DatasetShape {
    InputSpec input;
    std::int64_t classes = 0;
    std::int64_t samples = 0;
};

Result<DatasetShape> probe_dataset(const DataConfig& config, const std::filesystem::path& base);

} // namespace limbeck
