// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/kernels/row_kernels_body.h"

namespace limbeck::kernels {

const RowKernels row_kernels_baseline = all_kernels;

} // namespace limbeck::kernels
