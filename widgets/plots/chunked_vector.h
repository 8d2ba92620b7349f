// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace limbeck {

/// A growing array in chunks: no copy when it grows and no slack beyond one chunk, where a vector has up to
/// its own size again. Index access only.
template <class T, std::size_t chunk = 512>
class ChunkedVector {
  public:
    std::size_t size() const { return size_; }

    const T& operator[](std::size_t index) const { return chunks_[index / chunk][index % chunk]; }

    T& operator[](std::size_t index) { return chunks_[index / chunk][index % chunk]; }

    void push_back(const T& value) {
        if (size_ == chunks_.size() * chunk) chunks_.push_back(std::make_unique<T[]>(chunk));
        chunks_[size_ / chunk][size_ % chunk] = value;
        ++size_;
    }

    void truncate(std::size_t count) {
        size_ = count;
        chunks_.resize((count + chunk - 1) / chunk);
    }

    void clear() { truncate(0); }

    std::size_t bytes() const {
        return chunks_.size() * chunk * sizeof(T) + chunks_.capacity() * sizeof(void*);
    }

  private:
    std::vector<std::unique_ptr<T[]>> chunks_;
    std::size_t size_ = 0;
};

} // namespace limbeck
