// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/fingerprint.h"

#include <array>
#include <span>

#include <sodium.h>

namespace limbeck {

namespace {

class Digest {
  public:
    Digest() { crypto_hash_sha256_init(&state_); }

    template <class Value>
    void add(std::span<const Value> values) {
        // Lengths go in too, so that a border between two lists cannot move unseen. Limbeck runs on
        // little-endian machines only, as safetensors demands.
        add_number(values.size());
        add_bytes(values.data(), values.size_bytes());
    }

    void add_number(std::uint64_t number) { add_bytes(&number, sizeof number); }

    std::string hex() {
        std::array<unsigned char, crypto_hash_sha256_BYTES> hash;
        crypto_hash_sha256_final(&state_, hash.data());
        std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text;
        sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
        return text.data();
    }

  private:
    void add_bytes(const void* bytes, std::size_t size) {
        crypto_hash_sha256_update(&state_, static_cast<const unsigned char*>(bytes), size);
    }

    crypto_hash_sha256_state state_;
};

} // namespace

std::string fingerprint_of(const Dataset& dataset) {
    Digest digest;
    digest.add(std::span<const std::int64_t>(dataset.input.shape));
    digest.add_number(dataset.class_names.size());
    for (const std::string& name : dataset.class_names)
        digest.add(std::span<const char>(name));
    digest.add(std::span<const std::uint8_t>(dataset.bytes));
    digest.add(std::span<const float>(dataset.values));
    for (const auto* list : {&dataset.labels, &dataset.train, &dataset.validation, &dataset.test})
        digest.add(std::span<const std::int64_t>(*list));
    return digest.hex();
}

} // namespace limbeck
