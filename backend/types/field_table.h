// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "backend/types/fields.h"

/// How the one table of settings is made; inner to backend/types. Others call fields().
namespace limbeck {

std::vector<Field> make_field_table();

} // namespace limbeck
