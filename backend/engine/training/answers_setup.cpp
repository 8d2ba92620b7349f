// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/answers_setup.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/torch.h>
#include <torch/version.h>

#include "backend/engine/device/device.h"
#include "backend/engine/device/threads.h"
#include "backend/engine/models/rows_in_shares.h"
#include "backend/engine/switches.h"
#include "backend/engine/training/answer_cache.h"
#include "backend/types/numbers.h"
#include "backend/types/random.h"

namespace limbeck {

bool rows_stand_alone(AnswerSource& source, const ResidentData& data, std::int64_t count) {
    const torch::NoGradGuard no_grad;
    const auto& train = data.dataset().train;
    const auto size = static_cast<std::int64_t>(train.size());
    // The answers to `count` samples from `from` on, in that order; beyond the end it begins again.
    const auto answers = [&](const std::vector<std::int64_t>& places) {
        std::vector<std::int64_t> ids;
        for (const auto place : places)
            ids.push_back(train[static_cast<std::size_t>(place % size)]);
        const auto batch = data.gather(upload(ids, data.device()), {}, 0);
        return source.answer(batch).logits.clone();
    };
    const auto number = std::min(count, size);
    std::vector<std::int64_t> places(static_cast<std::size_t>(number));
    std::iota(places.begin(), places.end(), 0);
    const auto reference = answers(places);
    Random random(stream_seed(0, "places", 0));
    for (int attempt = 0; attempt < 3; ++attempt) {
        auto other = places;
        if (attempt == 0)
            std::reverse(other.begin(), other.end());
        else // every second place goes to a stranger
            for (std::size_t i = 0; i < other.size(); i += 2)
                other[i] = number + static_cast<std::int64_t>(i);
        for (std::size_t i = other.size(); attempt > 0 && i > 1; --i)
            std::swap(other[i - 1], other[random.below(i)]);
        std::vector<std::int64_t> known, expected;
        for (std::size_t i = 0; i < other.size(); ++i) {
            const auto place = other[i] % size; // a stranger may be one of them where there are few
            if (place >= number) continue;
            known.push_back(static_cast<std::int64_t>(i));
            expected.push_back(place);
        }
        const auto found = answers(other).index_select(0, upload(known, data.device()));
        const auto wanted = reference.index_select(0, upload(expected, data.device()));
        if (!torch::equal(found.view(torch::kInt32), wanted.view(torch::kInt32))) return false;
    }
    return true;
}

namespace {

/// Sixteen digits that tell texts apart.
std::string fingerprint(std::string_view text) {
    char digits[17] = {};
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(stream_seed(0, text)));
    return digits;
}

/// What the kernels choose their way by: the processor's name and abilities.
std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    std::string name, flags;
    for (std::string line; (name.empty() || flags.empty()) && std::getline(info, line);) {
        if (line.starts_with("model name")) name = line.substr(line.find(':') + 1);
        if (line.starts_with("flags")) flags = line;
    }
    return name + " " + fingerprint(flags);
}

/// All that decides about an answer's bits besides the networks and the data, as text.
std::string way_of_computing(const AnswerSetup& setup, std::int64_t rows) {
    const auto device = setup.data->device();
    std::string text =
        std::string("libtorch ") + TORCH_VERSION + " " + at::get_cpu_capability() + processor();
    for (const char* name : {"MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA",
                             "ONEDNN_DEFAULT_FPMATH_MODE"})
        if (const char* value = std::getenv(name)) text += std::string(" ") + name + "=" + value;
    if (device.is_cuda())
        for (const DeviceInfo& each : list_devices())
            if (each.id == device.str()) text += " " + each.name;
    text += device.is_cuda() ? " cuda" : " cpu";
    text += " threads " + std::to_string(setup.single_thread ? 1 : at::get_num_threads());
    text += " " + setup.task.precision + " batch " + std::to_string(rows);
    text += switched_off("LIMBECK_ROW_SHARES") ? " whole" : " shares";
    return text;
}

} // namespace

Result<std::unique_ptr<AnswerSource>> make_answers(AnswerSetup setup) {
    const TrainingTask& task = setup.task;
    const Dataset& data = setup.data->dataset();
    const AnswerPlan& plan = setup.plan;
    const bool required = task.teacher_cache == "float32" || task.teacher_cache == "half";
    // Also where nothing is kept now: the same run must give the same bits with and without a cache.
    const bool alone = !setup.taps && !task.mixup;
    const std::int64_t rows = alone ? std::max(fewest_rows, task.optimization.batch_size) : 0;
    const auto live = [&](const std::string& why) {
        return std::make_unique<LiveAnswers>(setup.teachers, setup.taps, setup.precision, rows,
                                             why.empty() ? ""
                                                         : "Teacher's answers: live, because " + why + ".");
    };
    if (plan.where == AnswersKept::nowhere) return live(plan.why);

    AnswerFileHead head;
    head.key = task.cache_key + " " + way_of_computing(setup, rows) + " padding " +
               std::to_string(task.crop_padding) + (task.flip ? " flip" : "");
    head.about = task.cache_about;
    head.classes = data.classes();
    const std::int64_t views = count_views(task.crop_padding, task.flip);
    head.rows = data.size() * views;
    head.views = views;
    head.asked = static_cast<std::int64_t>(data.train.size()) * views;
    head.half = plan.half;

    std::vector<std::string> notes;
    std::unique_ptr<AnswerFile> file;
    if (plan.to_disk) {
        const std::string name =
            task.cache_key.substr(0, 32) + "-" + fingerprint(head.key) + (plan.half ? "-half" : "");
        auto opened = AnswerFile::open(task.cache_folder, name, head, answer_folder_limit);
        if (opened)
            file = std::move(*opened);
        else if (plan.where == AnswersKept::on_disk && required)
            return failure(ErrorKind::configuration, opened.error().message, "teacher.cache");
        else if (plan.where == AnswersKept::on_disk)
            return live("they do not fit into memory: " + opened.error().message);
        else
            notes.push_back(opened.error().message + " The teacher's answers are kept in memory alone.");
    }
    auto teacher = live("");
    // Whoever wrote the first row has tried it, with the same networks on a machine of the same kind.
    if (!file || file->is_empty()) {
        const SingleThread threads(setup.single_thread);
        if (!rows_stand_alone(*teacher, *setup.data, task.optimization.batch_size)) {
            if (file) file->remove();
            const std::string why = "on this machine what the teacher answers depends on a sample's place in "
                                    "its batch, so that kept answers would not be exact";
            if (required)
                return failure(ErrorKind::configuration,
                               "The teacher's answers cannot be kept (teacher.cache is " +
                                   task.teacher_cache + "): " + why +
                                   ". Choose auto or off, and the teacher answers live.",
                               "teacher.cache");
            return live(why);
        }
    }
    AnswerCache::Options options;
    options.samples = data.size();
    options.classes = data.classes();
    options.views = views;
    options.flip = task.flip;
    options.asked = head.asked;
    options.half = plan.half;
    options.table = plan.where == AnswersKept::in_memory;
    options.device = setup.data->device();
    notes.insert(notes.begin(),
                 "Teacher's answers: cached (" + kept_precision(plan.half) + "), " + grouped(head.asked) +
                     " at most, " +
                     (options.table ? file ? "in memory and on the disk" : "in memory" : "on the disk") +
                     ", " + size_text(plan.bytes) + " when all are there.");
    return std::make_unique<AnswerCache>(options, std::move(teacher), std::move(file), std::move(notes));
}

} // namespace limbeck
