// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "backend/project/project.h"

namespace limbeck::fuzz {

/// A folder of this process in memory (/dev/shm where there is one).
std::filesystem::path scratch();

void write(const std::filesystem::path& file, std::span<const std::uint8_t> bytes);

/// Reads all that a project says, and every byte of it.
void read_all(const Project& project);

/// A small project with a row in every table.
void make_project(const std::filesystem::path& folder);

} // namespace limbeck::fuzz
