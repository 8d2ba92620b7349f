// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/device/block_allocator.h"

#include <bit>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#include <sys/mman.h>

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>

namespace limbeck {
namespace {

/// Smaller blocks are the C library's: it keeps them itself.
constexpr std::size_t smallest = std::size_t{32} << 10;
constexpr std::size_t huge_page = std::size_t{2} << 20;

/// Before every block; as long as LibTorch's alignment, so that the block is aligned as well.
struct alignas(64) Header {
    std::size_t size = 0;  ///< of the block without this; what it is kept under
    std::size_t asked = 0; ///< what the tensor asked for
};

/// Rounded up to an eighth of a power of two: few different sizes, an eighth wasted at most.
std::size_t rounded(std::size_t bytes) {
    const std::size_t step = std::bit_floor(bytes) / 8;
    return (bytes + step - 1) / step * step;
}

class BlockAllocator final : public c10::Allocator {
  public:
    c10::DataPtr allocate(std::size_t bytes) override {
        void* data = take(bytes);
        return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

    void copy_data(void* to, const void* from, std::size_t bytes) const override {
        default_copy_data(to, from, bytes);
    }

    void release() {
        std::map<std::size_t, std::vector<Header*>> all;
        {
            const std::lock_guard lock(mutex_);
            all.swap(kept_);
            counts_.kept_bytes = 0;
        }
        for (auto& [size, blocks] : all)
            for (Header* block : blocks)
                c10::free_cpu(block);
    }

    BlockCounts counts() {
        const std::lock_guard lock(mutex_);
        return counts_;
    }

  private:
    void* take(std::size_t bytes) {
        if (bytes == 0) return nullptr;
        const std::size_t size = bytes < smallest ? bytes : rounded(bytes);
        Header* block = size < smallest ? nullptr : kept(size);
        if (!block) block = fresh(size);
        block->asked = bytes;
        void* data = block + 1;
        c10::profiledCPUMemoryReporter().New(data, bytes);
        return data;
    }

    Header* kept(std::size_t size) {
        const std::lock_guard lock(mutex_);
        const auto found = kept_.find(size);
        if (found == kept_.end() || found->second.empty()) return nullptr;
        Header* block = found->second.back();
        found->second.pop_back();
        counts_.kept_bytes -= static_cast<std::int64_t>(size);
        ++counts_.reused;
        return block;
    }

    Header* fresh(std::size_t size) {
        void* memory = nullptr;
        try {
            memory = c10::alloc_cpu(size + sizeof(Header));
        } catch (const c10::Error&) {
            release(); // what is kept in other sizes may be what is missing
            memory = c10::alloc_cpu(size + sizeof(Header));
        }
        if (size >= huge_page) advise_huge_pages(memory, size);
        {
            const std::lock_guard lock(mutex_);
            if (size >= smallest) ++counts_.fresh;
        }
        return new (memory) Header{size, 0};
    }

    /// For the whole pages within; only a hint, whose failure costs nothing but speed.
    static void advise_huge_pages(void* memory, std::size_t size) {
        const auto begin = (reinterpret_cast<std::uintptr_t>(memory) + huge_page - 1) / huge_page * huge_page;
        const auto end = (reinterpret_cast<std::uintptr_t>(memory) + size) / huge_page * huge_page;
        if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
    }

    static void give_back(void* data);

    std::mutex mutex_;
    std::map<std::size_t, std::vector<Header*>> kept_; ///< by size
    BlockCounts counts_;
};

/// Lives as long as the process: tensors may outlive every other object.
BlockAllocator& allocator() {
    static auto* const only = new BlockAllocator;
    return *only;
}

void BlockAllocator::give_back(void* data) {
    if (!data) return;
    c10::profiledCPUMemoryReporter().Delete(data);
    Header* block = static_cast<Header*>(data) - 1;
    if (block->size < smallest) {
        c10::free_cpu(block);
        return;
    }
    BlockAllocator& self = allocator();
    const std::lock_guard lock(self.mutex_);
    self.kept_[block->size].push_back(block);
    self.counts_.kept_bytes += static_cast<std::int64_t>(block->size);
}

} // namespace

void keep_cpu_blocks() {
#if !defined(__SANITIZE_ADDRESS__)
    if (c10::GetCPUAllocator() != &allocator()) c10::SetCPUAllocator(&allocator());
#endif
}

void release_kept_blocks() {
    allocator().release();
}

BlockCounts block_counts() {
    return allocator().counts();
}

} // namespace limbeck
