// SPDX-License-Identifier: GPL-3.0-or-later
// Features compared by what samples are to each other, or by where a picture is looked at: no adapter is
// needed for other numbers of channels.
#include <array>
#include <cmath>

#include "backend/engine/objectives/shapes.h"

namespace limbeck {

namespace {

using Level = torch::Tensor (*)(const torch::Tensor& student, const torch::Tensor& teacher,
                                const Objective& term);

/// The plain sum of one function over all levels.
template <Level Function>
torch::Tensor over_levels(const TermInputs& in, const Objective& term) {
    torch::Tensor sum;
    for (std::size_t i = 0; i < in.student_features.size(); ++i) {
        const auto one = Function(in.student_features[i], in.teacher_features[i].detach(), term);
        sum = sum.defined() ? sum + one : one;
    }
    return sum;
}

template <Level Function>
Result<std::shared_ptr<Objective>> make_of_pictures(const ObjectiveEntry& entry, const TermOptions& options,
                                                    const TermContext& context) {
    if (auto fits = require_pictures(entry, context); !fits) return tl::unexpected(fits.error());
    return std::make_shared<PlainObjective<over_levels<Function>>>(entry, options);
}

template <Level Function>
Result<std::shared_ptr<Objective>> make_of_any(const ObjectiveEntry& entry, const TermOptions& options,
                                               const TermContext&) {
    return std::make_shared<PlainObjective<over_levels<Function>>>(entry, options);
}

/// Attention: the mean over the channels of |f|^p, flattened, of length 1; mean squared difference of both
/// (Zagoruyko, Komodakis 2017, equation 2).
torch::Tensor at(const torch::Tensor& student, const torch::Tensor& teacher, const Objective& term) {
    auto s = student, t = teacher;
    meet(s, t);
    const double p = term.option("p");
    const auto map = [&](const torch::Tensor& f) {
        const auto power = p == 2 ? f.square() : f.abs().pow(p);
        return unit_rows(power.mean(1).flatten(1));
    };
    return (map(s) - map(t)).square().mean();
}

/// ‖rownorm(G_t) − rownorm(G_s)‖²_F / B², G = FFᵀ (Tung, Mori 2019, equations 2 to 4).
torch::Tensor sp(const torch::Tensor& student, const torch::Tensor& teacher, const Objective&) {
    const auto likeness = [](const torch::Tensor& f) {
        const auto rows = f.flatten(1);
        return unit_rows(rows.mm(rows.t()));
    };
    const auto batch = static_cast<double>(student.size(0));
    return (likeness(teacher) - likeness(student)).square().sum() / (batch * batch);
}

/// Euclidean distances of all pairs of rows, [B, B], 0 on the diagonal.
torch::Tensor distances(const torch::Tensor& rows) {
    const auto square = rows.square().sum(1);
    const auto pairs = (square.unsqueeze(1) + square.unsqueeze(0) - 2 * rows.mm(rows.t())).clamp_min(1e-12);
    const auto self = torch::eye(rows.size(0), rows.options().dtype(torch::kBool).requires_grad(false));
    return pairs.sqrt().masked_fill(self, 0);
}

/// ⟨e_ij, e_ik⟩ for every triple, e the direction from one sample to another; [B, B, B].
torch::Tensor angles(const torch::Tensor& rows) {
    const auto directions = unit_rows(rows.unsqueeze(0) - rows.unsqueeze(1));
    return directions.bmm(directions.transpose(1, 2));
}

/// Distances over their mean and angles, each by smooth-L1 (Park, Kim, Lu, Cho 2019, equations 5 and 8).
torch::Tensor rkd(const torch::Tensor& student, const torch::Tensor& teacher, const Objective& term) {
    const auto s = student.flatten(1), t = teacher.flatten(1);
    const auto relative = [](const torch::Tensor& rows) {
        const auto d = distances(rows);
        const auto positive = d.gt(0);
        const auto mean = d.sum() / positive.sum().clamp_min(1);
        return d / mean.clamp_min(1e-12);
    };
    return term.option("distance_weight") * torch::smooth_l1_loss(relative(s), relative(t)) +
           term.option("angle_weight") * torch::smooth_l1_loss(angles(s), angles(t));
}

/// Cosine similarities of all pairs, moved into 0..1, as a distribution over the batch; KL of both, averaged
/// over B² (Passalis, Tefas 2018, equations 6 to 8).
torch::Tensor pkt(const torch::Tensor& student, const torch::Tensor& teacher, const Objective&) {
    constexpr double eps = 1e-7;
    const auto distribution = [](const torch::Tensor& f) {
        const auto rows = f.flatten(1);
        const auto unit = rows / (safe_sqrt(rows.square().sum(1, true)) + eps);
        const auto finite = torch::where(unit.isfinite(), unit, torch::zeros_like(unit));
        const auto likeness = (finite.mm(finite.t()) + 1) / 2;
        return likeness / likeness.sum(1, true);
    };
    const auto q = distribution(student), p = distribution(teacher);
    return (p * torch::log((p + eps) / (q + eps))).mean();
}

/// Maximum mean discrepancy between the channels of both, each a unit vector of H·W, with the kernel ⟨a, b⟩²
/// (Huang, Wang 2017, equation 7).
torch::Tensor nst(const torch::Tensor& student, const torch::Tensor& teacher, const Objective&) {
    auto s = student, t = teacher;
    meet(s, t);
    s = unit_rows(s.flatten(2)), t = unit_rows(t.flatten(2));
    const auto kernel = [](const torch::Tensor& a, const torch::Tensor& b) {
        return a.bmm(b.transpose(1, 2)).square().mean();
    };
    return kernel(t, t) + kernel(s, s) - 2 * kernel(s, t);
}

constexpr std::array terms{
    TermMaker{"at", make_of_pictures<at>},   TermMaker{"sp", make_of_any<sp>},
    TermMaker{"rkd", make_of_any<rkd>},      TermMaker{"pkt", make_of_any<pkt>},
    TermMaker{"nst", make_of_pictures<nst>},
};

} // namespace

std::span<const TermMaker> relation_terms() {
    return terms;
}

} // namespace limbeck
