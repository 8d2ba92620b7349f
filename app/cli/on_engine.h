// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <future>
#include <memory>

#include "app/cli/arguments.h"
#include "backend/engine/engine.h"
#include "backend/runner/session.h"
#include "backend/types/config.h"

namespace limbeck::cli {

/// Does the work on the training thread, where alone LibTorch may be called.
template <class T>
Result<T> on_engine(std::function<Result<T>(Engine&)> work) {
    EngineHost host(engine_loader());
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    host.post([promise, work = std::move(work)](Result<Engine*> engine) {
        if (engine)
            promise->set_value(work(**engine));
        else
            promise->set_value(tl::unexpected(engine.error()));
    });
    return answer.get();
}

/// A network by its specification; refused with the nearest name where there is none.
Result<NetworkSpec> known_network(const std::string& text);

/// The value of an option that names a file and must be there.
Result<std::string> required_file(const Arguments& arguments, std::string_view option);

} // namespace limbeck::cli
