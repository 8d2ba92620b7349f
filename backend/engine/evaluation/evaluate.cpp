// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/evaluation/evaluate.h"

#include <cstring>

#include <torch/torch.h>

#include "backend/engine/evaluation/counts.h"

namespace limbeck {
namespace {

/// Enough to keep the cores busy, small enough that a layer's activations stay in the cache.
constexpr std::int64_t evaluation_batch = 512;

std::vector<std::uint16_t> half_bits(const std::vector<torch::Tensor>& logits) {
    const auto all = torch::cat(logits).to(torch::kHalf).cpu().contiguous();
    std::vector<std::uint16_t> bits(static_cast<std::size_t>(all.numel()));
    std::memcpy(bits.data(), all.const_data_ptr(), bits.size() * sizeof(std::uint16_t));
    return bits;
}

AnswersSnapshotPtr make_snapshot(const Dataset& data, const std::vector<std::int64_t>& ids,
                                 const std::vector<torch::Tensor>& student,
                                 const std::vector<torch::Tensor>& teacher) {
    auto snapshot = std::make_shared<AnswersSnapshot>();
    snapshot->classes = data.classes();
    snapshot->sample_ids = ids;
    for (const auto id : ids)
        snapshot->labels.push_back(data.labels[static_cast<std::size_t>(id)]);
    snapshot->student_logits = half_bits(student);
    if (!teacher.empty()) snapshot->teacher_logits = half_bits(teacher);
    return snapshot;
}

EvaluationValues name_values(const LossSettings& loss, bool has_teacher, const torch::Tensor& totals,
                             std::int64_t samples) {
    const auto* total = totals.const_data_ptr<double>();
    const auto mean = [&](std::size_t column) { return total[column] / static_cast<double>(samples); };
    const double hard = mean(count_columns);
    double sum = loss.hard_weight * hard;
    EvaluationValues terms;
    for (std::size_t i = 0; i < loss.terms.size(); ++i) {
        const double raw = mean(count_columns + 1 + i);
        sum += loss.terms[i].weight * raw;
        terms.emplace_back(loss.terms[i].name, raw);
        terms.emplace_back(loss.terms[i].name + "_weighted", loss.terms[i].weight * raw);
    }
    EvaluationValues values{{std::string(series::loss), sum},
                            {std::string(series::hard), hard},
                            {std::string(series::hard_weighted), loss.hard_weight * hard}};
    values.insert(values.end(), terms.begin(), terms.end());
    values.emplace_back(series::accuracy, mean(count_correct));
    if (has_teacher) {
        values.emplace_back(series::agreement, mean(count_agreeing));
        values.emplace_back(series::teacher_accuracy, mean(count_teacher_correct));
        values.emplace_back(series::predictive_kl, mean(count_kl));
    }
    return values;
}

} // namespace

Result<Evaluation> evaluate_part(const Subject& subject, const ResidentData& data, Part part,
                                 const std::function<bool()>& keep_going) {
    torch::NoGradGuard no_grad;
    const EvaluationMode mode(subject.network);
    const auto& ids = data.dataset().part(part);
    if (ids.empty()) return Evaluation{};
    const auto samples = static_cast<std::int64_t>(ids.size());
    const auto device_ids = upload(ids, data.device());
    const auto columns = static_cast<std::int64_t>(count_columns + 1 + subject.loss.terms.size());
    auto totals = torch::zeros({columns}, torch::TensorOptions(torch::kFloat64).device(data.device()));
    std::vector<torch::Tensor> student_answers, teacher_answers;

    for (std::int64_t start = 0; start < samples; start += evaluation_batch) {
        if (keep_going && !keep_going()) return failure(ErrorKind::cancelled, "The evaluation was stopped.");
        const auto count = std::min(evaluation_batch, samples - start);
        const auto batch = data.gather(device_ids.narrow(0, start, count), {}, 0);
        torch::Tensor student, teacher;
        {
            const AutocastScope autocast(data.device(), subject.precision);
            student = subject.network.forward(batch.inputs);
            if (subject.teacher) teacher = subject.teacher->forward(batch.inputs);
        }
        if (part == Part::validation) {
            student_answers.push_back(student);
            if (teacher.defined()) teacher_answers.push_back(teacher);
        }
        student = student.to(torch::kFloat64);
        if (teacher.defined()) teacher = teacher.to(torch::kFloat64);
        const auto loss = compute_loss(subject.loss, student, teacher, batch.labels);
        std::vector<torch::Tensor> means{loss.hard};
        means.insert(means.end(), loss.terms.begin(), loss.terms.end());
        totals += torch::cat({count_answers(student, teacher, batch.labels), torch::stack(means) * count});
    }
    Evaluation evaluation;
    evaluation.values = name_values(subject.loss, subject.teacher != nullptr, totals.cpu(), samples);
    if (part == Part::validation) {
        evaluation.answers = make_snapshot(data.dataset(), ids, student_answers, teacher_answers);
    }
    return evaluation;
}

} // namespace limbeck
