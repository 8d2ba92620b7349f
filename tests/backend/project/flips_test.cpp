// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <random>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/backend/project/support.h"

// Flips bits and cuts files of a small but complete project. Whatever is damaged: nothing crashes or hangs,
// what is read is what was written, and what cannot be read is told. LIMBECK_FLIPS=N flips every bit of every
// N-th byte (1: of all), with LIMBECK_FLIP_BITS=1 one bit of each; without it a sample. docs/reliability.md
// has the figures.
namespace limbeck {
namespace {

namespace fs = std::filesystem;

std::string text_of(const RunRecord& run) {
    std::string text =
        std::to_string(run.id) + "|" + std::to_string(run.group) + "|" + std::string(to_string(run.role)) +
        "|" + std::to_string(run.stage) + "|" + run.name + "|" + std::string(to_string(run.state)) + "|" +
        to_json(run.config) + "|" + std::to_string(run.parent.value_or(-1)) + "|" +
        std::to_string(run.baseline.value_or(-1)) + "|" + std::to_string(run.teacher.value_or(-1)) + "|" +
        run.teacher_weights + "|" + run.dataset_fingerprint + "|" + run.device + "|" +
        std::to_string(run.threads) + "|" + std::to_string(run.step) + "|" + std::to_string(run.total_steps) +
        "|" + std::to_string(run.epoch) + "|" + std::to_string(run.total_epochs) + "|" + run.error + "|" +
        run.created + "|" + run.finished + "|" + std::to_string(run.seconds);
    for (const TeacherLink& link : run.more_teachers)
        text += "|" + std::to_string(link.run.value_or(-1)) + ":" + link.weights;
    return text;
}

/// What a viewer reads, in texts; nothing where a read fails, and then `failed` is set.
struct Everything {
    std::map<std::string, std::string> values;
    std::map<std::string, std::vector<MetricPoint>> points;
    bool failed = false;
    bool told = false; ///< Project::damage() names something

