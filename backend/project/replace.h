// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "backend/project/sqlite.h"

/// Putting a new database in the place of the old one. Killed anywhere, a readable project is there, and the
/// old database wholly or not yet under its second name.
namespace limbeck {

/// A second name for the database in the same folder: "project.format-1.limbeck", or with "-2" … behind where
/// that is taken. Gives the name that has the content: one that has it already is taken as it is.
std::filesystem::path keep_under(const std::filesystem::path& database, const std::string& stem);

/// Brings the database of an older format, which nobody else has open and which has no log, to this one: on
/// a copy, which is checked and then takes its place. The old file stays as project.format-N.limbeck.
void migrate_on_a_copy(const std::filesystem::path& database, const std::string& name);

/// Gives the file, whole and durable, the database's name.
void put_in_place(const std::filesystem::path& file, const std::filesystem::path& database);

/// Page by page through SQLite, which reads the file and its log as one; gives the bytes of the database.
double copy_database(Database& from, const std::filesystem::path& to,
                     const std::function<void(double)>& bytes_done);

} // namespace limbeck
