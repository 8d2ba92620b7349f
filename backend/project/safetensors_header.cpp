// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "backend/project/failure.h"

namespace limbeck {
namespace {

constexpr std::array<std::pair<std::string_view, DType>, 10> dtype_names{{{"F64", DType::f64},
                                                                          {"F32", DType::f32},
                                                                          {"F16", DType::f16},
                                                                          {"BF16", DType::bf16},
                                                                          {"I64", DType::i64},
                                                                          {"I32", DType::i32},
                                                                          {"I16", DType::i16},
                                                                          {"I8", DType::i8},
                                                                          {"U8", DType::u8},
                                                                          {"BOOL", DType::boolean}}};

/// Reads the header event by event (so that nesting costs no stack and duplicate names are seen) and stops at
/// the first thing that the format does not have.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
  public:
    SafetensorsHeader header;
    std::string problem;

    bool null() override { return stop("null where the format has none"); }

    bool boolean(bool) override { return stop("true or false where the format has none"); }

    bool number_integer(number_integer_t value) override {
        return stop("the negative number " + std::to_string(value) +
                    "; shapes and data_offsets count from 0");
    }

    bool number_float(number_float_t, const string_t& text) override {
        return stop("the number " + text + "; shapes and data_offsets are whole numbers below 2^63");
    }

    bool number_unsigned(number_unsigned_t value) override {
        if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
            return stop("the number " + std::to_string(value) + "; shapes and data_offsets are below 2^63");
        if (place_ == Place::shape) {
            entry_.shape.push_back(static_cast<std::int64_t>(value));
            return true;
        }
        if (place_ == Place::offsets && offsets_.size() < 2) {
            offsets_.push_back(value);
            return true;
        }
        return stop("the number " + std::to_string(value) + " where the format has none");
    }

    bool string(string_t& value) override {
        if (place_ == Place::metadata) {
            header.metadata[member_] = value;
            return true;
        }
        if (place_ != Place::tensor || member_ != "dtype")
            return stop("the text \"" + value.substr(0, 40) + "\" where the format has none");
        const auto known = std::find_if(dtype_names.begin(), dtype_names.end(),
                                        [&](const auto& entry) { return entry.first == value; });
        if (known == dtype_names.end())
            return stop("the unknown element type \"" + value.substr(0, 40) +
                        "\"; known are F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL");
        entry_.dtype = known->second;
        return true;
    }

    bool binary(binary_t&) override { return stop("binary data where the format has none"); }

    bool start_object(std::size_t) override {
        if (place_ == Place::start) {
            place_ = Place::top;
            return true;
        }
        if (place_ != Place::top) return stop("an object where the format has none");
        members_.clear();
        offsets_.clear();
        entry_ = {};
        entry_.name = top_;
        place_ = top_ == "__metadata__" ? Place::metadata : Place::tensor;
        return true;
    }

    bool key(string_t& name) override {
        if (place_ == Place::top) {
            top_ = name;
            return names_.insert(name).second || stop("this name twice");
        }
        member_ = name;
        if (!members_.insert(name).second) return stop("\"" + name.substr(0, 40) + "\" twice");
        if (place_ == Place::tensor && name != "dtype" && name != "shape" && name != "data_offsets")
            return stop("the unknown member \"" + name.substr(0, 40) + "\"");
        return true;
    }

    bool end_object() override {
        if (place_ == Place::tensor) {
            for (const char* needed : {"dtype", "shape", "data_offsets"})
                if (!members_.contains(needed)) return stop(std::string("no ") + needed);
            header.entries.push_back(std::move(entry_));
        }
        place_ = place_ == Place::top ? Place::end : Place::top;
        return true;
    }

    bool start_array(std::size_t) override {
        if (place_ == Place::tensor && member_ == "shape") {
            place_ = Place::shape;
            return true;
        }
        if (place_ == Place::tensor && member_ == "data_offsets") {
            place_ = Place::offsets;
            return true;
        }
        return stop("a list where the format has none");
    }

    bool end_array() override {
        if (place_ == Place::offsets) {
            if (offsets_.size() != 2) return stop("data_offsets with fewer than two numbers");
            entry_.begin = offsets_[0];
            entry_.end = offsets_[1];
        }
        place_ = Place::tensor;
        return true;
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::json::exception& error) override {
        problem = "its header is not valid JSON (byte " + std::to_string(position) + "): " + error.what();
        return false;
    }

