// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

/// Memory for tensors on the CPU. A training step asks for the same large blocks over and over; the C library
/// gives large blocks back to the system at once, and the system clears every page of them again at the next
/// use. This allocator keeps them.
namespace limbeck {

struct BlockCounts {
    std::int64_t kept_bytes = 0; ///< free, waiting for the next tensor of their size
    std::int64_t reused = 0;     ///< blocks handed out again since the start of the process
    std::int64_t fresh = 0;      ///< blocks that the system was asked for
};

/// From here on LibTorch's CPU tensors live in such blocks, in the whole process. Does nothing when done
/// before, and in a build with the address sanitizer, which would no longer see what is freed.
void keep_cpu_blocks();

/// Gives all that is kept back to the system: at the end of a job, or when memory is short.
void release_kept_blocks();

/// The same when it goes out of scope.
struct ReleaseKeptBlocks {
    ReleaseKeptBlocks() = default;

    ~ReleaseKeptBlocks() { release_kept_blocks(); }

    ReleaseKeptBlocks(const ReleaseKeptBlocks&) = delete;
    ReleaseKeptBlocks& operator=(const ReleaseKeptBlocks&) = delete;
};

BlockCounts block_counts();

} // namespace limbeck
