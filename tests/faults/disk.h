// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/faults/file_calls.h"

namespace limbeck::test {

/// What a disk holds when the power goes: the effects of recorded calls that a sync made safe, and of those
/// that none did yet whatever the disk had got to. Content is safe when its file was synced, a name (made,
/// changed, removed) when its folder was.
class Disk {
  public:
    /// `before`: the watched folder as it was when the recording began, all of it safe.
    Disk(const std::filesystem::path& before, const std::vector<FileEvent>& events);

    /// The power can go before each of these calls and after the last one.
    std::size_t calls() const { return operations_.size(); }

    bool is_sync(std::size_t call) const { return operations_[call].kind == Operation::Kind::sync; }

    /// The last mark that was set before that call; -1: none.
    std::int64_t mark_before(std::size_t call) const;

    enum class Unsafe {
        lost, ///< of what was not synced nothing is there
        kept, ///< all of it is
        cut,  ///< what came before some moment is
        some, ///< any part of it is: writes singly, a write up to some sector, names singly
    };

    /// Puts into the folder `into`, which is empty, what is there when the power goes before `call`.
    void restore(std::size_t call, Unsafe unsafe, std::uint64_t seed,
                 const std::filesystem::path& into) const;

  private:
    using Place = std::pair<int, std::string>; ///< folder's node and name in it

    struct Operation {
        enum class Kind { write, truncate, bind, move, unbind, sync, mark };
        Kind kind = Kind::mark;
        int node = -1;
        Place place, from;
        std::int64_t offset = 0;
        std::vector<char> bytes;
    };

    struct Node {
        bool folder = false;
        std::string content;
    };

    int add_node(bool folder);
    Place place_of(const std::string& path) const;
    void add(const FileEvent& event);
    void find_syncs();

    std::vector<Node> nodes_;    ///< as they were at the beginning; 0 is the watched folder
    std::map<Place, int> names_; ///< likewise
    std::map<Place, int> live_;  ///< while events are taken in
    std::map<int, int> handles_; ///< handle → node
    std::vector<Operation> operations_;
    std::vector<std::size_t> synced_by_; ///< the call that makes each one safe; calls() if none does
};

} // namespace limbeck::test
