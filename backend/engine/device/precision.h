// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include <ATen/autocast_mode.h>
#include <torch/types.h>

#include "backend/types/error.h"

namespace limbeck {

/// How a forward pass computes: float32, or bfloat16 where autocast finds it safe (master weights, losses and
/// optimiser stay float32).
enum class Precision { float32, bfloat16 };

inline Result<Precision> parse_precision(std::string_view text) {
    if (text == "float32") return Precision::float32;
    if (text == "bfloat16") return Precision::bfloat16;
    return failure(ErrorKind::configuration,
                   "The precision is \"" + std::string(text) + "\"; it must be float32 or bfloat16.",
                   "training.precision");
}

/// Autocast for as long as it lives. The cache of cast weights is cleared at its end: the weights change
/// after every step, and casts made without gradient must not serve a pass that needs one.
class AutocastScope {
  public:
    AutocastScope(torch::Device device, Precision precision)
        : type_(device.type()), active_(precision == Precision::bfloat16) {
        if (!active_) return;
        was_enabled_ = at::autocast::is_autocast_enabled(type_);
        was_dtype_ = at::autocast::get_autocast_dtype(type_);
        at::autocast::set_autocast_dtype(type_, at::kBFloat16);
        at::autocast::set_autocast_enabled(type_, true);
        at::autocast::increment_nesting();
    }

    ~AutocastScope() {
        if (!active_) return;
        if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
        at::autocast::set_autocast_enabled(type_, was_enabled_);
        at::autocast::set_autocast_dtype(type_, was_dtype_);
    }

    AutocastScope(const AutocastScope&) = delete;
    AutocastScope& operator=(const AutocastScope&) = delete;

  private:
    c10::DeviceType type_;
    bool active_;
    bool was_enabled_ = false;
    at::ScalarType was_dtype_ = at::kBFloat16;
};

} // namespace limbeck
