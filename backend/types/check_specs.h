// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "backend/types/config.h"
#include "backend/types/fields.h"

/// What is wrong with one setting by itself; for backend/types and the engine. Each gives the reason and what
/// would be right, or an empty text.
namespace limbeck {

std::string field_problem(const Field& field, const ExperimentConfig& config);
std::string dataset_problem(const DatasetSpec& spec);
std::string network_problem(const NetworkSpec& spec);
std::string networks_problem(const std::vector<NetworkSpec>& networks);
/// Unknown names and values out of range; an unknown objective is not told here.
std::string options_problem(std::string_view objective, const TermOptions& options);
std::string terms_problem(const std::vector<TermConfig>& terms);
std::string device_problem(std::string_view device);

} // namespace limbeck
