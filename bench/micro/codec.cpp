// How long one submit_sm takes through the decoder and through the encoder.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "smpp/pdu/decode.hpp"
#include "smpp/pdu/encode.hpp"

namespace {

using namespace hikyaku;

constexpr std::string_view sample_text =
    "Reminder: invoice 2024-1188 over 12,800 JPY is due on Friday. Details: "
    "https://pay.example/aB3dE5fG7h";

smpp::pdu sample() {
    smpp::submit_sm body;
    body.source_addr_ton = 5;
    body.source_addr = "Hikyaku";
    body.dest_addr_ton = 1;
    body.dest_addr_npi = 1;
    body.destination_addr = "819012345678";
    body.registered_delivery = 1;
    body.short_message = {reinterpret_cast<const std::uint8_t*>(sample_text.data()),
                          sample_text.size()};
    return smpp::make_pdu(7, body);
}

void encode_submit_sm(benchmark::State& state) {
    const smpp::pdu whole = sample();
    std::vector<std::uint8_t> out;
    for (auto _ : state) {
        out.clear();
        const auto written = smpp::encode(out, whole);
        if (!written) state.SkipWithError("not encoded");
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(encode_submit_sm);

void decode_submit_sm(benchmark::State& state) {
    std::vector<std::uint8_t> bytes;
    if (!smpp::encode(bytes, sample())) std::abort();
    for (auto _ : state) {
        const smpp::decode_result decoded = smpp::decode(bytes);
        if (!decoded.ok()) state.SkipWithError("not decoded");
        benchmark::DoNotOptimize(decoded.consumed);
    }
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(decode_submit_sm);

}  // namespace
