// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "backend/runner/clock.h"
#include "backend/runner/guarded.h"
#include "backend/runner/session.h"

namespace limbeck {

struct EngineHost::State {
    using Work = std::function<void(Result<Engine*>)>;

    EngineMaker maker;
    int niceness = 0;
    std::filesystem::path answers_folder;

    mutable std::mutex mutex;
    std::condition_variable come;
    std::deque<Work> work, probes;
    bool at_work = false, quit = false;
    std::function<void()> on_probe;

    std::atomic<bool> is_ready{false};
    // Of the training thread alone.
    std::unique_ptr<Engine> engine;

    std::thread thread; // last: it uses all of the above

    Result<Engine*> ready();
    void run();
    void call(const Work& one, const Result<Engine*>& engine_or_error);
};

Result<Engine*> EngineHost::State::ready() {
    if (!engine) {
        auto made = guarded("Loading the engine", [this] { return maker(); });
        if (!made) return tl::unexpected(made.error());
        engine = std::move(*made);
        is_ready = true;
    }
    return engine.get();
}

void EngineHost::State::call(const Work& one, const Result<Engine*>& engine_or_error) {
    // Work must not throw; should it all the same, the thread goes on for all others.
    (void)guarded("Working on the training thread", [&]() -> Result<void> {
        one(engine_or_error);
        return {};
    });
}

void EngineHost::State::run() {
    // The thread's own niceness: the window stays quick. Threads that the engine starts later inherit it.
    if (niceness != 0) (void)setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), niceness);
    std::unique_lock lock(mutex);
    while (true) {
        come.wait(lock, [this] { return quit || !work.empty() || !probes.empty(); });
        if (quit) break;
        // Probes first: they are short, and a group of runs is not.
        const bool is_probe = !probes.empty();
        auto& queue = is_probe ? probes : work;
        Work one = std::move(queue.front());
        queue.pop_front();
        at_work = !is_probe;
        lock.unlock();
        call(one, ready());
        one = {}; // what it held is let go of here, not under the lock
        lock.lock();
        at_work = false;
    }
    std::deque<Work> left;
    left.swap(work);
    left.insert(left.end(), probes.begin(), probes.end());
    probes.clear();
    lock.unlock();
    for (const Work& one : left) {
        call(one,
             failure(ErrorKind::cancelled, "Limbeck is closing: what was asked of the engine was not done."));
    }
    left.clear();
    engine.reset();
}

EngineHost::EngineHost(EngineMaker maker, int niceness, std::filesystem::path answers_folder)
    : state_(std::make_unique<State>()) {
    state_->maker = std::move(maker);
    state_->niceness = niceness;
    state_->answers_folder = std::move(answers_folder);
    state_->thread = std::thread([state = state_.get()] { state->run(); });
}

EngineHost::~EngineHost() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->quit = true;
    }
    state_->come.notify_all();
    state_->thread.join();
}

const std::filesystem::path& EngineHost::answers_folder() const {
    return state_->answers_folder;
}

void EngineHost::post(std::function<void(Result<Engine*>)> work) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->work.push_back(std::move(work));
    }
    state_->come.notify_all();
}

void EngineHost::post_probe(std::function<void(Result<Engine*>)> work) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->probes.push_back(std::move(work));
        if (state_->on_probe) state_->on_probe();
    }
    state_->come.notify_all();
}

bool EngineHost::busy() const {
    const std::lock_guard lock(state_->mutex);
    return state_->at_work || !state_->work.empty();
}

bool EngineHost::ready() const {
    return state_->is_ready;
}

void EngineHost::serve_probes(double seconds) {
    const auto begin = Clock::now();
    do {
        State::Work one;
        {
            const std::lock_guard lock(state_->mutex);
            if (state_->probes.empty()) return;
            one = std::move(state_->probes.front());
            state_->probes.pop_front();
        }
        state_->call(one, state_->ready());
    } while (seconds_between(begin, Clock::now()) < seconds);
}

void EngineHost::on_probe(std::function<void()> listener) {
    const std::lock_guard lock(state_->mutex);
    state_->on_probe = std::move(listener);
}

void request_devices(EngineHost& host, std::function<void(Result<std::vector<DeviceInfo>>)> done) {
    host.post_probe([done = std::move(done)](Result<Engine*> engine) {
        using Devices = Result<std::vector<DeviceInfo>>;
        done(guarded("Listing the devices", [&]() -> Devices {
            if (!engine) return tl::unexpected(engine.error());
            return (*engine)->devices();
        }));
    });
}

void request_cost(EngineHost& host, const NetworkSpec& network, const InputSpec& input, std::int64_t classes,
                  std::function<void(Result<NetworkCost>)> done) {
    host.post_probe([=, done = std::move(done)](Result<Engine*> engine) {
        done(guarded("Measuring what " + to_string(network) + " costs", [&]() -> Result<NetworkCost> {
            if (!engine) return tl::unexpected(engine.error());
            return (*engine)->cost(network, input, classes, /*measure_latency=*/true);
        }));
    });
}

} // namespace limbeck
