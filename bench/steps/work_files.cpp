// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>
#include <fstream>
#include <numeric>
#include <span>

#include <nlohmann/json.hpp>

#include "backend/engine/training/sampler.h"
#include "backend/project/safetensors.h"
#include "bench/steps/work.h"

namespace limbeck::bench {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char *settings_file = "work.json", *data_file = "data.safetensors",
                     *teacher_file = "teacher.safetensors", *student_file = "student.safetensors";

template <class Value>
TensorData tensor(DType type, std::vector<std::int64_t> shape, std::span<const Value> values) {
    const auto bytes = std::as_bytes(values);
    return {type, std::move(shape), {bytes.begin(), bytes.end()}};
}

template <class Value>
std::vector<Value> values_of(const TensorData& tensor) {
    std::vector<Value> values(tensor.bytes.size() / sizeof(Value));
    std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(Value));
    return values;
}

/// Samples and views of the first steps, as the engine's own batches have them.
void add_batches(TensorMap& map, const TrainingTask& task, const Dataset& data, std::int64_t steps) {
    const auto batch = task.optimization.batch_size;
    const auto an_epoch = steps_per_epoch(static_cast<std::int64_t>(data.train.size()), batch);
    std::vector<std::int64_t> order, views, epoch;
    for (std::int64_t step = 0; step < steps; ++step) {
        const auto in_epoch = step % an_epoch;
        if (in_epoch == 0) epoch = epoch_order(task.seed, step / an_epoch, data.train);
        const auto first = epoch.begin() + in_epoch * batch;
        order.insert(order.end(), first, first + batch);
        const auto drawn = step_views(task.seed, step, batch, task.crop_padding, task.flip);
        views.insert(views.end(), drawn.begin(), drawn.end());
    }
    map.tensors["order"] = tensor<std::int64_t>(DType::i64, {steps, batch}, order);
    if (task.crop_padding > 0 || task.flip)
        map.tensors["views"] = tensor<std::int64_t>(DType::i64, {steps, batch}, views);
}

TensorMap data_map(const Work& work, const TrainingTask& task, std::int64_t steps) {
    const Dataset& data = *work.data;
    std::vector<std::int64_t> shape{data.size()};
    shape.insert(shape.end(), data.input.shape.begin(), data.input.shape.end());
    const auto channels = data.input.channels();
    TensorMap map;
    map.tensors["samples"] = data.bytes.empty() ? tensor<float>(DType::f32, shape, data.values)
                                                : tensor<std::uint8_t>(DType::u8, shape, data.bytes);
    map.tensors["labels"] = tensor<std::int64_t>(DType::i64, {data.size()}, data.labels);
    map.tensors["mean"] = tensor<float>(DType::f32, {channels}, data.mean);
    map.tensors["stddev"] = tensor<float>(DType::f32, {channels}, data.stddev);
    add_batches(map, task, data, steps);
    return map;
}

Json network_json(const NetworkSpec& network) {
    return {{"model", network.model}, {"options", network.options}};
}

Json settings_json(const Work& work, const TrainingTask& task) {
    const TermSpec& soft = task.terms.front();
    return {{"pair", work.pair.name},
            {"teacher", network_json(work.pair.teacher)},
            {"student", network_json(work.pair.student)},
            {"classes", work.data->classes()},
            {"input", work.data->input.shape},
            {"batch", work.batch},
            {"crop_padding", task.crop_padding},
            {"flip", task.flip},
            {"hard_weight", task.hard_weight},
            {"soft_weight", soft.weight},
            {"temperature", soft.options.at("temperature")},
            {"learning_rate", task.optimization.learning_rate},
            {"momentum", task.optimization.momentum},
            {"nesterov", task.optimization.nesterov},
            {"weight_decay", task.optimization.weight_decay}};
}

tl::unexpected<Error> not_work(const fs::path& folder, const std::string& why) {
    return failure(ErrorKind::data,
                   folder.string() + " is no work that bench_steps export wrote: " + why + ".");
}

Result<Json> read_settings(const fs::path& folder) {
    std::ifstream file(folder / settings_file);
    auto settings = Json::parse(file, nullptr, /*allow_exceptions=*/false);
    const auto has = [&](const char* key, bool right) { return right && settings.contains(key); };
    if (!settings.is_object() || !has("pair", true) || !has("batch", true) || !settings["pair"].is_string() ||
        !settings["batch"].is_number_integer())
        return not_work(folder, std::string(settings_file) + " is not there or lacks pair or batch");
    return settings;
}

Result<std::shared_ptr<const Dataset>> read_data(const fs::path& folder, std::int64_t classes) {
    const auto map = read_safetensors(folder / data_file);
    if (!map) return tl::unexpected(map.error());
    for (const char* name : {"samples", "labels", "mean", "stddev"})
        if (!map->tensors.contains(name)) return not_work(folder, std::string(data_file) + " has no " + name);
    const TensorData& samples = map->tensors.at("samples");
    auto data = std::make_shared<Dataset>();
    data->name = folder.string();
    data->input.shape.assign(samples.shape.begin() + 1, samples.shape.end());
    if (samples.dtype == DType::u8)
        data->bytes = values_of<std::uint8_t>(samples);
    else
        data->values = values_of<float>(samples);
    data->labels = values_of<std::int64_t>(map->tensors.at("labels"));
    data->mean = values_of<float>(map->tensors.at("mean"));
    data->stddev = values_of<float>(map->tensors.at("stddev"));
    for (std::int64_t label = 0; label < classes; ++label)
        data->class_names.push_back(std::to_string(label));
    data->train.resize(data->labels.size());
    std::iota(data->train.begin(), data->train.end(), 0);
    return data;
}

} // namespace

Result<void> write_work(const Work& work, std::int64_t steps, const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    const TrainingTask task = task_of(work, work.data->input.is_image());
    if (auto done = write_safetensors(folder / teacher_file, work.teacher); !done) return done;
    if (auto done = write_safetensors(folder / student_file, work.student); !done) return done;
    if (auto done = write_safetensors(folder / data_file, data_map(work, task, steps)); !done) return done;
    // Last: where it is, the rest is.
    std::ofstream file(folder / settings_file);
    file << settings_json(work, task).dump(2) << '\n';
    if (!file.flush())
        return failure(ErrorKind::document, "Could not write " + (folder / settings_file).string() + ".");
    return {};
}

Result<Work> read_work(const fs::path& folder) {
    const auto settings = read_settings(folder);
    if (!settings) return tl::unexpected(settings.error());
    auto pair = find_pair((*settings)["pair"].get<std::string>());
    if (!pair) return tl::unexpected(pair.error());
    auto data = read_data(folder, settings->value("classes", std::int64_t{0}));
    if (!data) return tl::unexpected(data.error());
    auto teacher = read_safetensors(folder / teacher_file), student = read_safetensors(folder / student_file);
    if (!teacher) return tl::unexpected(teacher.error());
    if (!student) return tl::unexpected(student.error());
    return Work{std::move(*pair), (*settings)["batch"].get<std::int64_t>(), std::move(*data),
                std::move(*teacher), std::move(*student)};
}

} // namespace limbeck::bench
