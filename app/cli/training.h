// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "app/cli/output.h"
#include "backend/runner/session.h"

namespace limbeck::cli {

/// An open project with a training thread, for the three commands that train.
class Training {
  public:
    static Result<std::unique_ptr<Training>> open(const std::filesystem::path& project);

    Session& session() { return *session_; }

    /// CPU threads of the engine, which is loaded when the first run starts; 0: one per core.
    void use_threads(std::int64_t threads) { engine_->threads = threads; }

    /// Starts what `start` starts and shows it until its end, or until Ctrl-C, which stops it after the
    /// current step. Gives the exit code.
    Result<int> conduct(Output& output, const std::function<Result<GroupId>(Session&)>& start);

  private:
    struct Wake {
        std::mutex mutex;
        std::condition_variable condition;
        bool woken = false;
    };

    Training() = default;
    void wait();
    int report(Output& output, GroupId group, std::optional<ErrorKind> error);

    // In this order: the session ends before the thread that it works on.
    std::shared_ptr<Wake> wake_ = std::make_shared<Wake>();
    std::shared_ptr<EngineOptions> engine_ = std::make_shared<EngineOptions>();
    std::shared_ptr<EngineHost> host_;
    std::unique_ptr<Session> session_;
};

} // namespace limbeck::cli
