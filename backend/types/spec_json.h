// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "backend/types/config.h"

/// The JSON-object forms of specs: {"kind": "idx", "path": "…"} and
/// {"model": "mlp", "options": {"hidden": "64x64"}, "weights": "…"}. Inner to backend/types: the
/// names in them are checked by parse_dataset_spec and parse_network_spec.
namespace limbeck {

Result<DatasetSpec> dataset_spec_from_json(std::string_view json);
Result<NetworkSpec> network_spec_from_json(std::string_view json);
/// {"beta": 8, "standardize": true}
Result<TermOptions> term_options_from_json(std::string_view json);
/// [{"id": "at", "weight": 1000, "taps": ["feature.1"], "options": {"p": 2}}, …]
Result<std::vector<TermConfig>> terms_from_json(std::string_view json);
/// [{"model": …}, …]
Result<std::vector<NetworkSpec>> networks_from_json(std::string_view json);

} // namespace limbeck
