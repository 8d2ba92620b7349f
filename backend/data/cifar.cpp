// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/data/cifar.h"

#include <array>
#include <fstream>
#include <string>

#include "backend/data/byte_reader.h"
#include "backend/types/numbers.h"

namespace limbeck {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t picture_bytes = 3 * 32 * 32;

tl::unexpected<Error> wrong(const fs::path& path, const std::string& why) {
    return failure(ErrorKind::data, "Reading the CIFAR data in " + path.string() + ": " + why,
                   "data.dataset");
}

struct Files {
    fs::path folder;
    std::vector<fs::path> train;
    fs::path test; ///< empty: none there
};

Result<Files> find_files(const fs::path& given, int classes) {
    std::error_code error;
    if (!fs::is_directory(given, error))
        return wrong(given, fs::exists(given, error) ? "it is not a folder." : "there is no such folder.");
    std::vector<std::string> names{"train.bin"};
    if (classes == 10)
        names = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                 "data_batch_5.bin"};
    Files files{given, {}, {}};
    const fs::path inner = given / (classes == 10 ? "cifar-10-batches-bin" : "cifar-100-binary");
    if (!fs::exists(given / names.front(), error) && fs::is_directory(inner, error)) files.folder = inner;
    for (const std::string& name : names) {
        if (!fs::exists(files.folder / name, error)) {
            const bool python = fs::exists(given / "data_batch_1", error) ||
                                fs::exists(given / "train", error) ||
                                fs::exists(given / "cifar-10-batches-py", error) ||
                                fs::exists(given / "cifar-100-python", error);
            return wrong(given, "there is no " + name +
                                    (python ? "; these are the Python pickles, the binary version is right."
                                            : "; the binary version's folder is right."));
        }
        files.train.push_back(files.folder / name);
    }
    const fs::path test = files.folder / (classes == 10 ? "test_batch.bin" : "test.bin");
    if (fs::exists(test, error)) files.test = test;
    return files;
}

std::size_t record_bytes(int classes) {
    return picture_bytes + (classes == 10 ? 1 : 2);
}

Result<std::int64_t> count_records(const fs::path& file, int classes) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(file, error);
    if (error) return wrong(file, error.message() + ".");
    const std::uint64_t record = record_bytes(classes);
    if (size == 0)
        return wrong(file, "it is empty; records of " + std::to_string(record) + " bytes are right.");
    if (size % record != 0)
        return wrong(file, "its " + std::to_string(size) + " bytes are not a whole number of records of " +
                               std::to_string(record) + " bytes.");
    return static_cast<std::int64_t>(size / record);
}

Result<void> append_file(const fs::path& file, int classes, Dataset& dataset,
                         const std::function<bool()>& keep_going) {
    const auto records = count_records(file, classes);
    if (!records) return tl::unexpected(records.error());
    auto reader = ByteReader::open(file);
    if (!reader) return tl::unexpected(reader.error());
    dataset.bytes.reserve(dataset.bytes.size() + static_cast<std::size_t>(*records) * picture_bytes);
    std::vector<std::uint8_t> record(record_bytes(classes));
    for (std::int64_t i = 0; i < *records; ++i) {
        if (i % 4096 == 0 && keep_going && !keep_going())
            return failure(ErrorKind::cancelled, "Reading the data was cancelled.");
        const auto got = reader->read(record);
        if (!got) return tl::unexpected(got.error());
        if (*got < record.size()) return wrong(file, "it ends inside record " + std::to_string(i) + ".");
        const std::size_t at =
            record.size() - picture_bytes - 1; // the fine label is the last before the picture
        if (record[at] >= classes)
            return wrong(file, "record " + std::to_string(i) + " (byte " +
                                   std::to_string(static_cast<std::size_t>(i) * record.size() + at) +
                                   ") has label " + std::to_string(record[at]) + "; labels from 0 to " +
                                   std::to_string(classes - 1) + " are right.");
        dataset.labels.push_back(record[at]);
        dataset.bytes.insert(dataset.bytes.end(), record.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                             record.end());
    }
    return {};
}

std::vector<std::string> default_names(int classes) {
    if (classes == 10)
        return {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
    std::vector<std::string> names;
    for (int i = 0; i < classes; ++i)
        names.push_back(std::to_string(i));
    return names;
}

/// The list that lies with the data, one name a line; our own where it is missing or not one.
std::vector<std::string> class_names(const fs::path& folder, int classes) {
    std::ifstream file(folder / (classes == 10 ? "batches.meta.txt" : "fine_label_names.txt"));
    std::vector<std::string> names;
    std::array<char, 128> line;
    while (file.getline(line.data(), line.size())) {
        std::string name(line.data());
        while (!name.empty() && (name.back() == '\r' || name.back() == ' '))
            name.pop_back();
        if (!name.empty() && is_utf8(name)) names.push_back(std::move(name));
        if (names.size() > static_cast<std::size_t>(classes)) break;
    }
    return names.size() == static_cast<std::size_t>(classes) ? names : default_names(classes);
}

} // namespace

Result<RawData> read_cifar_folder(const fs::path& folder, int classes,
                                  const std::function<bool()>& keep_going) {
    const auto files = find_files(folder, classes);
    if (!files) return tl::unexpected(files.error());
    RawData raw;
    raw.dataset.input = {{3, 32, 32}};
    raw.dataset.class_names = class_names(files->folder, classes);
    for (const fs::path& file : files->train)
        if (auto read = append_file(file, classes, raw.dataset, keep_going); !read)
            return tl::unexpected(read.error());
    raw.own_test = raw.dataset.size();
    if (!files->test.empty())
        if (auto read = append_file(files->test, classes, raw.dataset, keep_going); !read)
            return tl::unexpected(read.error());
    return raw;
}

Result<DatasetShape> probe_cifar_folder(const fs::path& folder, int classes) {
    const auto files = find_files(folder, classes);
    if (!files) return tl::unexpected(files.error());
    DatasetShape shape{{{3, 32, 32}}, classes, 0};
    auto all = files->train;
    if (!files->test.empty()) all.push_back(files->test);
    for (const fs::path& file : all) {
        const auto records = count_records(file, classes);
        if (!records) return tl::unexpected(records.error());
        shape.samples += *records;
    }
    return shape;
}

} // namespace limbeck