    bool operator==(const Everything& other) const {
        return values == other.values && points == other.points;
    }
};

Everything read_everything(const Project& project) {
    Everything all;
    all.told = !project.damage().empty();
    const auto note = [&](const std::string& name, const auto& result, const auto& text) {
        if (!result)
            all.failed = true;
        else if (const std::string value = text(*result); !value.empty())
            all.values[name] = value;
    };
    note("configuration", project.config(), [](const auto& config) { return to_json(config); });
    const auto runs = project.runs();
    if (!runs) all.failed = true;
    for (const RunRecord& run : runs.value_or(std::vector<RunRecord>{})) {
        const std::string id = "run " + std::to_string(run.id) + " ";
        all.values[id] = text_of(run);
        const auto names = project.series_of(run.id);
        if (!names) all.failed = true;
        for (const std::string& series : names.value_or(std::vector<std::string>{})) {
            const auto points = project.points(run.id, series);
            if (points)
                all.points[id + series] = *points;
            else
                all.failed = true;
        }
        const auto events = project.events(run.id);
        if (!events) all.failed = true;
        for (const RunEvent& event : events.value_or(std::vector<RunEvent>{}))
            all.values[id + "event " + std::to_string(event.id)] = std::to_string(event.step) + event.what +
                                                                   std::to_string(event.from) +
                                                                   std::to_string(event.to) + event.time;
        for (const char* kind : {"last", "best"}) {
            const auto checkpoint = project.checkpoint(run.id, kind);
            note(id + kind, checkpoint, [](const auto& found) {
                return found ? found->weights + found->state + std::to_string(found->step) +
                                   std::to_string(found->epoch)
                             : std::string();
            });
            if (!checkpoint || !*checkpoint) continue;
            const auto weights = project.object((*checkpoint)->weights);
            if (!weights) all.failed = true;
            if (weights && !(*weights == small_tensors(1)) && !(*weights == small_tensors(2)))
                all.values[id + kind] = "wrong weights";
        }
    }
    return all;
}

/// All that is there is of the original: curves from their beginning, the rest as it was.
bool is_part_of(const Everything& part, const Everything& whole) {
    for (const auto& [name, value] : part.values)
        if (const auto found = whole.values.find(name); found == whole.values.end() || found->second != value)
            return false;
    for (const auto& [name, points] : part.points) {
        const auto found = whole.points.find(name);
        if (found == whole.points.end() || points.size() > found->second.size() ||
            !std::equal(points.begin(), points.end(), found->second.begin()))
            return false;
    }
    return true;
}

void fill(Project& project) {
    for (int i = 0; i < 2; ++i)
        fill_project(project);
    value_of(project.append_points(2, "train/hard", points_of_steps(0, 2499)));
    value_of(project.put_checkpoint({2, "best", 700, 1, value_of(project.put_object(small_tensors(2))), ""}));
}

void fill_further(Project& project) {
    value_of(project.append_points(1, "train/loss", points_of_steps(1500, 1700)));
    value_of(project.add_event({0, 2, 9, "training.learning_rate", 0.1, 0.05, "2026-05-01T10:02:00Z"}));
    fill_project(project);
    value_of(project.append_points(3, "validation/accuracy", points_of_steps(0, 5)));
}

/// Counts, in memory that a child process shares, so that a crash is counted and does not end the test.
struct Counts {
    long tried, refused, noticed, harmless, rest, silent, wrong, at, earlier;
};

class Damaging {
  public:
    Damaging()
        : counts_(static_cast<Counts*>(
              ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}

    ~Damaging() { ::munmap(counts_, sizeof(Counts)); }

    Damaging(const Damaging&) = delete;
    Damaging& operator=(const Damaging&) = delete;

    /// `damage(i)` and `restore(i)` for i from 0 to `count`, each followed by a look at the project.
    void run(const std::string& name, const fs::path& project, long count,
             const std::function<void(long)>& damage, const std::function<void(long)>& restore,
             bool may_be_earlier = false) {
        *counts_ = {};
        const Everything original = read_everything(*value_of(Project::open(project, Project::Access::view)));
        ASSERT_FALSE(original.failed || original.told);
        long crashes = 0;
        for (long next = 0; next < count;) {
            counts_->at = next;
            const pid_t child = ::fork();
            if (child == 0) {
                for (long i = next; i < count; ++i) {
                    counts_->at = i;
                    ::alarm(30); // who hangs, is killed
                    damage(i);
                    try {
                        look(project, original, may_be_earlier);
                    } catch (const std::exception& error) {
                        std::cerr << name << ", damage " << i << ": " << error.what() << std::endl;
                        ++counts_->wrong;
                    }
                    restore(i);
                }
                ::_exit(0);
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
            ++crashes;
            std::cerr << name << ": crash or hang at damage " << counts_->at << std::endl;
            restore(counts_->at);
            next = counts_->at + 1;
        }
        std::cout << name << ": " << counts_->tried << " tried, " << counts_->refused
                  << " refused at the opening, " << counts_->noticed << " opened and told (" << counts_->rest
                  << " of them with every run listed), " << counts_->harmless
                  << " changed nothing that is read, " << counts_->earlier
                  << " read as before the last saves, " << counts_->silent << " silent, " << counts_->wrong
                  << " with wrong values, " << crashes << " crashes or hangs" << std::endl;
        EXPECT_EQ(crashes, 0) << name;
        EXPECT_EQ(counts_->silent, 0) << name;
        EXPECT_EQ(counts_->wrong, 0) << name;
        EXPECT_EQ(counts_->tried, count) << name;
    }

    const Counts& counts() const { return *counts_; }

  private:
    void look(const fs::path& folder, const Everything& original, bool may_be_earlier) {
        ++counts_->tried;
        const auto project = Project::open(folder, Project::Access::view);
        if (!project) {
            if (project.error().message.empty() || project.error().kind == ErrorKind::internal)
                throw std::runtime_error("refused without words: " + project.error().detail);
            ++counts_->refused;
            return;
        }
        const Everything now = read_everything(**project);
        if (!is_part_of(now, original)) {
            std::string names;
            for (const auto& [name, value] : now.values)
                if (const auto found = original.values.find(name);
                    found == original.values.end() || found->second != value)
                    names += name + "; ";
            for (const Project::Finding& finding : (*project)->damage())
                names += "\n  told: " + finding.where + ": " + finding.what;
            throw std::runtime_error("read something else than was written: " + names);
        }
        const auto findings = (*project)->verify();
        if (now == original && !now.failed) {
            const bool told = now.told || !findings || !findings->empty();
            ++(told ? counts_->noticed : counts_->harmless);
            if (told) ++counts_->rest;
            return;
        }
        if (now.told || now.failed) {
            ++counts_->noticed;
            if (value_of((*project)->runs()).size() >= 3) ++counts_->rest;
            if (findings && findings->empty()) throw std::runtime_error("verify() finds nothing");
        } else if (may_be_earlier) {
            ++counts_->earlier;
        } else {
            std::cerr << "damage " << counts_->at << " is not noticed" << std::endl;
            ++counts_->silent;
        }
    }

    Counts* counts_;
};

/// A file that is changed in place and put right again.
class Patched {
  public:
    explicit Patched(const fs::path& file)
        : file_(file), content_(), descriptor_(::open(file.c_str(), O_RDWR)) {
        std::ifstream in(file, std::ios::binary);
        content_.assign(std::istreambuf_iterator<char>(in), {});
    }

    ~Patched() { ::close(descriptor_); }

    Patched(const Patched&) = delete;
    Patched& operator=(const Patched&) = delete;

    long size() const { return static_cast<long>(content_.size()); }

    void flip(long at, int bit) {
        const char byte = static_cast<char>(content_[static_cast<std::size_t>(at)] ^ 1 << bit);
        ASSERT_EQ(::pwrite(descriptor_, &byte, 1, at), 1);
    }

    void cut(long length) { ASSERT_EQ(::ftruncate(descriptor_, length), 0); }

    void restore() {
        ASSERT_EQ(::ftruncate(descriptor_, size()), 0);
        ASSERT_EQ(::pwrite(descriptor_, content_.data(), content_.size(), 0), size());
    }

  private:
    fs::path file_;
    std::string content_;
    int descriptor_;
};

long asked_for(const char* variable, long otherwise) {
    const char* text = std::getenv(variable);
    return text ? std::max(1L, std::atol(text)) : otherwise;
}

long stride() {
    return asked_for("LIMBECK_FLIPS", 0);
}

void flip_all(const std::string& name, const fs::path& project, const fs::path& file, long sample) {
    Patched patched(file);
    Damaging damaging;
    const long every = stride();
    // The sample takes one bit of every byte that it comes by, the whole thing all of them unless told
    // otherwise.
    const long bits = every && asked_for("LIMBECK_FLIP_BITS", 8) > 1 ? 8 : 1, step = every ? every : sample;
    const long count = (patched.size() + step - 1) / step * bits;
    damaging.run(
        name, project, count,
        [&](long i) { patched.flip(i / bits * step, static_cast<int>(bits == 8 ? i % 8 : i * 5 % 8)); },
        [&](long i) {
            (void)i;
            patched.restore();
        });
    EXPECT_GT(damaging.counts().noticed + damaging.counts().refused, 10) << name;
}

void cut_all(const std::string& name, const fs::path& project, const fs::path& file, bool may_be_earlier) {
    Patched patched(file);
    Damaging damaging;
    std::mt19937_64 random(7);
    std::vector<long> lengths;
    const bool all = stride() != 0;
    for (long length = 0; length <= 4096 && length < patched.size(); length += all ? 1 : 97)
        lengths.push_back(length);
    for (int i = 0; i < (all ? 1000 : 40); ++i)
        lengths.push_back(static_cast<long>(random() % static_cast<std::uint64_t>(patched.size())));
    damaging.run(
        name, project, static_cast<long>(lengths.size()),
        [&](long i) { patched.cut(lengths[static_cast<std::size_t>(i)]); }, [&](long) { patched.restore(); },
        may_be_earlier);
}

class ProjectFlips : public testing::Test {
  protected:
    void make_closed() {
        const auto project = value_of(Project::create(folder_ / "p", unusual_config()));
        fill(*project);
        fill_further(*project);
    }

    void make_with_log() {
        fill(*value_of(Project::create(folder_ / "p", unusual_config())));
        Child writer([&](const Child::Wait& ready_and_wait) {
            const auto project = value_of(Project::open(folder_ / "p", Project::Access::write));
            fill_further(*project);
            ready_and_wait();
            return true;
        });
        writer.wait_until_ready();
        writer.kill();
        fs::remove(folder_ / "p/project.limbeck-shm");
    }

    TemporaryFolder folder_;
};

TEST_F(ProjectFlips, OfTheClosedFileAreToldOrChangeNothing) {
    make_closed();
    flip_all("flips in project.limbeck", folder_ / "p", folder_ / "p/project.limbeck", 251);
}

TEST_F(ProjectFlips, OfAFileWithALogBesideItAreToldOrChangeNothing) {
    make_with_log();
    flip_all("flips in project.limbeck with a log", folder_ / "p", folder_ / "p/project.limbeck", 509);
}

TEST_F(ProjectFlips, OfALogAreToldOrChangeNothing) {
    make_with_log();
    flip_all("flips in project.limbeck-wal", folder_ / "p", folder_ / "p/project.limbeck-wal", 1021);
}

TEST_F(ProjectFlips, OfWeightsAreTold) {
    make_closed();
    for (const auto& object : fs::directory_iterator(folder_ / "p/objects"))
        flip_all("flips in objects/" + object.path().filename().string().substr(0, 8), folder_ / "p",
                 object.path(), 7);
}

TEST_F(ProjectFlips, OfALockThatNobodyHoldsChangeNothing) {
    make_closed();
    std::ofstream(folder_ / "p/project.lock")
        << "limbeck, process 4711 on gauss, since 2026-05-01 10:00:00 UTC\n";
    Patched lock(folder_ / "p/project.lock");
    Damaging damaging;
    damaging.run(
        "flips in project.lock", folder_ / "p", lock.size() * 8,
        [&](long i) { lock.flip(i / 8, static_cast<int>(i % 8)); }, [&](long) { lock.restore(); });
    EXPECT_EQ(damaging.counts().harmless, lock.size() * 8);
}

TEST_F(ProjectFlips, CutsAreToldOrChangeNothing) {
    make_closed();
    cut_all("cuts of project.limbeck", folder_ / "p", folder_ / "p/project.limbeck", false);
}

TEST_F(ProjectFlips, CutsOfALogGiveWhatWasSavedBefore) {
    make_with_log();
    cut_all("cuts of project.limbeck-wal", folder_ / "p", folder_ / "p/project.limbeck-wal", true);
}

} // namespace
} // namespace limbeck
