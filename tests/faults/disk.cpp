// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/disk.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace limbeck::test {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t sector = 512;

std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

int Disk::add_node(bool folder) {
    nodes_.push_back({folder, {}});
    return static_cast<int>(nodes_.size()) - 1;
}

Disk::Place Disk::place_of(const std::string& path) const {
    int folder = 0;
    std::string rest = path;
    for (std::size_t slash = rest.find('/'); slash != std::string::npos; slash = rest.find('/')) {
        folder = live_.at({folder, rest.substr(0, slash)});
        rest = rest.substr(slash + 1);
    }
    return {folder, rest};
}

Disk::Disk(const fs::path& before, const std::vector<FileEvent>& events) {
    add_node(true);
    if (fs::exists(before)) {
        for (const auto& entry : fs::recursive_directory_iterator(before)) {
            const std::string path = entry.path().lexically_relative(before).string();
            if (path.ends_with("-shm")) continue;
            const int node = add_node(entry.is_directory());
            if (!entry.is_directory())
                nodes_[static_cast<std::size_t>(node)].content = content_of(entry.path());
            live_[place_of(path)] = node;
        }
    }
    names_ = live_;
    for (const FileEvent& event : events)
        add(event);
    find_syncs();
}

void Disk::add(const FileEvent& event) {
    Operation operation;
    operation.offset = event.offset;
    switch (event.kind) {
    case FileEvent::Kind::open: {
        int node = 0; // the watched folder itself
        if (!event.path.empty()) {
            const Place place = place_of(event.path);
            if (event.created) {
                node = live_[place] = add_node(false);
                operation.kind = Operation::Kind::bind;
                operation.place = place;
                operation.node = node;
                operations_.push_back(operation);
            } else {
                node = live_.at(place);
            }
        }
        handles_[event.handle] = node;
        return;
    }
    case FileEvent::Kind::write:
        operation.kind = Operation::Kind::write;
        operation.bytes = event.bytes;
        break;
    case FileEvent::Kind::truncate:
        operation.kind = Operation::Kind::truncate;
        break;
    case FileEvent::Kind::sync:
        operation.kind = Operation::Kind::sync;
        break;
    case FileEvent::Kind::rename:
        operation.kind = Operation::Kind::move;
        operation.from = place_of(event.path);
        operation.place = place_of(event.to);
        operation.node = live_.at(operation.from);
        live_.erase(operation.from);
        live_[operation.place] = operation.node;
        break;
    case FileEvent::Kind::remove:
        operation.kind = Operation::Kind::unbind;
        operation.place = place_of(event.path);
        live_.erase(operation.place);
        break;
    case FileEvent::Kind::make_folder:
        operation.kind = Operation::Kind::bind;
        operation.place = place_of(event.path);
        operation.node = live_[operation.place] = add_node(true);
        break;
    case FileEvent::Kind::mark:
        break;
    }
    if (event.handle >= 0) operation.node = handles_.at(event.handle);
    operations_.push_back(std::move(operation));
}

std::int64_t Disk::mark_before(std::size_t call) const {
    for (std::size_t i = call; i-- > 0;)
        if (operations_[i].kind == Operation::Kind::mark) return operations_[i].offset;
    return -1;
}

void Disk::find_syncs() {
    synced_by_.assign(operations_.size(), operations_.size());
    for (std::size_t i = 0; i < operations_.size(); ++i) {
        const Operation& done = operations_[i];
        const bool content = done.kind == Operation::Kind::write || done.kind == Operation::Kind::truncate;
        const int node = content ? done.node : done.place.first;
        for (std::size_t later = i + 1; later < operations_.size() && synced_by_[i] > later; ++later)
            if (is_sync(later) && operations_[later].node == node) synced_by_[i] = later;
    }
}

void Disk::restore(std::size_t call, Unsafe unsafe, std::uint64_t seed, const fs::path& into) const {
    std::mt19937_64 random(seed);
    const std::size_t moment = call > 0 ? random() % (call + 1) : 0;
    std::vector<Node> nodes = nodes_;
    std::map<Place, int> names = names_;
    for (std::size_t i = 0; i < call; ++i) {
        const Operation& done = operations_[i];
        if (done.kind == Operation::Kind::sync || done.kind == Operation::Kind::mark) continue;
        std::size_t bytes = done.bytes.size();
        if (synced_by_[i] >= call) {
            if (unsafe == Unsafe::lost || (unsafe == Unsafe::cut && i >= moment)) continue;
            if (unsafe == Unsafe::some) {
                const std::uint64_t fate = random();
                if (fate % 2 == 0) continue;
                if (bytes > sector && fate % 8 == 1) bytes = (random() % (bytes / sector)) * sector;
            }
        }
        switch (done.kind) {
        case Operation::Kind::write: {
            std::string& content = nodes[static_cast<std::size_t>(done.node)].content;
            const auto offset = static_cast<std::size_t>(done.offset);
            content.resize(std::max(content.size(), offset + bytes));
            std::copy_n(done.bytes.begin(), bytes, content.begin() + static_cast<std::ptrdiff_t>(offset));
            break;
        }
        case Operation::Kind::truncate:
            nodes[static_cast<std::size_t>(done.node)].content.resize(static_cast<std::size_t>(done.offset));
            break;
        case Operation::Kind::bind:
            names[done.place] = done.node;
            break;
        case Operation::Kind::move:
            names.erase(done.from);
            names[done.place] = done.node;
            break;
        case Operation::Kind::unbind:
            names.erase(done.place);
            break;
        default:
            break;
        }
    }
    // Folders before what is in them: a name in a folder that has none itself cannot be reached.
    std::vector<std::pair<int, fs::path>> folders{{0, into}};
    for (std::size_t i = 0; i < folders.size(); ++i) {
        const auto [folder, path] = folders[i];
        for (const auto& [place, node] : names) {
            if (place.first != folder) continue;
            const Node& its = nodes[static_cast<std::size_t>(node)];
            if (its.folder) {
                fs::create_directory(path / place.second);
                folders.emplace_back(node, path / place.second);
            } else {
                std::ofstream(path / place.second, std::ios::binary) << its.content;
            }
        }
    }
}

} // namespace limbeck::test
