// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/engine/training/small_answers.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <torch/torch.h>

#include "backend/engine/evaluation/counts.h"
#include "backend/engine/switches.h"

namespace limbeck {
namespace {

/// Logits of a batch from which on the operators are quicker: they compute several at once.
constexpr std::int64_t most_logits = 4096;

using Row = std::span<const float>;

/// Log-probabilities of a row, softened.
void log_softmax(Row logits, float scale, std::vector<float>& out) {
    const float largest = *std::max_element(logits.begin(), logits.end()) * scale;
    double sum = 0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
        out[c] = logits[c] * scale - largest;
        sum += static_cast<double>(std::exp(out[c]));
    }
    const float log_sum = static_cast<float>(std::log(sum));
    for (float& value : out)
        value -= log_sum;
}

/// KL(p ‖ q) of log-probabilities.
double divergence(const std::vector<float>& log_p, const std::vector<float>& log_q) {
    double sum = 0;
    for (std::size_t c = 0; c < log_p.size(); ++c)
        sum += static_cast<double>(std::exp(log_p[c]) * (log_p[c] - log_q[c]));
    return sum;
}

/// The lower class of equal ones, as argmax.
std::int64_t answer_of(Row logits) {
    return std::max_element(logits.begin(), logits.end()) - logits.begin();
}

bool is_plain_kd(const LossTerm& term) {
    return term.objective->entry().id == "kd" && term.objective->option("standardize") == 0;
}

bool suits(const StepLossRequest& request) {
    const auto fits = [](const torch::Tensor& logits) {
        return logits.device().is_cpu() && logits.scalar_type() == torch::kFloat32 && logits.dim() == 2 &&
               logits.is_contiguous() && logits.numel() <= most_logits;
    };
    const LossInputs& inputs = request.inputs;
    const auto& terms = request.settings.terms;
    // Where nothing counts there is no gradient, which is not the same as one of zeros.
    const bool counts = request.settings.hard_weight_at(request.time) != 0 ||
                        (!terms.empty() && request.settings.weight_at(terms[0], request.time) != 0);
    return counts && !switched_off("LIMBECK_SMALL_ANSWERS") && request.held_weights.empty() &&
           !request.time.initial && !request.beside.defined() && fits(inputs.student.logits) &&
           inputs.student.logits.requires_grad() && terms.size() == inputs.others.size() &&
           terms.size() <= 1 && (terms.empty() || (is_plain_kd(terms[0]) && fits(inputs.others[0].logits)));
}

/// Sums over the batch of what becomes a mean or a length.
struct Sums {
    double hard = 0, soft = 0, hard_square = 0, soft_square = 0;
    double counts[count_columns] = {};
};

class Loop {
  public:
    Loop(const StepLossRequest& request, float* gradient)
        : student_(request.inputs.student.logits.const_data_ptr<float>())
        , labels_(request.inputs.labels.const_data_ptr<std::int64_t>())
        , gradient_(gradient)
        , batch_(request.inputs.student.logits.size(0))
        , classes_(request.inputs.student.logits.size(1))
        , hard_weight_(request.settings.hard_weight_at(request.time))
        , log_q_(static_cast<std::size_t>(classes_))
        , log_p_(log_q_)
        , soft_q_(log_q_)
        , soft_p_(log_q_) {
        if (request.settings.terms.empty()) return;
        const LossTerm& term = request.settings.terms[0];
        teacher_ = request.inputs.others[0].logits.const_data_ptr<float>();
        soft_weight_ = request.settings.weight_at(term, request.time);
        temperature_ = term.objective->option("temperature");
        factor_ = term.objective->option("t_squared") != 0 ? temperature_ * temperature_ : 1;
    }

    LossValues run() {
        for (std::int64_t i = 0; i < batch_; ++i)
            sample(i);
        return values();
    }

  private:
    Row row(const float* all, std::int64_t i) const {
        return {all + i * classes_, static_cast<std::size_t>(classes_)};
    }

    void sample(std::int64_t i) {
        const Row logits = row(student_, i);
        const auto label = static_cast<std::size_t>(labels_[i]);
        log_softmax(logits, 1, log_q_);
        sums_.hard -= static_cast<double>(log_q_[label]);
        const std::int64_t answer = answer_of(logits);
        sums_.counts[count_correct] += answer == labels_[i];
        if (teacher_) hear_teacher(i, logits, answer);
        const double mean = 1.0 / static_cast<double>(batch_);
        for (std::size_t c = 0; c < logits.size(); ++c) {
            const double towards_label = static_cast<double>(std::exp(log_q_[c])) - (c == label ? 1 : 0);
            const double hard = hard_weight_ * mean * towards_label;
            sums_.hard_square += hard * hard;
            double soft = 0;
            if (teacher_) {
                const double apart = static_cast<double>(std::exp(soft_q_[c]) - std::exp(soft_p_[c]));
                soft = soft_weight_ * factor_ / temperature_ * mean * apart;
                sums_.soft_square += soft * soft;
            }
            gradient_[i * classes_ + static_cast<std::int64_t>(c)] = static_cast<float>(hard + soft);
        }
    }

    void hear_teacher(std::int64_t i, Row logits, std::int64_t answer) {
        const Row heard = row(teacher_, i);
        log_softmax(heard, 1, log_p_);
        sums_.counts[count_kl] += divergence(log_p_, log_q_);
        const std::int64_t taught = answer_of(heard);
        sums_.counts[count_agreeing] += answer == taught;
        sums_.counts[count_teacher_correct] += taught == labels_[i];
        const float scale = static_cast<float>(1 / temperature_);
        log_softmax(logits, scale, soft_q_);
        log_softmax(heard, scale, soft_p_);
        sums_.soft += divergence(soft_p_, soft_q_);
    }

    /// In the order in which the recorder keeps them.
    LossValues values() const {
        const double mean = 1.0 / static_cast<double>(batch_);
        const double hard = sums_.hard * mean, soft = sums_.soft * factor_ * mean;
        const double hard_length = std::sqrt(sums_.hard_square), soft_length = std::sqrt(sums_.soft_square);
        LossValues values;
        values.hard_weight = hard_weight_;
        std::vector<double> row{hard_weight_ * hard + soft_weight_ * soft, hard};
        if (teacher_) {
            const double both = std::max(hard_length + soft_length, 1e-30);
            row.insert(row.end(), {soft, hard_length / both, soft_length / both});
            values.weights = {soft_weight_};
        }
        row.insert(row.end(), std::begin(sums_.counts), std::end(sums_.counts));
        values.row = torch::empty({static_cast<std::int64_t>(row.size())});
        std::copy(row.begin(), row.end(), values.row.data_ptr<float>());
        values.total = values.row.select(0, 0);
        return values;
    }

    const float *student_, *teacher_ = nullptr;
    const std::int64_t* labels_;
    float* gradient_;
    std::int64_t batch_, classes_;
    double hard_weight_, soft_weight_ = 0, temperature_ = 1, factor_ = 1;
    std::vector<float> log_q_, log_p_, soft_q_, soft_p_;
    Sums sums_;
};

} // namespace

std::optional<SmallAnswers> small_answers(const StepLossRequest& request) {
    if (!suits(request)) return std::nullopt;
    const torch::NoGradGuard no_grad;
    SmallAnswers all;
    all.gradient = torch::empty_like(request.inputs.student.logits);
    all.values = Loop(request, all.gradient.data_ptr<float>()).run();
    return all;
}

} // namespace limbeck
