// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// GNU OpenMP and MKL, which LibTorch brings along; weak, so that a LibTorch without one of them works too.
extern "C" {
__attribute__((weak)) void omp_set_num_threads(int);
__attribute__((weak)) int omp_get_max_threads(void);
__attribute__((weak)) int MKL_Set_Num_Threads_Local(int);
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
    int before_;
    int mkl_before_ = 0; ///< 0: as OpenMP says
};

} // namespace limbeck
