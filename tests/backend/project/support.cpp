// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/backend/project/support.h"

#include <csignal>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sqlite3.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace limbeck {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "limbeck-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
    path_ = pattern;
    fs::permissions(path_, fs::perms::owner_all | fs::perms::group_all | fs::perms::others_all);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    for (fs::recursive_directory_iterator entry(path_, ignored), end; entry != end; entry.increment(ignored))
        if (entry->is_directory(ignored))
            fs::permissions(entry->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
    fs::remove_all(path_, ignored);
}

ExperimentConfig unusual_config() {
    ExperimentConfig config;
    config.data.dataset = {"idx", "/data/fashion mnist"};
    config.data.seed = 9223372036854775807ULL;
    config.teacher.network = {"resnet20", {}, "weights/résumé.safetensors"};
    config.student.network.options = {{"hidden", "64x64"}};
    config.distillation.temperature = 0.1 + 0.2;
    config.training.epochs = 77;
    config.training.optimizer = "adamw";
    return config;
}

RunRecord unusual_run() {
    RunRecord run;
    run.group = 3;
    run.role = Role::assistant;
    run.stage = 2;
    run.name = "T4 soft 0.9 „seed“ 0";
    run.state = RunState::stopped;
    run.config = unusual_config();
    run.parent = 11;
    run.teacher = 12;
    run.dataset_fingerprint = "abc";
    run.device = "cuda:0";
    run.threads = 2;
    run.step = 1'000'000'000'000;
    run.total_steps = 2'000'000'000'000;
    run.epoch = 4;
    run.total_epochs = 10;
    run.error = "NaN in the loss at step 7";
    run.created = "2026-05-01T10:00:00Z";
    run.finished = "2026-05-01T11:00:00Z";
    run.seconds = 1234.5678;
    return run;
}

TensorMap small_tensors(float value) {
    TensorMap map;
    TensorData& tensor = map.tensors["layer.weight"];
    tensor.shape = {2, 1};
    tensor.bytes.resize(8);
    std::memcpy(tensor.bytes.data(), &value, 4);
    map.metadata["format"] = "limbeck";
    return map;
}

std::vector<MetricPoint> points_of_steps(std::int64_t first, std::int64_t last) {
    std::vector<MetricPoint> points;
    for (std::int64_t step = first; step <= last; ++step) {
        const double value = 1.0 / static_cast<double>(step + 1);
        points.push_back({step, value, static_cast<float>(value), static_cast<float>(value)});
    }
    return points;
}

void fill_project(Project& project) {
    const std::string object = value_of(project.put_object(small_tensors(1)));
    RunRecord run = unusual_run();
    run.teacher_weights = object;
    run.more_teachers = {{7, object}};
    const RunId id = value_of(project.add_run(run));
    value_of(project.append_points(id, "train/loss", points_of_steps(0, 1499)));
    value_of(project.add_event({0, id, 5, "distillation.temperature", 4, 2, "2026-05-01T10:01:00Z"}));
    value_of(project.put_checkpoint({id, "last", 1500, 3, object, object}));
}

std::map<std::string, std::string> folder_content(const fs::path& folder) {
    std::map<std::string, std::string> content;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().lexically_relative(folder).string();
        if (name.ends_with("-shm")) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        content[name] =
            entry.is_directory() ? "(folder)" : std::string(std::istreambuf_iterator<char>(file), {});
    }
    return content;
}

std::string query(const fs::path& folder, const std::string& sql) {
    sqlite3* database = nullptr;
    std::string answer;
    const auto add = [](void* text, int, char** values, char**) {
        *static_cast<std::string*>(text) += values[0] ? values[0] : "NULL";
        return 0;
    };
    char* error = nullptr;
    if (sqlite3_open((folder / "project.limbeck").c_str(), &database) != SQLITE_OK ||
        sqlite3_exec(database, sql.c_str(), add, &answer, &error) != SQLITE_OK)
        answer = std::string("error: ") + (error ? error : "cannot open");
    sqlite3_free(error);
    sqlite3_close(database);
    return answer;
}

void run_sql(const fs::path& folder, const std::string& sql) {
    ASSERT_EQ(query(folder, sql), "");
}

Child::Child(const std::function<bool(const Wait&)>& work) {
    int ready[2], gate[2];
    if (::pipe(ready) != 0 || ::pipe(gate) != 0) throw std::runtime_error("no pipes");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::close(ready[0]);
        ::close(gate[1]);
        bool good = false;
        try {
            good = work([&] {
                char byte = 'r';
                if (::write(ready[1], &byte, 1) != 1) ::_exit(3);
                [[maybe_unused]] const auto gone = ::read(gate[0], &byte, 1);
            });
        } catch (const std::exception& error) {
            std::cerr << "in the other process: " << error.what() << std::endl;
        }
        ::_exit(good ? 0 : 1);
    }
    ::close(ready[1]);
    ::close(gate[0]);
    ready_ = ready[0];
    gate_ = gate[1];
}

Child::~Child() {
    if (pid_ > 0) kill();
    ::close(ready_);
    if (gate_ >= 0) ::close(gate_);
}

bool Child::is_ready() {
    char byte = 0;
    return ::read(ready_, &byte, 1) == 1;
}

void Child::wait_until_ready() {
    ASSERT_TRUE(is_ready()) << "the other process ended before it was ready";
}

void Child::kill() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

bool Child::let_go() {
    ::close(gate_);
    gate_ = -1;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace limbeck
