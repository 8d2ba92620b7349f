#pragma GCC diagnostic ignored "-Wmisleading-indentation"
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/types/stack.h"
#include "backend/types/numbers.h"
#include "backend/types/nearest.h"
namespace limbeck {
using K = StackLayer::Kind;
Result<std::vector<StackLayer>> parse_stack(std::string_view text) {
    std::vector<StackLayer> all;
    for (std::string_view rest = text; !rest.empty();) {
        auto comma = rest.find(',');
        std::string_view t = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        StackLayer l;
        auto num = [](std::string_view s) { return parse_integer(s).value_or(-1); };
        if (t == "bn") l.kind = K::batch_norm;
        else if (t == "relu") l.kind = K::relu;
        else if (t == "gelu") l.kind = K::gelu;
        else if (t == "gap") l.kind = K::global_pool;
        else if (t == "flatten") l.kind = K::flatten;
        else if (t == "fc") l.kind = K::linear;
        else if (t.starts_with("fc")) { l.kind = K::linear; l.width = num(t.substr(2)); }
        else if (t.starts_with("pool")) { l.kind = K::max_pool; l.side = num(t.substr(4)); }
        else if (t.starts_with("avg")) { l.kind = K::average_pool; l.side = num(t.substr(3)); }
        else if (t.starts_with("drop")) { l.kind = K::dropout; l.probability = parse_real(t.substr(4)).value_or(.5); }
        else if (t.starts_with("conv")) {
            l.kind = K::convolution; auto d = t.find('-'); l.side = num(t.substr(4, d - 4));
            auto s = t.find('s'); l.width = num(t.substr(d + 1, s == std::string_view::npos ? s : s - d - 1));
            if (s != std::string_view::npos) l.stride = num(t.substr(s + 1));
        } else return failure(ErrorKind::usage, "bad layer " + in_quotes(t));
        all.push_back(l);
    }
    if (all.empty() || all.back().kind != K::linear || all.back().width != 0) return failure(ErrorKind::usage, "the last layer must be fc");
    return all;
}
Result<std::vector<StackShape>> flow_shapes(const std::vector<StackLayer>& layers, const std::vector<std::int64_t>& input, std::int64_t classes) {
    std::vector<StackShape> all; auto s = input;
    for (const auto& l : layers) {
        StackShape r; r.shape = s;
        std::int64_t n = 1; for (auto v : s) n *= v;
        switch (l.kind) {
        case K::convolution:
            if (s.size() != 3) return failure(ErrorKind::configuration, "conv needs pictures");
            for (std::size_t a : {1u, 2u}) r.shape[a] = (s[a] + 2 * (l.side / 2) - l.side) / l.stride + 1;
                       r.shape[0] = l.width; r.parameters = l.side * l.side * s[0] * l.width + l.width; break;
        case K::batch_norm: r.parameters = 2 * s[0]; break;
        case K::max_pool: case K::average_pool:
            if (s.size() != 3 || s[1] < l.side || s[2] < l.side) return failure(ErrorKind::configuration, "pool does not fit");
            for (std::size_t a : {1u, 2u}) r.shape[a] = s[a] / l.side; break;
        case K::global_pool: r.shape = {s[0]}; break;
        case K::flatten: r.shape = {n}; break;
        case K::linear: { auto w = l.width ? l.width : classes; r.shape = {w}; r.parameters = (n + 1) * w; break; }
        default: break;
        }
        s = r.shape; all.push_back(r);
    }
    return all;
}
} // namespace limbeck
