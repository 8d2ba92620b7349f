// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>

// GNU OpenMP, which LibTorch brings along; weak, so that a LibTorch without it works too.
extern "C" {
__attribute__((weak)) void omp_set_num_threads(int);
__attribute__((weak)) int omp_get_max_threads(void);
__attribute__((weak)) int omp_get_num_threads(void);
__attribute__((weak)) int omp_get_thread_num(void);
__attribute__((weak)) int omp_in_parallel(void);
__attribute__((weak)) void GOMP_parallel(void (*)(void*), void*, unsigned, unsigned);
}

namespace limbeck {

/// Floating-point operations below which a step is quicker on one thread: waking the others for each of its
/// hundred small operations takes longer than they save, and much longer when the cores have something else
/// to do.
inline constexpr double single_thread_flops = 5e7;

/// One thread for the operations of the calling thread, for as long as it lives. Unlike at::set_num_threads
/// it costs next to nothing and touches nobody else's pool.
class SingleThread {
  public:
    explicit SingleThread(bool active)
        : before_(active && omp_set_num_threads && omp_get_max_threads ? omp_get_max_threads() : 0) {
        if (before_) omp_set_num_threads(1);
    }

    ~SingleThread() {
        if (before_) omp_set_num_threads(before_);
    }

    SingleThread(const SingleThread&) = delete;
    SingleThread& operator=(const SingleThread&) = delete;

  private:
    int before_; ///< 0: nothing to put back
};

/// How many threads an operation may use here.
inline std::int64_t threads_at_hand() {
    return !GOMP_parallel || !omp_get_max_threads || omp_in_parallel() ? 1 : omp_get_max_threads();
}

/// f(begin, end) for shares of 0..count, on LibTorch's own threads. at::parallel_for is a template that runs
/// on one thread where the file that uses it is not compiled for OpenMP, as ours are not. `least`: what a
/// thread is woken for. What f throws in any of them reaches the caller when all are done; of several the
/// last.
template <class Function>
void share_among_threads(std::int64_t count, std::int64_t least, const Function& f) {
    const std::int64_t threads =
        std::min<std::int64_t>(threads_at_hand(), count / std::max<std::int64_t>(1, least));
    if (threads <= 1) return f(std::int64_t{0}, count);

    struct Shared {
        std::int64_t count;
        const Function& f;
        std::mutex failing;
        std::exception_ptr failed;
    } shared{count, f, {}, {}};

    GOMP_parallel(
        [](void* data) {
            auto& all = *static_cast<Shared*>(data);
            const std::int64_t number = omp_get_thread_num(), of = omp_get_num_threads();
            const std::int64_t begin = all.count * number / of, end = all.count * (number + 1) / of;
            try {
                if (begin < end) all.f(begin, end);
            } catch (...) { // none may leave a parallel region
                const std::lock_guard lock(all.failing);
                all.failed = std::current_exception();
            }
        },
        &shared, static_cast<unsigned>(threads), 0);
    if (shared.failed) std::rethrow_exception(shared.failed);
}

} // namespace limbeck
