#include <kiln/compiler/tune/database.hpp>

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

#include <kiln/runtime/error.hpp>
#include <kiln/schedules/schedule_text.hpp>

namespace kiln::tune {
namespace fs = std::filesystem;
namespace {

// Raised when a table changes; kept in SQLite's user_version.
constexpr int layout_version = 1;

// Others hold the file for milliseconds.
constexpr std::chrono::milliseconds patience{30'000};

constexpr const char* tables = R"(
    create table setting (id integer primary key, cpu text not null, caches text not null, target text not null,
        precision text not null, version text not null, threads integer not null,
        unique (cpu, caches, target, precision, version, threads));
    create table trial (id integer primary key, setting integer not null, kernel text not null,
        schedule text not null, ratio real not null, milliseconds real not null, faster integer not null,
        failure text not null, finished text not null default current_timestamp);
    create index trials_of_kernel on trial (setting, kernel);
    create table record (setting integer not null, kernel text not null, summary text not null,
        usual text not null, best text not null, usual_ms real not null, best_ms real not null,
        primary key (setting, kernel));
)";

}  // namespace

struct database::state {
    fs::path file;
    sqlite3* handle = nullptr;

    ~state() { sqlite3_close(handle); }

    [[noreturn]] void fail() const {
        const int code = sqlite3_errcode(handle) & 0xff;
        const std::string path = file.string();
        if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
            throw error(
                fmt::format("the tuning records '{}' are damaged or no database ({}): name another file or "
                            "remove this one, and tune again",
                            path, sqlite3_errmsg(handle)));
        throw error(fmt::format("the tuning records '{}' cannot be used: {}", path, sqlite3_errmsg(handle)));
    }

