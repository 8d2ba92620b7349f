// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <torch/types.h>

#include "backend/types/error.h"

namespace limbeck {

/// How a forward pass computes: float32; the same with NVIDIA's TF32 in its products (8 bits of exponent, 10
/// of mantissa); or bfloat16 where autocast finds it safe (master weights, losses and optimiser stay
/// float32).
enum class Precision { float32, tf32, bfloat16 };

inline Result<Precision> parse_precision(std::string_view text) {
    if (text == "float32") return Precision::float32;
    if (text == "tf32") return Precision::tf32;
    if (text == "bfloat16") return Precision::bfloat16;
    return failure(ErrorKind::configuration,
                   "The precision is \"" + std::string(text) + "\"; it must be float32, tf32 or bfloat16.",
                   "training.precision");
}

/// TF32 refused where there is none, instead of float32 under another name.
inline Result<void> check_precision(Precision precision, torch::Device device) {
    if (precision != Precision::tf32 || device.is_cuda()) return {};
    return failure(ErrorKind::configuration,
                   "tf32 is a mode of NVIDIA GPUs; this training runs on " + device.str() +
                       ", where float32 or bfloat16 is right.",
                   "training.precision");
}

/// Products in TF32 for as long as it lives, if that is wanted. The switch is the process's: one job at a
/// time has it.
class Tf32Scope {
  public:
    explicit Tf32Scope(Precision precision) : active_(precision == Precision::tf32) { set(active_); }

    ~Tf32Scope() { set(false); }

    Tf32Scope(const Tf32Scope&) = delete;
    Tf32Scope& operator=(const Tf32Scope&) = delete;

  private:
    void set(bool on) const {
        if (!active_) return;
        at::globalContext().setAllowTF32CuDNN(on);
        at::globalContext().setAllowTF32CuBLAS(on);
    }

    bool active_;
};

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
