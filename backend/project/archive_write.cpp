// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "backend/project/archive.h"
#include "backend/project/description.h"
#include "backend/project/failure.h"
#include "backend/project/file_io.h"
#include "backend/project/object_store.h"
#include "backend/project/project_state.h"
#include "backend/project/schema.h"
#include "backend/project/store_runs.h"
#include "backend/project/zip_file.h"

namespace limbeck {

namespace fs = std::filesystem;

struct ArchiveDraft::State {
    fs::path file, work, objects, project;
    std::string name; ///< how errors call the project

    State(const fs::path& target, const fs::path& folder)
        : file(plain_path(target))
        , work(file.parent_path() / temporary_name())
        , project(folder)
        , name(path_text(folder)) {}

    ~State() {
        std::error_code ignored;
        fs::remove_all(work, ignored);
    }

    fs::path database() const { return work / project_file_name; }
};

namespace {

/// Told of bytes, tells shares, and ends the work when it is told to.
class Progress {
  public:
    Progress(const ArchiveProgress& report, double total, std::string doing)
        : report_(report), total_(total), doing_(std::move(doing)) {}

    void add(std::size_t bytes) {
        done_ += static_cast<double>(bytes);
        report(std::min(1.0, done_ / total_));
    }

    void report(double share) const {
        if (report_ && !report_(share))
            fail(ErrorKind::cancelled, doing_ + " was cancelled; nothing is left of it.");
    }

  private:
    const ArchiveProgress& report_;
    double total_, done_ = 0;
    std::string doing_;
};

// --- what an archive leaves out

void leave_out_weights(Database& database) {
    RunId last = 0;
    for (RunRecord& run : load_runs(database)) {
        last = std::max(last, run.id);
        run.teacher_weights.clear();
        for (TeacherLink& teacher : run.more_teachers)
            teacher.weights.clear();
        update_run(database, run);
    }
    database.execute("DELETE FROM checkpoint");
    if (last > 0) write_setting(database, "left_out_weights_to", std::to_string(last));
}

std::vector<std::string*> paths_of(ExperimentConfig& config) {
    std::vector<std::string*> paths{&config.data.dataset.path, &config.teacher.network.weights,
                                    &config.student.network.weights};
    for (auto* list : {&config.teacher.more, &config.distillation.assistants, &config.distillation.peers})
        for (NetworkSpec& network : *list)
            paths.push_back(&network.weights);
    return paths;
}

void replace_all(std::string& text, const std::string& what) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + left_out_path.size()))
        text.replace(at, what.size(), left_out_path);
}

/// Paths of the configurations, as they stand there and as errors may call them.
class References {
  public:
    explicit References(fs::path project) : project_(std::move(project)) {
        spellings_.insert(project_.string());
    }

    void take_out(ExperimentConfig& config) {
        for (std::string* path : paths_of(config)) {
            if (path->empty()) continue;
            const fs::path whole = project_ / *path;
            for (const fs::path& each : {fs::path(*path), whole, whole.lexically_normal()})
                spellings_.insert(each.string());
            *path = left_out_path;
        }
    }

    /// The longest first: one may begin with another. "." and the like are nobody's secret.
    void take_out(std::string& text) const {
        std::vector<std::string> longest(spellings_.begin(), spellings_.end());
        std::stable_sort(longest.begin(), longest.end(),
                         [](const auto& one, const auto& other) { return one.size() > other.size(); });
        for (const std::string& spelling : longest)
            if (spelling.size() > 2) replace_all(text, spelling);
    }

  private:
    fs::path project_;
    std::set<std::string> spellings_;
};

void leave_out_references(Database& database, const fs::path& project) {
    References references(project);
    ExperimentConfig config = load_config(database);
    references.take_out(config);
    std::vector<RunRecord> runs = load_runs(database);
    for (RunRecord& run : runs)
        references.take_out(run.config);
    for (RunRecord& run : runs) {
        references.take_out(run.name);
        references.take_out(run.error);
        update_run(database, run);
    }
    write_setting(database, "configuration", to_json(config));
    write_setting(database, "left_out_data_references", "1");
}

/// Makes the copy of the database what the archive is to hold.
struct Prepared {
    std::vector<StoredObject> objects;
    std::string description;
};

