// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/log_check.h"

#include <cstdint>
#include <span>
#include <system_error>
#include <vector>

#include "backend/project/file_io.h"

// The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
namespace limbeck {
namespace {

std::uint32_t number(std::span<const std::byte> bytes, std::size_t at, bool big = true) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + (big ? i : 3 - i)]);
    return value;
}

struct Sum {
    std::uint32_t first = 0, second = 0;
    bool operator==(const Sum&) const = default;

    void add(std::span<const std::byte> bytes, bool big) {
        for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
            first += number(bytes, i, big) + second;
            second += number(bytes, i + 4, big) + first;
        }
    }
};

} // namespace

std::optional<std::string> find_log_damage(const std::filesystem::path& database) {
    std::filesystem::path path = database;
    path += "-wal";
    std::error_code none;
    if (!std::filesystem::exists(path, none)) return std::nullopt;
    File file = File::open_for_reading(path);
    std::vector<std::byte> head(32);
    const std::size_t read = file.read(head);
    if (read < head.size()) return std::nullopt; // killed before it held anything
    constexpr std::uint32_t magic = 0x377f0682;
    const bool big = (number(head, 0) & 1) != 0;
    Sum sum;
    sum.add(std::span(head).first(24), big);
    const std::uint32_t page = number(head, 8);
    if ((number(head, 0) & ~1U) != magic || sum != Sum{number(head, 24), number(head, 28)} || page < 512 ||
        page > 65536)
        return "the header of its log project.limbeck-wal is damaged: what was saved last, and stands only "
               "there, "
               "cannot be read";
    std::vector<std::byte> frame(24 + page);
    std::int64_t good = 0, bad = 0, saves = 0; // saves: that end at a damaged frame or after one
    bool whole_so_far = true, lost = false, broken_last = false;
    while (file.read(frame) == frame.size()) {
        const bool salted = number(frame, 8) == number(head, 16) && number(frame, 12) == number(head, 20);
        const bool commits = number(frame, 4) != 0;
        if (whole_so_far) {
            Sum next = sum;
            next.add(std::span(frame).first(8), big);
            next.add(std::span(frame).subspan(24), big);
            const bool summed = next == Sum{number(frame, 16), number(frame, 20)};
            if (salted && summed) {
                sum = next;
                ++good;
                continue;
            }
            whole_so_far = false;
            lost = summed; // only its salt is damaged
            broken_last = salted && commits;
            ++bad;
            if (commits) ++saves;
            continue;
        }
        broken_last = false;
        if (salted) ++bad;
        if (salted && commits) ++saves;
        lost = lost || (salted && commits);
    }
    // A program killed within its very last write leaves a short frame, not a damaged one.
    if (!lost && !broken_last) return std::nullopt;
    // Each save is synced before it is told: of more than one, all but the last were whole once.
    if (saves <= 1)
        return "the last save in its log project.limbeck-wal is not whole, as after a power failure before "
               "it was "
               "done, or damaged: the project reads as before it";
    return std::to_string(bad) + " of " + std::to_string(good + bad) +
           " frames of its log project.limbeck-wal are damaged or follow a damaged one: what they saved "
           "cannot be "
           "read";
}

} // namespace limbeck