    void run(const char* text) const {
        if (sqlite3_exec(handle, text, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
    }

    /// Without waiting for the disk at each commit: no end of a process loses anything, a power cut the last trials.
    /// Of several that make the same file at once SQLite sends all but one away, without waiting.
    void log_ahead() const {
        using clock = std::chrono::steady_clock;
        for (const auto last = clock::now() + patience; clock::now() < last;) {
            const int code = sqlite3_exec(handle, "pragma journal_mode = wal", nullptr, nullptr, nullptr);
            if (code == SQLITE_OK) return run("pragma synchronous = normal");
            if (code != SQLITE_BUSY) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        fail();
    }
};

namespace {

/// One prepared statement; parameters are bound in order, columns read in order.
class statement {
public:
    template <class State>
    statement(const State& of, const char* text) : fail_([&of] { of.fail(); }) {
        if (sqlite3_prepare_v2(of.handle, text, -1, &handle_, nullptr) != SQLITE_OK) fail_();
    }
    ~statement() { sqlite3_finalize(handle_); }
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;

    statement& with(const std::string& value) {
        sqlite3_bind_text(handle_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
        return *this;
    }
    statement& with(double value) { return sqlite3_bind_double(handle_, ++bound_, value), *this; }
    statement& with(std::int64_t value) { return sqlite3_bind_int64(handle_, ++bound_, value), *this; }
    statement& with(const setting& s) {
        return with(s.cpu)
            .with(s.caches)
            .with(s.target)
            .with(s.precision)
            .with(s.version)
            .with(std::int64_t{s.threads});
    }

    /// Whether there is a (further) row.
    bool step() {
        const int code = sqlite3_step(handle_);
        if (code != SQLITE_ROW && code != SQLITE_DONE) fail_();
        return code == SQLITE_ROW;
    }
    void finish() {
        while (step()) {
        }
    }
    std::string text(int column) const {
        const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
        return value ? std::string(value, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))) : "";
    }
    double number(int column) const { return sqlite3_column_double(handle_, column); }
    std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }

private:
    std::function<void()> fail_;
    sqlite3_stmt* handle_ = nullptr;
    int bound_ = 0;
};

constexpr const char* same_setting =
    "(select id from setting where cpu = ? and caches = ? and target = ? and precision = ? and version = ? and "
    "threads = ?)";

// Rolls back unless committed.
template <class State>
class transaction {
public:
    explicit transaction(const State& of) : of_(of) { of_.run("begin immediate"); }
    ~transaction() {
        if (!committed_) sqlite3_exec(of_.handle, "rollback", nullptr, nullptr, nullptr);
    }
    void commit() { of_.run("commit"), committed_ = true; }

private:
    const State& of_;
    bool committed_ = false;
};

}  // namespace

database::database(const fs::path& file, access wanted) : state_(std::make_unique<state>()) {
    state_->file = file;
    const bool writes = wanted == access::write;
    if (writes && file.has_parent_path()) {
        std::error_code failed;
        fs::create_directories(file.parent_path(), failed);
        if (failed)
            throw error(
                fmt::format("cannot make the folder of the tuning records '{}': {}", file.string(), failed.message()));
    }
    const int flags = writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(file.c_str(), &state_->handle, flags, nullptr) != SQLITE_OK) state_->fail();
    sqlite3_extended_result_codes(state_->handle, 0);
    sqlite3_busy_timeout(state_->handle, static_cast<int>(patience.count()));
    if (writes) state_->log_ahead();
    const auto version = [&] {
        statement asked(*state_, "pragma user_version");
        return asked.step() ? asked.integer(0) : 0;
    };
    if (writes && version() == 0) {
        transaction making(*state_);
        if (version() == 0) {  // nobody else made them meanwhile
            state_->run(tables);
            state_->run(fmt::format("pragma user_version = {}", layout_version).c_str());
        }
        making.commit();
    }
    if (version() != layout_version)
        throw error(
            fmt::format("the tuning records '{}' are of another version of Kiln ({}, not {}): name another file",
                        file.string(), version(), layout_version));
}

database::~database() = default;

std::vector<trial> database::trials_of(const setting& where, const std::string& kernel) const {
    statement asked(*state_, fmt::format("select schedule, ratio, milliseconds, faster, failure from trial where "
                                         "setting = {} and kernel = ? order by id",
                                         same_setting)
                                 .c_str());
    asked.with(where).with(kernel);
    std::vector<trial> found;
    while (asked.step())
        if (const auto how = schedules::schedule_from(asked.text(0)))
            found.push_back({*how, asked.number(1), asked.number(2), asked.integer(3) != 0, asked.text(4)});
    return found;
}

void database::add(const setting& where, const std::string& kernel, const trial& finished) {
    transaction adding(*state_);
    statement(*state_,
              "insert or ignore into setting (cpu, caches, target, precision, version, threads) values (?,?,?,?,?,?)")
        .with(where)
        .finish();
    statement(*state_,
              fmt::format("insert into trial (setting, kernel, schedule, ratio, milliseconds, faster, failure) "
                          "values ({}, ?, ?, ?, ?, ?, ?)",
                          same_setting)
                  .c_str())
        .with(where)
        .with(kernel)
        .with(text_of(finished.how))
        .with(finished.ratio)
        .with(finished.milliseconds)
        .with(std::int64_t{finished.faster})
        .with(finished.failure)
        .finish();
    adding.commit();
}

std::vector<record> database::records_of(const setting& where) const {
    statement asked(*state_, fmt::format("select kernel, summary, usual, best, usual_ms, best_ms from record where "
                                         "setting = {} order by kernel",
                                         same_setting)
                                 .c_str());
    asked.with(where);
    std::vector<record> found;
    while (asked.step()) {
        const auto usual = schedules::schedule_from(asked.text(2)), best = schedules::schedule_from(asked.text(3));
        if (usual && best)
            found.push_back({asked.text(0), asked.text(1), *usual, *best, asked.number(4), asked.number(5)});
    }
    return found;
}

std::vector<setting> database::settings() const {
    statement asked(*state_,
                    "select cpu, caches, target, precision, version, threads from setting where id in (select setting "
                    "from record) order by id");
    std::vector<setting> found;
    while (asked.step())
        found.push_back({asked.text(0), asked.text(1), asked.text(2), asked.text(3), asked.text(4),
                         static_cast<int>(asked.integer(5))});
    return found;
}

void database::replace(const setting& where, const std::vector<std::string>& kernels,
                       const std::vector<record>& found) {
    transaction replacing(*state_);
    statement(*state_,
              "insert or ignore into setting (cpu, caches, target, precision, version, threads) values (?,?,?,?,?,?)")
        .with(where)
        .finish();
    for (const std::string& kernel : kernels)
        statement(*state_, fmt::format("delete from record where setting = {} and kernel = ?", same_setting).c_str())
            .with(where)
            .with(kernel)
            .finish();
    for (const record& r : found)
        statement(*state_, fmt::format("insert into record (setting, kernel, summary, usual, best, usual_ms, best_ms) "
                                       "values ({}, ?, ?, ?, ?, ?, ?)",
                                       same_setting)
                               .c_str())
            .with(where)
            .with(r.kernel)
            .with(r.summary)
            .with(text_of(r.usual))
            .with(text_of(r.best))
            .with(r.usual_ms)
            .with(r.best_ms)
            .finish();
    replacing.commit();
}

fs::path default_database() {
    const auto folder = [](const char* variable) -> const char* {
        const char* value = std::getenv(variable);
        return value && *value ? value : nullptr;
    };
    if (const char* data = folder("XDG_DATA_HOME")) return fs::path(data) / "kiln/tuning.db";
    if (const char* home = folder("HOME")) return fs::path(home) / ".local/share/kiln/tuning.db";
    return {};
}

}  // namespace kiln::tune
