// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/support.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <unistd.h>

namespace limbeck::fuzz {

namespace fs = std::filesystem;

fs::path scratch() {
    static const struct Folder {
        fs::path path = (fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) /
                        ("limbeck-fuzz-" + std::to_string(::getpid()));

        Folder() { fs::create_directories(path); }

        ~Folder() {
            std::error_code ignored;
            fs::remove_all(path, ignored);
        }
    } folder;

    return folder.path;
}

void write(const fs::path& file, std::span<const std::uint8_t> bytes) {
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void read_all(const Project& project) {
    (void)project.config();
    (void)project.next_group();
    (void)project.left_out();
    (void)project.verify();
    const auto runs = project.runs();
    if (!runs) return;
    for (const RunRecord& run : *runs) {
        (void)project.run(run.id);
        (void)project.summary(run.id);
        (void)project.events(run.id);
        const auto series = project.series_of(run.id);
        for (const std::string& name : series.value_or(std::vector<std::string>{})) {
            (void)project.points(run.id, name);
            (void)project.last_point(run.id, name);
        }
        for (const char* kind : {"last", "best"}) {
            const auto checkpoint = project.checkpoint(run.id, kind);
            if (checkpoint && *checkpoint) (void)project.object((*checkpoint)->weights);
        }
    }
}

void make_project(const fs::path& folder) {
    const auto need = [](const auto& result) {
        if (!result) std::abort();
        return *result;
    };
    auto created = Project::create(folder, {});
    if (!created) std::abort();
    Project& project = **created;
    TensorMap tensors;
    tensors.tensors["weight"].shape = {2};
    tensors.tensors["weight"].bytes.resize(8);
    const std::string object = need(project.put_object(tensors));
    RunRecord run;
    run.group = 1;
    run.role = Role::assistant;
    run.stage = 1;
    run.name = "student";
    run.state = RunState::stopped;
    run.teacher_weights = object;
    run.more_teachers = {{1, object}};
    const RunId id = need(project.add_run(run));
    std::vector<MetricPoint> points;
    for (int i = 0; i < 40; ++i)
        points.push_back({i, 0.1 * i, static_cast<float>(0.1 * i), static_cast<float>(0.1 * i)});
    for (const char* series : {"train/loss", "validation/accuracy"})
        if (!project.append_points(id, series, points)) std::abort();
    need(project.add_event({0, id, 3, "distillation.temperature", 4, 2, "2026-01-01T00:00:00Z"}));
    if (!project.put_checkpoint({id, "last", 40, 1, object, object})) std::abort();
}

} // namespace limbeck::fuzz
