#include "gateway/model/records.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace hikyaku::gateway::model {
namespace {

std::string outcome(record::State state, std::int64_t done) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(record::CreateOutcome(builder, state, done));
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

// The worked example of docs/store.md.
TEST(records, golden_bytes) {
    constexpr std::array<unsigned char, 32> expected = {
        0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x10,
        0x00, 0x07, 0x00, 0x08, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x02, 0x60, 0x92, 0xdb, 0x76, 0x9b, 0x01, 0x00, 0x00};
    auto bytes = outcome(record::State::delivered, 1'767'225'660'000);
    EXPECT_EQ(bytes, std::string(reinterpret_cast<const char*>(expected.data()), expected.size()));
}

TEST(records, are_read_at_any_address) {
    auto bytes = outcome(record::State::delivered, 1'767'225'660'000);
    alignas(16) std::array<char, 128> room{};
    store::record_reader reader;
    for (std::size_t shift = 0; shift < 17; ++shift) {
        std::copy(bytes.begin(), bytes.end(), room.begin() + static_cast<std::ptrdiff_t>(shift));
        const auto* found = reader.read<record::Outcome>({room.data() + shift, bytes.size()});
        ASSERT_NE(found, nullptr) << shift;
        EXPECT_EQ(found->state(), record::State::delivered);
        EXPECT_EQ(found->done(), 1'767'225'660'000);
        bool aligned = shift % 8 == 0;
        const auto* address = reinterpret_cast<const char*>(found);
        bool inside = address >= room.data() && address < room.data() + room.size();
        EXPECT_EQ(inside, aligned) << shift;  // copied only when it must be
    }
}

TEST(records, a_value_that_is_no_record_is_refused) {
    auto bytes = outcome(record::State::delivered, 1);
    store::record_reader reader;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(reader.read<record::Outcome>(std::string_view(bytes).substr(0, size)), nullptr)
            << size;
    }
    for (char filling : {'\0', '\1', '\x7F', '\xFF'})
        EXPECT_EQ(reader.read<record::Outcome>(std::string(bytes.size(), filling)), nullptr);
    // A Link without its required target.
    flatbuffers::FlatBufferBuilder builder;
    auto start = builder.StartTable();
    builder.Finish(flatbuffers::Offset<record::Link>(builder.EndTable(start)));
    std::string link(reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize());
    EXPECT_EQ(reader.read<record::Link>(link), nullptr);
}

}  // namespace
}  // namespace hikyaku::gateway::model
