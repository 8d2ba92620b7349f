// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace limbeck::cli {

/// The catalogue of objectives and schemes as a page for people, in Markdown: what `objectives --markdown`
/// prints and docs/objectives.md holds.
std::string objectives_page();

} // namespace limbeck::cli
