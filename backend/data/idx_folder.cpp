// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/idx_folder.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "backend/data/idx_file.h"

namespace limbeck {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> wrong(const fs::path& path, const std::string& why) {
    return failure(ErrorKind::data, "Reading the IDX data in " + path.string() + ": " + why, "data.dataset");
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

struct Pair {
    fs::path images, labels;
};

struct Folder {
    Pair train;
    std::optional<Pair> test;
};

/// Takes the plain file where a .gz of the same name lies beside it; two different ones are an error.
Result<void> put(fs::path& place, const fs::path& file, const fs::path& folder) {
    if (place.empty()) {
        place = file;
    } else if (place.string() + ".gz" != file.string()) {
        if (file.string() + ".gz" != place.string())
            return wrong(folder, "both " + place.filename().string() + " and " + file.filename().string() +
                                     " could be meant; one set per folder is right.");
        place = file;
    }
    return {};
}

Result<Folder> find_pairs(const fs::path& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error))
        return wrong(folder, fs::exists(folder, error) ? "it is not a folder." : "there is no such folder.");
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        files.push_back(entry->path());
        if (files.size() > 10000)
            return wrong(folder, "it holds more than 10,000 files; it is not a folder of IDX files.");
    }
    if (error) return wrong(folder, error.message() + ".");
    std::sort(files.begin(), files.end()); // the order of a folder differs between machines

    Pair train, test, other;
    for (const fs::path& file : files) {
        const std::string name = lower(file.filename().string());
        const bool images = holds(name, "images") && holds(name, "idx3");
        const bool labels = holds(name, "labels") && holds(name, "idx1");
        if (images == labels || (!name.ends_with("ubyte") && !name.ends_with("ubyte.gz"))) continue;
        Pair& pair = holds(name, "train") ? train : holds(name, "t10k") || holds(name, "test") ? test : other;
        if (auto done = put(images ? pair.images : pair.labels, file, folder); !done)
            return tl::unexpected(done.error());
    }
    if (train.images.empty() && train.labels.empty()) train = other;
    if (train.images.empty() || train.labels.empty())
        return wrong(folder, std::string("there is no file of training ") +
                                 (train.images.empty() ? "images" : "labels") +
                                 "; train-images-idx3-ubyte and train-labels-idx1-ubyte (or .gz) are right.");
    Folder found{train, std::nullopt};
    if (test.images.empty() != test.labels.empty())
        return wrong(folder, "of the test part only " +
                                 (test.images.empty() ? test.labels : test.images).filename().string() +
                                 " is there; images and labels belong together.");
    if (!test.images.empty()) found.test = test;
    return found;
}

/// Folder of the data as it is named, also where the path ends in a slash or a dot.
bool is_fashion(const fs::path& folder) {
    fs::path clean = fs::absolute(folder).lexically_normal();
    if (!clean.has_filename()) clean = clean.parent_path();
    return holds(lower(clean.filename().string()), "fashion");
}