  private:
    enum class Place { start, top, metadata, tensor, shape, offsets, end };

    bool stop(const std::string& found) {
        const bool inside = place_ != Place::start && place_ != Place::end && !top_.empty();
        problem = "its header has " + found + (inside ? ", at \"" + top_.substr(0, 80) + "\"" : "");
        return false;
    }

    Place place_ = Place::start;
    std::string top_, member_;
    std::set<std::string> names_, members_;
    std::vector<std::uint64_t> offsets_;
    SafetensorsEntry entry_;
};

std::string shape_text(const SafetensorsEntry& entry) {
    std::string text(safetensors_name(entry.dtype));
    text += " [";
    for (std::size_t i = 0; i < std::min<std::size_t>(entry.shape.size(), 16); ++i)
        text += (i ? ", " : "") + std::to_string(entry.shape[i]);
    return text + (entry.shape.size() > 16 ? ", …]" : "]");
}

/// What is wrong with one tensor by itself.
std::optional<std::string> tensor_problem(const SafetensorsEntry& entry, std::uint64_t data_size) {
    const std::string offsets = std::to_string(entry.begin) + " to " + std::to_string(entry.end);
    if (entry.end < entry.begin) return "ends before it begins (data_offsets " + offsets + ")";
    std::uint64_t bytes = 0;
    if (!tensor_bytes(entry.shape, entry.dtype, bytes))
        return "is larger than any file can be (" + shape_text(entry) + ")";
    if (bytes != entry.end - entry.begin)
        return "takes " + std::to_string(bytes) + " bytes by its shape (" + shape_text(entry) +
               "), but data_offsets " + offsets + " give it " + std::to_string(entry.end - entry.begin);
    if (entry.end > data_size)
        return "lies at bytes " + offsets + " of the data, but the file has only " +
               std::to_string(data_size) + " bytes of data: it may have been cut short";
    return std::nullopt;
}

} // namespace

std::string_view safetensors_name(DType type) {
    return std::find_if(dtype_names.begin(), dtype_names.end(),
                        [&](const auto& entry) { return entry.second == type; })
        ->first;
}

bool tensor_bytes(const std::vector<std::int64_t>& shape, DType dtype, std::uint64_t& bytes) {
    constexpr auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    bytes = size_of(dtype);
    bool empty = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0) return false;
        empty = empty || extent == 0;
    }
    if (empty) {
        bytes = 0;
        return true;
    }
    for (const std::int64_t extent : shape) {
        const auto factor = static_cast<std::uint64_t>(extent);
        if (factor > limit / bytes) return false;
        bytes *= factor;
    }
    return true;
}

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_size,
                                           const std::string& name) {
    const std::string refused = "Reading the safetensors file " + name + " failed: ";
    // The parser would skip a byte-order mark and take a zero byte for the end.
    if (json.empty() || json.front() != '{' || json.find('\0') != std::string_view::npos)
        fail(ErrorKind::data, refused + "its header is not a JSON object that starts with \"{\".");
    HeaderReader reader;
    if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader))
        fail(ErrorKind::data, refused + reader.problem + ".");

    SafetensorsHeader header = std::move(reader.header);
    for (const SafetensorsEntry& entry : header.entries)
        if (const auto problem = tensor_problem(entry, data_size))
            fail(ErrorKind::data, refused + "tensor \"" + entry.name.substr(0, 80) + "\" " + *problem + ".");

    std::sort(header.entries.begin(), header.entries.end(), [](const auto& a, const auto& b) {
        return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::uint64_t covered = 0;
    for (const SafetensorsEntry& entry : header.entries) {
        if (entry.begin != covered)
            fail(ErrorKind::data, refused + "tensor \"" + entry.name.substr(0, 80) +
                                      (entry.begin < covered ? "\" overlaps the one before it"
                                                             : "\" leaves a hole before it") +
                                      " (begins at byte " + std::to_string(entry.begin) +
                                      ", should begin at " + std::to_string(covered) + ").");
        covered = entry.end;
    }
    if (covered != data_size)
        fail(ErrorKind::data,
             refused + std::to_string(data_size - covered) + " bytes at its end belong to no tensor.");
    return header;
}

} // namespace limbeck
