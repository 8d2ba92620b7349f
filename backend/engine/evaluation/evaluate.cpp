// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/evaluation/evaluate.h"

#include <algorithm>
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

/// `evaluated`: of how many samples each term is the sum.
EvaluationValues name_values(const LossSettings& loss, const std::vector<double>& weights, bool has_teacher,
                             const torch::Tensor& totals, std::int64_t samples,
                             const std::vector<std::int64_t>& evaluated) {
    const auto* total = totals.const_data_ptr<double>();
    const auto mean = [&](std::size_t column) { return total[column] / static_cast<double>(samples); };
    const double hard = mean(count_columns);
    double sum = loss.hard_weight * hard;
    EvaluationValues terms;
    for (std::size_t i = 0; i < loss.terms.size(); ++i) {
        if (evaluated[i] == 0) continue; // makes no sense on samples that are not trained on
        const double raw = total[count_columns + 1 + i] / static_cast<double>(evaluated[i]);
        sum += weights[i] * raw;
        terms.emplace_back(loss.terms[i].name, raw);
        terms.emplace_back(loss.terms[i].name + "_weighted", weights[i] * raw);
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

LossInputs answers_of(const Subject& subject, const Batch& batch, bool taps) {
    LossInputs inputs;
    {
        const AutocastScope autocast(batch.inputs.device(), subject.precision);
        if (taps)
            inputs.student = subject.network.forward_taps(batch.inputs);
        else
            inputs.student.logits = subject.network.forward(batch.inputs);
        for (const auto& peer : subject.peers)
            inputs.others.push_back({peer->forward(batch.inputs), {}, {}});
    }
    if (!subject.teachers.empty())
        inputs.others.push_back(subject.teachers.answer(batch.inputs, taps, subject.precision));
    inputs.labels = batch.labels;
    inputs.sample_ids = batch.sample_ids;
    inputs.training = false;
    return inputs;
}

/// What the student is held against in the counts; undefined where nobody answers beside it.
torch::Tensor heard(const LossInputs& inputs) {
    std::vector<torch::Tensor> logits;
    for (const Answers& other : inputs.others)
        logits.push_back(other.logits);
    return logits.empty() ? torch::Tensor() : average_answers(logits, false);
}

} // namespace

Result<Evaluation> evaluate_part(const Subject& subject, const ResidentData& data, Part part,
                                 const std::function<bool()>& keep_going) {
    const torch::NoGradGuard no_grad;
    const EvaluationMode mode(subject.network);
    std::vector<std::unique_ptr<EvaluationMode>> modes;
    for (const auto& peer : subject.peers)
        modes.push_back(std::make_unique<EvaluationMode>(*peer));
    for (const auto& term : subject.loss.terms)
        modes.push_back(std::make_unique<EvaluationMode>(*term.objective));
    const auto& ids = data.dataset().part(part);
    if (ids.empty()) return Evaluation{};
    const auto samples = static_cast<std::int64_t>(ids.size());
    const auto device_ids = upload(ids, data.device());
    const auto columns = static_cast<std::int64_t>(count_columns + 1 + subject.loss.terms.size());
    auto totals = torch::zeros({columns}, torch::TensorOptions(torch::kFloat64).device(data.device()));
    std::vector<torch::Tensor> student_answers, teacher_answers;
    std::vector<std::int64_t> evaluated(subject.loss.terms.size(), 0);
    std::vector<double> weights;
    const bool taps = subject.loss.needs_taps();
    const std::int64_t at_once =
        taps ? std::clamp<std::int64_t>(subject.batch_size, 2, evaluation_batch) : evaluation_batch;

    for (std::int64_t start = 0; start < samples; start += at_once) {
        if (keep_going && !keep_going()) return failure(ErrorKind::cancelled, "The evaluation was stopped.");
        const auto count = std::min(at_once, samples - start);
        const auto batch = data.gather(device_ids.narrow(0, start, count), {}, 0);
        LossInputs inputs = answers_of(subject, batch, taps);
        const auto student = inputs.student.logits;
        const auto teacher = heard(inputs);
        if (part == Part::validation) {
            student_answers.push_back(student);
            if (teacher.defined()) teacher_answers.push_back(teacher);
        }
        inputs.student.logits = student.to(torch::kFloat64);
        for (Answers& other : inputs.others)
            other.logits = other.logits.to(torch::kFloat64);
        const auto loss = evaluate_loss(subject.loss, inputs);
        weights = loss.weights;
        std::vector<torch::Tensor> sums{loss.hard * count};
        for (std::size_t i = 0; i < loss.terms.size(); ++i) {
            const bool known = can_be_evaluated(subject.loss.terms[i], count);
            sums.push_back(known ? loss.terms[i] * count : torch::zeros_like(loss.hard));
            if (known) evaluated[i] += count;
        }
        totals += torch::cat(
            {count_answers(inputs.student.logits, heard(inputs), batch.labels), torch::stack(sums)});
    }
    Evaluation evaluation;
    const bool has_teacher = !subject.teachers.empty() || !subject.peers.empty();
    evaluation.values = name_values(subject.loss, weights, has_teacher, totals.cpu(), samples, evaluated);
    if (part == Part::validation) {
        evaluation.answers = make_snapshot(data.dataset(), ids, student_answers, teacher_answers);
    }
    return evaluation;
}

} // namespace limbeck