Result<std::vector<std::string>> class_names(const fs::path& folder, const fs::path& file,
                                             std::span<const std::uint8_t> labels) {
    if (is_fashion(folder))
        return std::vector<std::string>{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                        "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
    const std::set<std::uint8_t> different(labels.begin(), labels.end());
    const int largest = *different.rbegin();
    // A label far above the number of labels that occur is a damaged byte, not a set with empty classes.
    if (static_cast<int>(different.size()) * 2 < largest + 1 && largest > 1)
        return wrong(file, "it holds label " + std::to_string(largest) + ", but only " +
                               std::to_string(different.size()) +
                               " different labels occur; labels count up from 0.");
    if (largest == 0) return wrong(file, "every label is 0; at least two classes are needed.");
    std::vector<std::string> names;
    for (int label = 0; label <= largest; ++label)
        names.push_back(std::to_string(label));
    return names;
}

/// Labels of one file, one for each of `pictures`.
Result<std::vector<std::uint8_t>> read_labels(const Pair& pair, std::int64_t pictures) {
    std::vector<std::uint8_t> labels;
    const auto header = append_idx(pair.labels, 1, labels);
    if (!header) return tl::unexpected(header.error());
    if (header->extents[0] != pictures)
        return wrong(pair.labels, "it holds " + std::to_string(header->extents[0]) + " labels for the " +
                                      std::to_string(pictures) + " pictures of " +
                                      pair.images.filename().string() + ".");
    return labels;
}

Result<void> check_side(const IdxHeader& header, const fs::path& file) {
    constexpr std::int64_t longest = 4096;
    if (header.extents[1] > longest || header.extents[2] > longest)
        return wrong(file, "its pictures are " + std::to_string(header.extents[1]) + "x" +
                               std::to_string(header.extents[2]) + "; sides up to " +
                               std::to_string(longest) + " are possible.");
    return {};
}

/// Appends one pair to the set; the first one decides shape and classes.
Result<void> append_pair(const fs::path& folder, const Pair& pair, Dataset& dataset) {
    // The header first: a shape that does not fit is told before the pictures are read.
    auto header = read_idx_header(pair.images, 3);
    if (!header) return tl::unexpected(header.error());
    if (auto fits = check_side(*header, pair.images); !fits) return fits;
    const InputSpec input{{1, header->extents[1], header->extents[2]}};
    auto labels = read_labels(pair, header->extents[0]);
    if (!labels) return tl::unexpected(labels.error());
    if (dataset.class_names.empty()) {
        auto names = class_names(folder, pair.labels, *labels);
        if (!names) return tl::unexpected(names.error());
        dataset.class_names = std::move(*names);
        dataset.input = input;
    }
    if (input != dataset.input)
        return wrong(pair.images, "its pictures are " + to_string(input) +
                                      " where the training pictures are " + to_string(dataset.input) + ".");
    for (std::size_t i = 0; i < labels->size(); ++i)
        if ((*labels)[i] >= dataset.class_names.size())
            return wrong(pair.labels, "label " + std::to_string((*labels)[i]) + " at byte " +
                                          std::to_string(8 + i) + " is none of the " +
                                          std::to_string(dataset.class_names.size()) +
                                          " classes, which count from 0.");
    header = append_idx(pair.images, 3, dataset.bytes);
    if (!header) return tl::unexpected(header.error());
    dataset.labels.insert(dataset.labels.end(), labels->begin(), labels->end());
    return {};
}

} // namespace

Result<RawData> read_idx_folder(const fs::path& folder, const std::function<bool()>& keep_going) {
    const auto found = find_pairs(folder);
    if (!found) return tl::unexpected(found.error());
    RawData raw;
    if (auto read = append_pair(folder, found->train, raw.dataset); !read)
        return tl::unexpected(read.error());
    raw.own_test = raw.dataset.size();
    if (keep_going && !keep_going()) return failure(ErrorKind::cancelled, "Reading the data was cancelled.");
    if (found->test)
        if (auto read = append_pair(folder, *found->test, raw.dataset); !read)
            return tl::unexpected(read.error());
    return raw;
}

Result<DatasetShape> probe_idx_folder(const fs::path& folder) {
    const auto found = find_pairs(folder);
    if (!found) return tl::unexpected(found.error());
    const auto header = read_idx_header(found->train.images, 3);
    if (!header) return tl::unexpected(header.error());
    if (auto fits = check_side(*header, found->train.images); !fits) return tl::unexpected(fits.error());
    const auto labels = read_labels(found->train, header->extents[0]);
    if (!labels) return tl::unexpected(labels.error());
    const auto names = class_names(folder, found->train.labels, *labels);
    if (!names) return tl::unexpected(names.error());
    DatasetShape shape{{{1, header->extents[1], header->extents[2]}},
                       static_cast<std::int64_t>(names->size()),
                       header->extents[0]};
    if (found->test) {
        const auto test = read_idx_header(found->test->images, 3);
        if (!test) return tl::unexpected(test.error());
        shape.samples += test->extents[0];
    }
    return shape;
}

} // namespace limbeck
