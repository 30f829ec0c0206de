// Receipts as carriers write them: any text is scanned without reading beyond it, what we write is
// read back, and the engine's reading of a receipt with any TLVs keeps its promises.
#include <cassert>
#include <string>

#include "gateway/engine/receiving/carrier_receipt.hpp"
#include "gateway/engine/receiving/receipt_evidence.hpp"
#include "smpp/text/receipt.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku {
namespace {

bool lies_in(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void scan(std::string_view text) {
    const auto fields = smpp::text::scan_receipt(text);
    for (const auto& field : {fields.id, fields.sub, fields.dlvrd, fields.submit_date,
                              fields.done_date, fields.stat, fields.err, fields.text})
        if (field) assert(lies_in(*field, text));
    if (fields.done_date) (void)smpp::text::parse_receipt_date(*fields.done_date);
    assert(smpp::text::parse_receipt(text).has_value() == smpp::text::is_receipt(fields));
}

void write_and_read(fuzz::fuzz_input input) {
    constexpr std::string_view letters = "0123456789ABCDEFabcdef-";
    std::string id;
    for (const std::uint8_t octet : input.bytes(1 + input.choose(64)))
        id.push_back(letters[octet % letters.size()]);
    if (id.empty()) return;
    smpp::text::receipt_fields fields;
    fields.id = id;
    fields.sub = static_cast<std::uint16_t>(1 + input.number(2) % 999);
    fields.dlvrd = static_cast<std::uint16_t>(input.number(2) % 1000);
    fields.submit_date = fields.done_date =
        std::chrono::sys_seconds(std::chrono::seconds(input.number(4)));
    fields.dates = static_cast<smpp::text::receipt_date_form>(input.choose(3));
    char buffer[smpp::text::receipt_octets_max];
    const auto written = smpp::text::write_receipt(buffer, fields);
    assert(written.has_value());
    const auto back = smpp::text::parse_receipt(*written);
    assert(back.has_value() && back->id == id);
}

void read_by_engine(fuzz::fuzz_input input) {
    gateway::carrier_message message;
    message.esm_class = input.u8();
    message.data_coding = input.u8();
    const auto raw = input.bytes(input.u8());
    message.tlvs = smpp::tlv_list::parse(raw).value_or(smpp::tlv_list{});
    message.octets = input.rest();
    if (gateway::kind_of(message) != gateway::carrier_message_kind::receipt) return;
    const auto receipt = gateway::read_receipt(message);
    if (receipt.final) assert(gateway::is_final(receipt.state));
    (void)gateway::read_content(message);
    // Any two addresses, which are the halves of the text.
    const std::string_view text(reinterpret_cast<const char*>(message.octets.data()),
                                message.octets.size());
    const auto one = text.substr(0, text.size() / 2), second = text.substr(text.size() / 2);
    assert(gateway::compare_phones(one, second).what == gateway::compare_phones(second, one).what);
    assert(gateway::compare_senders(one, second) == gateway::compare_senders(second, one));
    const auto evidence = gateway::weigh_addresses(one, second, {one, {}, second, {}});
    assert(evidence.phone != gateway::verdict::differs);
    for (const auto form :
         {config::message_id_form::automatic, config::message_id_form::text,
          config::message_id_form::hexadecimal, config::message_id_form::decimal}) {
        for (const auto other :
             {config::message_id_form::automatic, config::message_id_form::text,
              config::message_id_form::hexadecimal, config::message_id_form::decimal}) {
            const auto candidates = gateway::candidate_ids(receipt.id, form, other);
            assert(candidates.count <= candidates.forms.size());
        }
        (void)gateway::canonical_id(receipt.id, form);
    }
}

}  // namespace
}  // namespace hikyaku

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hikyaku;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    scan(text);
    write_and_read(fuzz::fuzz_input(data, size));
    read_by_engine(fuzz::fuzz_input(data, size));
    return 0;
}
