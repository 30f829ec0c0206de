#include "store/index_writer.hpp"

#include <lmdb.h>

#include <algorithm>
#include <array>
#include <utility>

#include "store/lmdb_values.hpp"

namespace hikyaku::store {

namespace {

// Each entry is merged at most level_max times; the rest is for catching up.
constexpr std::size_t merged_for_each = 6;
constexpr std::size_t step_min = 2048;  // entries that one step merges
constexpr std::size_t credit_max = 65'536;
constexpr std::size_t blocks_of_tidying = 16;

int put(MDB_txn* transaction, unsigned handle, std::string_view key, std::string_view value) {
    MDB_val name = as_value(key);
    MDB_val octets = as_value(value);
    return mdb_put(transaction, handle, &name, &octets, 0);
}

/// Writes entries that come in order: blocks, and the pages of the filter.
class run_writer {
public:
    run_writer(MDB_txn* transaction, unsigned blocks, const index_run& run)
        : transaction_(transaction), blocks_(blocks), run_(run) {}

    /// Goes on behind the entry that was written last.
    int resume(const index_entry& last) {
        page_ = index_filter::page_of(last.hash, run_.filter_pages);
        const auto key = index_filter_key(run_.number, page_);
        MDB_val name = as_value(key);
        MDB_val value;
        const int code = mdb_get(transaction_, blocks_, &name, &value);
        if (code == MDB_NOTFOUND) return 0;  // all before it were old
        if (code != 0) return code;
        has_page_ = true;
        return filter_.load(as_view(value)) ? 0 : MDB_CORRUPTED;
    }
    int add(const index_entry& entry) {
        const auto page = index_filter::page_of(entry.hash, run_.filter_pages);
        if (has_page_ && page != page_)
            if (int code = put_page(); code != 0) return code;
        if (page != page_ || !has_page_) filter_.clear();
        page_ = page;
        has_page_ = true;
        filter_.add(entry.hash);
        write_entry(entry, block_.data() + used_);
        used_ += index_entry_bytes;
        last_ = entry;
        return used_ == block_.size() ? put_block() : 0;
    }
    int finish() {
        if (int code = put_block(); code != 0) return code;
        return has_page_ ? put_page() : 0;
    }

private:
    int put_block() {
        if (used_ == 0) return 0;
        const auto size = std::exchange(used_, 0);
        return put(transaction_, blocks_, index_block_key(run_.number, last_),
                   {block_.data(), size});
    }
    int put_page() {
        return put(transaction_, blocks_, index_filter_key(run_.number, page_), filter_.octets());
    }

