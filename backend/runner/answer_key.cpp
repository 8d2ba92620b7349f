// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/runner/answer_key.h"

#include <span>
#include <utility>

#include "backend/project/safetensors.h"
#include "backend/project/sha256.h"

namespace limbeck {

namespace {

/// Pieces with their lengths, so that a border between two cannot move unseen.
class Key {
  public:
    void add(std::string_view text) {
        hash_.update(std::to_string(text.size()) + ":");
        hash_.update(text);
    }

    void add(const std::vector<float>& values) {
        hash_.update(std::to_string(values.size()) + ":");
        hash_.update(std::as_bytes(std::span(values)));
    }

    void add(std::int64_t number) { add(std::string_view(std::to_string(number))); }

    std::string hex() { return hash_.hex(); }

  private:
    Sha256 hash_;
};

/// Takes what fits of its weights and draws the rest from the run's seed.
bool is_partly_drawn(const NetworkSpec& network) {
    const auto option = network.options.find("partial");
    return option != network.options.end() && option->second != "0";
}

} // namespace

Result<void> name_answers(TrainingTask& task, const Dataset& data, const std::filesystem::path& folder) {
    if (!task.teacher || task.teacher_cache == "off") return {};
    Key key;
    key.add("limbeck answers 1");
    AnswersAbout about;
    const auto add = [&](NetworkSpec network, const TensorMap& weights) -> Result<void> {
        network.weights.clear(); // where the file lies is nothing to the answers
        const auto digest = digest_of(weights);
        if (!digest) return tl::unexpected(digest.error());
        key.add(to_string(network));
        key.add(*digest);
        if (is_partly_drawn(network)) key.add(static_cast<std::int64_t>(task.seed));
        about.teacher += (about.teacher.empty() ? "" : ";") + to_string(network);
        about.weights += (about.weights.empty() ? "" : ";") + *digest;
        return {};
    };
    if (auto added = add(*task.teacher, task.teacher_weights); !added) return added;
    for (const TeacherSource& more : task.more_teachers)
        if (auto added = add(more.network, more.weights); !added) return added;
    if (!task.more_teachers.empty()) key.add(task.average_logits ? "logits" : "probabilities");
    key.add(data.fingerprint);
    key.add(data.mean);
    key.add(data.stddev);
    key.add(task.crop_padding);
    key.add(task.flip ? "flip" : "");
    about.data = data.name;
    about.fingerprint = data.fingerprint;
    task.cache_key = key.hex();
    task.cache_about = std::move(about);
    task.cache_folder = folder.string();
    return {};
}

} // namespace limbeck
