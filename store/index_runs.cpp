#include "store/index_runs.hpp"

#include <lmdb.h>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "store/lmdb_values.hpp"

namespace hikyaku::store {

namespace {

constexpr std::uint8_t filter_kind = 0, entries_kind = 1;
constexpr std::size_t line_bytes = 64;
constexpr std::size_t words_of_line = 8;

__extension__ using wide = unsigned __int128;

std::uint64_t high_half(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((wide{a} * b) >> 64);
}

// Where a hash is in its page: within a page all hashes begin alike.
struct filter_place {
    std::size_t line = 0;
    std::uint64_t bits = 0;  // six for each word

    explicit filter_place(std::uint64_t hash) {
        const auto mixed = (hash ^ hash >> 31) * 0x9E3779B97F4A7C15ULL;
        line = high_half(mixed, index_filter::lines);
        bits = (mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9ULL >> 8;
    }
    [[nodiscard]] std::uint64_t mask(std::size_t word) const {
        return std::uint64_t{1} << (bits >> (6 * word) & 63);
    }
};

key run_prefix(std::uint32_t run, std::uint8_t kind) {
    key made;
    made.u32(run).u8(kind);
    return made;
}

// Fixed-size parts, one behind the other.
template <class Part>
void append(std::string& into, const std::vector<Part>& parts) {
    static_assert(std::is_trivially_copyable_v<Part>);
    const auto count = static_cast<std::uint32_t>(parts.size());
    into.append(reinterpret_cast<const char*>(&count), sizeof count);
    into.append(reinterpret_cast<const char*>(parts.data()), parts.size() * sizeof(Part));
}
template <class Part>
bool take(std::string_view& from, std::vector<Part>& parts) {
    std::uint32_t count = 0;
    if (from.size() < sizeof count) return false;
    std::memcpy(&count, from.data(), sizeof count);
    from.remove_prefix(sizeof count);
    if (from.size() / sizeof(Part) < count) return false;
    parts.resize(count);
    if (count > 0) std::memcpy(parts.data(), from.data(), count * sizeof(Part));
    from.remove_prefix(count * sizeof(Part));
    return true;
}
static_assert(sizeof(index_run) == 40 && sizeof(index_merge) == 72);

}  // namespace

void index_run::count(const index_entry& entry) {
    ++entries;
    id_min = std::min(id_min, entry.id);
    id_max = std::max(id_max, entry.id);
}

std::string index_manifest::encode() const {
    std::string octets(reinterpret_cast<const char*>(&version), sizeof version);
    append(octets, runs);
    append(octets, merges);
    append(octets, dying);
    return octets;
}

std::optional<index_manifest> index_manifest::decode(std::string_view octets) {
    index_manifest made;
    if (octets.size() < sizeof made.version) return {};
    std::memcpy(&made.version, octets.data(), sizeof made.version);
    octets.remove_prefix(sizeof made.version);
    const bool whole = take(octets, made.runs) && take(octets, made.merges) &&
                       take(octets, made.dying) && octets.empty();
    return whole ? std::optional(std::move(made)) : std::nullopt;
}

key index_block_key(std::uint32_t run, const index_entry& last) {
    return run_prefix(run, entries_kind).u64(last.hash).u64(last.id).u32(last.tag);
}

key index_filter_key(std::uint32_t run, std::uint32_t page) {
    return run_prefix(run, filter_kind).u32(page);
}

std::uint32_t index_filter::pages_for(std::uint64_t entries) {
    return static_cast<std::uint32_t>(
        std::max<std::uint64_t>(1, (entries + entries_of_page - 1) / entries_of_page));
}

std::uint32_t index_filter::page_of(std::uint64_t hash, std::uint32_t pages) {
    return static_cast<std::uint32_t>(high_half(hash, pages));
}

void index_filter::add(std::uint64_t hash) {
    const filter_place place(hash);
    for (std::size_t word = 0; word < words_of_line; ++word)
        words_[place.line * words_of_line + word] |= place.mask(word);
}

bool index_filter::load(std::string_view octets) {
    if (octets.size() != sizeof words_) return false;
    std::memcpy(words_.data(), octets.data(), sizeof words_);
    return true;
}

std::string_view index_filter::octets() const {
    return {reinterpret_cast<const char*>(words_.data()), sizeof words_};
}

bool index_filter::may_have(std::string_view page, std::uint64_t hash) {
    const filter_place place(hash);
    std::array<std::uint64_t, words_of_line> line{};
    std::memcpy(line.data(), page.data() + place.line * line_bytes, line_bytes);
    for (std::size_t word = 0; word < words_of_line; ++word)
        if ((line[word] & place.mask(word)) == 0) return false;
    return true;
}

namespace {

// The entries of the hash in one run, from its last one backwards.
int find_backwards(MDB_cursor* cursor, std::uint32_t run, std::uint64_t hash, std::size_t limit,
                   std::vector<index_entry>& into) {
    const auto first = index_block_key(run, {hash, 0, 0});
    const auto last = index_block_key(run, {hash, ~std::uint64_t{0}, ~std::uint32_t{0}});
    MDB_val name = as_value(last);
    MDB_val value;
    const auto prefix = run_prefix(run, entries_kind);
    int code = mdb_cursor_get(cursor, &name, &value, MDB_SET_RANGE);
    // The last block may begin with entries of the hash and end with others of a greater one.
    const bool is_behind = code == MDB_NOTFOUND || !as_view(name).starts_with(prefix.view());
    if (code == MDB_NOTFOUND)
        code = mdb_cursor_get(cursor, &name, &value, MDB_LAST);
    else if (code == 0 && is_behind)
        code = mdb_cursor_get(cursor, &name, &value, MDB_PREV);
    std::size_t found = 0;
    for (; code == 0 && found < limit; code = mdb_cursor_get(cursor, &name, &value, MDB_PREV)) {
        const auto at = as_view(name);
        if (!at.starts_with(prefix.view()) || at < first.view()) return 0;
        if (value.mv_size % index_entry_bytes != 0) return MDB_CORRUPTED;
        const auto* const octets = static_cast<const char*>(value.mv_data);
        std::size_t begin = 0, end = value.mv_size / index_entry_bytes;
        const auto count = end;
        while (begin < end) {  // the first entry of a greater hash
            const auto middle = begin + (end - begin) / 2;
            if (read_entry(octets + middle * index_entry_bytes).hash <= hash)
                begin = middle + 1;
            else
                end = middle;
        }
        for (auto place = begin; place > 0 && found < limit; --place, ++found) {
            const auto entry = read_entry(octets + (place - 1) * index_entry_bytes);
            if (entry.hash != hash) return 0;
            into.push_back(entry);
        }
        if (count == 0) return MDB_CORRUPTED;
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

}  // namespace

// The view that the transaction has of the runs: the last one, as a rule.
int index_search::look_at(const place& in, std::shared_ptr<const view>& found) {
    const auto number = key{}.u8(static_cast<std::uint8_t>(index_));
    MDB_val name = as_value(number);
    MDB_val value;
    const int code = mdb_get(in.transaction, in.manifests, &name, &value);
    if (code != 0) return code == MDB_NOTFOUND ? 0 : code;
    std::uint64_t version = 0;
    if (value.mv_size < sizeof version) return MDB_CORRUPTED;
    std::memcpy(&version, value.mv_data, sizeof version);
    std::shared_ptr<const view> last;
    {
        const std::lock_guard guard(mutex_);
        last = view_;
    }
    if (last && last->version == version) {
        found = std::move(last);
        return 0;
    }
    const auto manifest = index_manifest::decode(as_view(value));
    if (!manifest) return MDB_CORRUPTED;
    auto made = std::make_shared<view>();
    made->version = version;
    for (const auto& run : manifest->runs) {
        std::shared_ptr<known_run> same;
        if (last)
            for (const auto& each : last->runs)
                if (each->number == run.number) same = each;
        made->runs.push_back(same ? std::move(same) : std::make_shared<known_run>(run));
    }
    found = made;
    const std::lock_guard guard(mutex_);
    if (!view_ || view_->version < version) view_ = std::move(made);
    return 0;
}

int index_search::may_have(const place& in, known_run& run, std::uint64_t hash, bool& may) {
    static constexpr std::array<char, index_filter::bytes> nothing{};  // no page, no entry
    const auto page = index_filter::page_of(hash, run.pages);
    auto& at = run.places[page];
    const char* octets = at.load(std::memory_order_relaxed);
    if (octets == nullptr) {
        const auto key = index_filter_key(run.number, page);
        MDB_val name = as_value(key);
        MDB_val value;
        const int code = mdb_get(in.transaction, in.blocks, &name, &value);
        if (code != 0 && code != MDB_NOTFOUND) return code;
        if (code == 0 && value.mv_size != nothing.size()) return MDB_CORRUPTED;
        octets = code == 0 ? static_cast<const char*>(value.mv_data) : nothing.data();
        at.store(octets, std::memory_order_relaxed);
    }
    may = index_filter::may_have({octets, nothing.size()}, hash);
    return 0;
}

int index_search::find(const place& in, std::uint64_t hash, std::size_t limit,
                       std::vector<index_entry>& into) {
    std::shared_ptr<const view> known;
    int code = look_at(in, known);
    if (code != 0 || !known) return code;
    MDB_cursor* cursor = nullptr;
    for (const auto& run : known->runs) {
        bool may = false;
        code = may_have(in, *run, hash, may);
        if (code == 0 && !may) continue;
        if (code == 0 && cursor == nullptr)
            code = mdb_cursor_open(in.transaction, in.blocks, &cursor);
        if (code == 0) code = find_backwards(cursor, run->number, hash, limit, into);
        if (code != 0) break;
    }
    if (cursor != nullptr) mdb_cursor_close(cursor);
    return code;
}

index_run_reader::index_run_reader(index_run_reader&& other) noexcept
    : cursor_(std::exchange(other.cursor_, nullptr)),
      run_(other.run_),
      block_(std::move(other.block_)),
      place_(other.place_) {}

index_run_reader::~index_run_reader() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
}

int index_run_reader::open(MDB_txn* transaction, unsigned blocks, std::uint32_t run,
                           const index_entry* after) {
    run_ = run;
    if (int code = mdb_cursor_open(transaction, blocks, &cursor_); code != 0) return code;
    const auto from =
        after != nullptr ? index_block_key(run, *after) : index_block_key(run, index_entry{});
    if (int code = load(MDB_SET_RANGE, from); code != 0) return code;
    if (after == nullptr) return 0;
    place_ = static_cast<std::size_t>(std::upper_bound(block_.begin(), block_.end(), *after) -
                                      block_.begin());
    return place_ < block_.size() || block_.empty() ? 0 : load(MDB_NEXT, {});
}

int index_run_reader::next() {
    return ++place_ < block_.size() ? 0 : load(MDB_NEXT, {});
}

// Leaves no block at the end of the run.
int index_run_reader::load(int operation, std::string_view from) {
    block_.clear();
    place_ = 0;
    MDB_val name = as_value(from);
    MDB_val value;
    const int code = mdb_cursor_get(cursor_, &name, &value, static_cast<MDB_cursor_op>(operation));
    if (code == MDB_NOTFOUND) return 0;
    if (code != 0) return code;
    if (!as_view(name).starts_with(run_prefix(run_, entries_kind).view())) return 0;
    if (value.mv_size == 0 || value.mv_size % index_entry_bytes != 0) return MDB_CORRUPTED;
    const auto* const octets = static_cast<const char*>(value.mv_data);
    for (std::size_t at = 0; at < value.mv_size; at += index_entry_bytes)
        block_.push_back(read_entry(octets + at));
    return 0;
}

}  // namespace hikyaku::store