Prepared prepare(const fs::path& copy, const fs::path& result, const fs::path& project,
                 const std::string& name, const ArchiveOptions& options) {
    Database database(copy, Database::Mode::write, name);
    std::vector<const Table*> tables;
    for (const Table* table : tables_of(database))
        if (table != &metric_chunk_table) tables.push_back(table);
    note_damaged_rows(database, tables);
    migrate_schema(database);
    {
        WriteScope scope(database);
        if (!options.weights) leave_out_weights(database);
        if (!options.data_references) leave_out_references(database, project);
        scope.commit();
    }
    remove_orphans(database, copy.parent_path() / "objects");
    // What was taken out is still in the file's free pages; a new file has none.
    database.prepare("VACUUM INTO ?").bind_all({result.string()}).run();
    return {stored_objects(database), describe_project(database)};
}

void put_file(ZipWriter& zip, const std::string& entry, const fs::path& file, bool compress,
              Progress& progress) {
    zip.begin(entry, compress);
    hash_file(file, [&](std::span<const std::byte> piece) {
        zip.write(piece);
        progress.add(piece.size());
    });
    zip.end();
}

/// Weights are stored as they are: deflate takes a tenth off them at best, and ten times as long.
void put_object_file(ZipWriter& zip, const fs::path& file, const StoredObject& object,
                     const std::string& name, Progress& progress) {
    zip.begin("objects/" + object.name, /*compress=*/false);
    const std::string found = hash_file(file, [&](std::span<const std::byte> piece) {
        zip.write(piece);
        progress.add(piece.size());
    });
    zip.end();
    if (found != object.name)
        fail(ErrorKind::document,
             "The project " + name + " cannot be archived: its object " + object.name +
                 " is damaged. Remove the run that needs it, or archive it without weights.");
}

} // namespace

ArchiveDraft::ArchiveDraft(std::unique_ptr<State> state) : state_(std::move(state)) {}

ArchiveDraft::~ArchiveDraft() = default;
ArchiveDraft::ArchiveDraft(ArchiveDraft&&) noexcept = default;
ArchiveDraft& ArchiveDraft::operator=(ArchiveDraft&&) noexcept = default;

Result<ArchiveDraft> ArchiveDraft::take(const Project& project, const fs::path& file) {
    return attempt("archiving a project", [&] {
        const Project::State& from = *project.state_;
        auto state = std::make_unique<State>(file, from.folder);
        if (from.database->in_transaction())
            fail(ErrorKind::internal, "A project cannot be archived within a transaction.");
        std::error_code error;
        if (fs::is_directory(state->file, error))
            fail(ErrorKind::document,
                 "The archive cannot be written to " + path_text(state->file) +
                     ": that is a folder. Name a file, such as \"experiment.zip\" in it.");
        if (!fs::create_directory(state->work, error))
            fail(ErrorKind::document, "The archive " + path_text(state->file) +
                                          " cannot be written: " + error.message() +
                                          ". Choose a folder that is there and that you may write to.");
        // What is in there is to be seen by nobody before the references are out of it.
        fs::permissions(state->work, fs::perms::owner_all, error);
        state->objects = from.objects();
        copy_database(*from.database, state->work / "copy", [](double) {});
        return ArchiveDraft(std::move(state));
    });
}

Result<void> ArchiveDraft::write(const ArchiveOptions& options, const ArchiveProgress& progress) {
    return attempt("archiving a project", [&] {
        const State& state = *state_;
        const std::string doing = "Archiving the project " + state.name;
        Progress(progress, 1, doing).report(0);
        const Prepared prepared =
            prepare(state.work / "copy", state.database(), state.project, state.name, options);
        double total = static_cast<double>(fs::file_size(state.database()));
        for (const StoredObject& object : prepared.objects)
            total += static_cast<double>(object.bytes);
        Progress shown(progress, total, doing);
        write_durably(state.file, [&](File& target) {
            ZipWriter zip(target, path_text(state.file));
            put_file(zip, std::string(project_file_name), state.database(), /*compress=*/true, shown);
            for (const StoredObject& object : prepared.objects)
                put_object_file(zip, state.objects / object.name, object, state.name, shown);
            zip.begin(description_file_name, /*compress=*/true);
            zip.write(std::as_bytes(std::span(prepared.description)));
            zip.end();
            zip.finish();
        });
    });
}

Result<void> write_archive(const Project& project, const fs::path& file, const ArchiveOptions& options,
                           const ArchiveProgress& progress) {
    auto draft = ArchiveDraft::take(project, file);
    if (!draft) return tl::unexpected(draft.error());
    return draft->write(options, progress);
}

} // namespace limbeck
