// SPDX-License-Identifier: GPL-3.0-or-later
// Loads the engine as the programs do, trains one step, evaluates, and leaves main() in the ordinary way:
// what is wrong in the order of destruction shows in the exit code. No LibTorch is linked here.
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include <dlfcn.h>

#include "backend/engine/engine.h"

namespace {

std::shared_ptr<limbeck::Dataset> two_points() {
    auto data = std::make_shared<limbeck::Dataset>();
    data->name = "points";
    data->input.shape = {2};
    data->class_names = {"a", "b"};
    for (int i = 0; i < 40; ++i) {
        data->values.insert(data->values.end(), {i % 2 ? 1.0f : -1.0f, 0.1f * static_cast<float>(i)});
        data->labels.push_back(i % 2);
        (i < 32 ? data->train : data->validation).push_back(i);
    }
    data->mean = {0, 0};
    data->stddev = {1, 1};
    return data;
}

int train(const char* path) {
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return std::fprintf(stderr, "%s\n", dlerror()), 3;
    const auto create =
        reinterpret_cast<limbeck::EngineFactory>(dlsym(library, limbeck::engine_factory_symbol));
    if (!create) return std::fprintf(stderr, "%s\n", dlerror()), 4;
    std::string error;
    const std::unique_ptr<limbeck::Engine> engine(create({}, &error));
    if (!engine) return std::fprintf(stderr, "%s\n", error.c_str()), 5;
    limbeck::TrainingTask task;
    task.network = {"mlp", {{"hidden", "8"}}, {}};
    task.optimization.batch_size = 8;
    auto job = engine->prepare(task, two_points());
    if (!job) return std::fprintf(stderr, "%s\n", job.error().message.c_str()), 6;
    if (!(*job)->step() || (*job)->drain(true)->steps.size() != 1) return 7;
    if (!(*job)->evaluate(limbeck::Part::validation, {})) return 8;
    return 0;
}

} // namespace

int main(int, char** arguments) {
    int code = 1;
    std::thread training([&] { code = train(arguments[1]); });
    training.join();
    if (code == 0) std::puts("trained");
    return code;
}
