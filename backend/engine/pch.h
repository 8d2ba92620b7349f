// SPDX-License-Identifier: GPL-3.0-or-later
// Precompiled header of the engine and its tests: reading torch's headers takes longer than most files here.
#pragma once

#include <torch/torch.h>
