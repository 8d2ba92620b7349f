// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace limbeck {

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece; libsodium does the work.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    void update(std::span<const std::byte> bytes);
    void update(std::string_view text);
    /// 64 lower-case hexadecimal digits; call once, at the end.
    std::string hex();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// True for 64 lower-case hexadecimal digits: nothing else is ever used as the name of an object.
bool is_sha256(std::string_view text);

} // namespace limbeck
