// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QPalette>
#include <QPixmap>

#include "backend/types/config.h"

namespace limbeck {

/// A small drawing of what the data look like, in device-independent pixels of `side`.
QPixmap samplePreview(const DatasetSpec& dataset, int side, const QPalette& palette, qreal ratio);
/// The same for all scales that a screen may have.
QIcon samplePreviewIcon(const DatasetSpec& dataset, int side, const QPalette& palette);

} // namespace limbeck
