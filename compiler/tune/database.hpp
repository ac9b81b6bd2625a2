// The user's tuning database, one SQLite file: every trial that was measured, and the records compiling uses.
//
// Each trial is committed when it is finished, in write-ahead mode: what was committed survives the end of the process
// by any signal, and any number of processes may read and write the file at once. Every function throws kiln::error,
// naming the file, when it is damaged, no database, of another version, or cannot be read or written.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <kiln/compiler/tune/record.hpp>

namespace kiln::tune {

/// One candidate, measured.
struct trial {
    schedules::schedule how;
    double ratio = 0;         // of its time to the default's; 0: it failed
    double milliseconds = 0;  // one call
    bool faster = false;      // than the schedule that was the best before it, beyond doubt
    std::string failure;      // why there is no time
};

enum class access { read, write };

class database {
public:
    /// To write, makes the file and its folder where they do not exist.
    database(const std::filesystem::path& file, access wanted);
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    /// In the order in which they were measured.
    std::vector<trial> trials_of(const setting& where, const std::string& kernel) const;
    void add(const setting& where, const std::string& kernel, const trial& finished);

    std::vector<record> records_of(const setting& where) const;
    /// All settings with records.
    std::vector<setting> settings() const;
    /// In one transaction: replaces the records of `kernels` by `found`, which holds at most one for each.
    void replace(const setting& where, const std::vector<std::string>& kernels, const std::vector<record>& found);

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// $XDG_DATA_HOME/kiln/tuning.db, else $HOME/.local/share/kiln/tuning.db; empty when neither is set.
std::filesystem::path default_database();

}  // namespace kiln::tune