    MDB_txn* transaction_;
    unsigned blocks_;
    const index_run& run_;
    std::array<char, index_block_bytes> block_{};
    std::size_t used_ = 0;
    index_entry last_;
    index_filter filter_;
    std::uint32_t page_ = 0;
    bool has_page_ = false;
};

/// The source whose next entry is the least; nullptr: all are at their ends.
index_run_reader* least_of(std::vector<index_run_reader>& sources) {
    index_run_reader* least = nullptr;
    for (auto& each : sources) {
        if (each.current() == nullptr) continue;
        if (least == nullptr || *each.current() < *least->current()) least = &each;
    }
    return least;
}

}  // namespace

int index_writer::load(MDB_txn* transaction, const handles& in) {
    MDB_cursor* cursor = nullptr;
    int code = mdb_cursor_open(transaction, in.log, &cursor);
    if (code != 0) return code;
    auto young = std::make_shared<young_entries>();
    std::vector<index_entry> block;
    MDB_val name;
    MDB_val value;
    while ((code = mdb_cursor_get(cursor, &name, &value, MDB_NEXT)) == 0) {
        block.clear();
        const auto* const octets = static_cast<const char*>(value.mv_data);
        for (std::size_t at = 0; at + index_entry_bytes <= value.mv_size; at += index_entry_bytes)
            block.push_back(read_entry(octets + at));
        young->add(block);
    }
    mdb_cursor_close(cursor);
    young_ = std::move(young);
    return code == MDB_NOTFOUND ? 0 : code;
}

int index_writer::write(MDB_txn* transaction, const handles& in) {
    is_flushed_ = false;
    credit_after_ = credit_;
    if (fresh_.empty()) return 0;
    const bool is_full = young_->size() + fresh_.size() >= young_max_;
    if (!is_full)
        if (int code = write_log(transaction, in); code != 0) return code;
    // What was saved up is spent little by little; a commit that adds much merges as much.
    const auto earned = fresh_.size() * merged_for_each;
    credit_after_ = std::min(credit_ + earned, std::max(credit_max, earned));
    if (!is_full && credit_after_ < step_min) return 0;
    work now{transaction, in, {}, false, 0, credit_after_};
    int code = open_work(now);
    if (code == 0 && is_full) code = flush(now);
    if (code == 0) code = keep_up(now, std::min(credit_after_, std::max(step_min, 2 * earned)));
    credit_after_ = now.credit;
    return code == 0 ? close_work(now) : code;
}

int index_writer::tidy(MDB_txn* transaction, const handles& in) {
    is_flushed_ = false;
    credit_after_ = credit_;
    work now{transaction, in, {}, false, 0, credit_};
    int code = open_work(now);
    if (code == 0) code = keep_up(now, step_min);
    return code == 0 ? close_work(now) : code;
}

const std::shared_ptr<young_entries>& index_writer::committed() {
    if (is_flushed_)
        young_ = std::make_shared<young_entries>();
    else if (!fresh_.empty())
        young_->add(fresh_);
    is_flushed_ = false;
    fresh_.clear();
    credit_ = credit_after_;
    return young_;
}

int index_writer::open_work(work& now) const {
    const auto number = key{}.u8(static_cast<std::uint8_t>(of_->number));
    MDB_val name = as_value(number);
    MDB_val value;
    const int code = mdb_get(now.transaction, now.in.manifests, &name, &value);
    if (code != 0 && code != MDB_NOTFOUND) return code;
    if (code == 0) {
        auto read = index_manifest::decode(as_view(value));
        if (!read) return MDB_CORRUPTED;
        now.manifest = std::move(*read);
    }
    return read_oldest(now);
}

/// The first record's id, or the greatest number when there is none; not less than where the domain
/// says that the index begins.
int index_writer::read_oldest(work& now) const {
    MDB_cursor* cursor = nullptr;
    int code = mdb_cursor_open(now.transaction, now.in.owner, &cursor);
    if (code != 0) return code;
    MDB_val name;
    MDB_val value;
    code = mdb_cursor_get(cursor, &name, &value, MDB_FIRST);
    now.oldest = code == 0 ? key_reader(as_view(name)).u64() : ~std::uint64_t{0};
    mdb_cursor_close(cursor);
    if (code == 0 && !of_->begins_at.empty()) {
        name = as_value(of_->begins_at);
        code = mdb_get(now.transaction, now.in.meta, &name, &value);
        if (code == 0) now.oldest = std::max(now.oldest, key_reader(as_view(value)).u64());
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

int index_writer::close_work(work& now) const {
    if (!now.is_changed) return 0;
    ++now.manifest.version;
    const auto number = key{}.u8(static_cast<std::uint8_t>(of_->number));
    return put(now.transaction, now.in.manifests, number, now.manifest.encode());
}

int index_writer::write_log(MDB_txn* transaction, const handles& in) {
    MDB_cursor* cursor = nullptr;
    int code = mdb_cursor_open(transaction, in.log, &cursor);
    if (code != 0) return code;
    MDB_val name;
    MDB_val value;
    std::uint64_t sequence = 0;
    code = mdb_cursor_get(cursor, &name, &value, MDB_LAST);
    if (code == 0) sequence = key_reader(as_view(name)).u64() + 1;
    if (code == MDB_NOTFOUND) code = 0;
    std::array<char, index_block_bytes> block;
    for (std::size_t at = 0; at < fresh_.size() && code == 0; ++sequence) {
        std::size_t used = 0;
        for (; at < fresh_.size() && used < block.size(); ++at, used += index_entry_bytes)
            write_entry(fresh_[at], block.data() + used);
        const auto made = key{}.u64(sequence);
        name = as_value(made);
        value = as_value({block.data(), used});
        code = mdb_cursor_put(cursor, &name, &value, MDB_APPEND);
    }
    mdb_cursor_close(cursor);
    return code;
}

/// All young entries, sorted, as a run of the lowest level.
int index_writer::flush(work& now) {
    std::vector<index_entry> all(young_->all().begin(), young_->all().end());
    all.insert(all.end(), fresh_.begin(), fresh_.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    std::erase_if(all, [&](const index_entry& entry) { return entry.id < now.oldest; });
    int code = mdb_drop(now.transaction, now.in.log, 0);
    now.is_changed = true;
    is_flushed_ = true;
    if (code != 0 || all.empty()) return code;
    index_run run;
    code = next_run(now, run.number);
    run.filter_pages = index_filter::pages_for(all.size());
    run_writer out(now.transaction, now.in.blocks, run);
    for (std::size_t i = 0; i < all.size() && code == 0; ++i) {
        code = out.add(all[i]);
        run.count(all[i]);
    }
    if (code == 0) code = out.finish();
    now.manifest.runs.push_back(run);
    return code;
}

/// Run numbers are those of all indexes: their blocks lie in one table.
int index_writer::next_run(const work& now, std::uint32_t& number) {
    const auto counter = key{}.u8(static_cast<std::uint8_t>(index_blocks.number));
    MDB_val name = as_value(counter);
    MDB_val value;
    const int code = mdb_get(now.transaction, now.in.manifests, &name, &value);
    if (code != 0 && code != MDB_NOTFOUND) return code;
    number = code == 0 ? key_reader(as_view(value)).u32() + 1 : 1;
    return put(now.transaction, now.in.manifests, counter, key{}.u32(number));
}

int index_writer::keep_up(work& now, std::size_t budget) {
    auto& manifest = now.manifest;
    const auto before = manifest.runs.size();
    std::erase_if(manifest.runs, [&](const index_run& run) {
        const bool is_old = run.merged_into == 0 && run.id_max < now.oldest;
        if (is_old) manifest.dying.push_back(run.number);
        return is_old;
    });
    now.is_changed = now.is_changed || manifest.runs.size() != before;
    if (int code = start_merges(now); code != 0) return code;
    std::size_t left = budget;
    // The lowest level first: its runs are those that become many.
    std::ranges::sort(manifest.merges, {}, [](const index_merge& one) { return one.output.level; });
    for (auto& each : manifest.merges) {
        if (left < step_min) break;
        if (int code = merge(now, each, left); code != 0) return code;
    }
    std::erase_if(manifest.merges, [](const index_merge& one) { return one.is_done != 0; });
    now.credit -= std::min(now.credit, budget - left);
    const auto blocks = blocks_of_tidying + 2 * (budget - left) / index_block_entries;
    return erase_dying(now, blocks);
}

/// Of each level that has enough runs, the oldest become one.
int index_writer::start_merges(work& now) {
    auto& manifest = now.manifest;
    for (std::uint32_t level = 0; level < level_max; ++level) {
        const bool is_busy = std::ranges::any_of(
            manifest.merges, [&](const index_merge& one) { return one.output.level == level + 1; });
        std::vector<index_run*> sources;
        for (auto& run : manifest.runs)
            if (run.level == level && run.merged_into == 0) sources.push_back(&run);
        if (is_busy || sources.size() < fan_in) continue;
        index_merge made;
        made.output.level = level + 1;
        if (int code = next_run(now, made.output.number); code != 0) return code;
        std::uint64_t entries = 0;
        for (std::size_t i = 0; i < fan_in; ++i) {
            sources[i]->merged_into = made.output.number;
            entries += sources[i]->entries;
        }
        made.output.filter_pages = index_filter::pages_for(entries);
        manifest.merges.push_back(made);
        now.is_changed = true;
    }
    return 0;
}

/// Goes on with one merge for as many entries as `budget` says, which it lowers.
int index_writer::merge(work& now, index_merge& merge, std::size_t& budget) {
    now.is_changed = true;
    auto& runs = now.manifest.runs;
    const auto is_source = [&](const index_run& run) {
        return run.merged_into == merge.output.number;
    };
    std::vector<index_run_reader> sources;
    sources.reserve(fan_in);
    const auto* const after = merge.has_begun != 0 ? &merge.last : nullptr;
    for (const auto& run : runs) {
        if (!is_source(run)) continue;
        auto& source = sources.emplace_back();
        if (int code = source.open(now.transaction, now.in.blocks, run.number, after); code != 0)
            return code;
    }
    run_writer out(now.transaction, now.in.blocks, merge.output);
    if (merge.has_begun != 0)
        if (int code = out.resume(merge.last); code != 0) return code;
    for (; budget > 0; --budget) {
        auto* const least = least_of(sources);
        if (least == nullptr) break;
        const auto entry = *least->current();
        if (int code = least->next(); code != 0) return code;
        const bool is_copy = merge.has_begun != 0 && entry == merge.last;
        merge.last = entry;
        merge.has_begun = 1;
        if (is_copy || entry.id < now.oldest) continue;
        merge.output.count(entry);
        if (int code = out.add(entry); code != 0) return code;
    }
    if (int code = out.finish(); code != 0) return code;
    if (least_of(sources) != nullptr) return 0;
    for (const auto& run : runs)
        if (is_source(run)) now.manifest.dying.push_back(run.number);
    std::erase_if(runs, is_source);
    if (merge.output.entries > 0) runs.push_back(merge.output);
    merge.is_done = 1;
    return 0;
}

int index_writer::erase_dying(work& now, std::size_t blocks) {
    auto& dying = now.manifest.dying;
    if (dying.empty()) return 0;
    MDB_cursor* cursor = nullptr;
    int code = mdb_cursor_open(now.transaction, now.in.blocks, &cursor);
    if (code != 0) return code;
    while (!dying.empty() && code == 0) {
        const auto begin = key{}.u32(dying.front());
        MDB_val name = as_value(begin);
        MDB_val value;
        code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
        if (code == MDB_NOTFOUND || (code == 0 && !as_view(name).starts_with(begin.view()))) {
            dying.erase(dying.begin());
            now.is_changed = true;
            code = 0;
            continue;
        }
        if (code == 0 && blocks-- == 0) break;
        if (code == 0) code = mdb_cursor_del(cursor, 0);
    }
    mdb_cursor_close(cursor);
    return code;
}

}  // namespace hikyaku::store
