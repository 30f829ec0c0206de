#include "golden.hpp"

#include <array>

#include "hex.hpp"

namespace hikyaku::smpp {
namespace {

constexpr std::array all{
    golden_pdu{"bind_transmitter",
               "00000027 00000002 00000000 00000001"
               "'appl' 00 'secret' 00 'SMPP' 00 34 01 02 '44' 00",
               "bind_transmitter ESME_ROK 1 | system_id=\"appl\" password=\"secret\" "
               "system_type=\"SMPP\" interface_version=52 addr_ton=1 addr_npi=2 "
               "address_range=\"44\" |"},
    golden_pdu{"bind_receiver, all empty",
               "00000017 00000001 00000000 00000000 00 00 00 33 00 00 00",
               "bind_receiver ESME_ROK 0 | system_id=\"\" password=\"\" system_type=\"\" "
               "interface_version=51 addr_ton=0 addr_npi=0 address_range=\"\" |"},
    golden_pdu{"bind_transceiver",
               "00000019 00000009 00000000 FFFFFFFF 'a' 00 'b' 00 00 34 0000 00",
               "bind_transceiver ESME_ROK 4294967295 | system_id=\"a\" password=\"b\" "
               "system_type=\"\" interface_version=52 addr_ton=0 addr_npi=0 address_range=\"\" |"},
    golden_pdu{"bind_transmitter_resp",
               "0000001A 80000002 00000000 00000001 'smsc' 00 0210 0001 34",
               "bind_transmitter_resp ESME_ROK 1 | system_id=\"smsc\" | 0210=34"},
    golden_pdu{"bind_receiver_resp, refused", "00000010 80000001 0000000E 00000002",
               "bind_receiver_resp ESME_RINVPASWD 2 | system_id=\"\" |"},
    golden_pdu{"bind_transceiver_resp", "00000012 80000009 00000000 00000003 'x' 00",
               "bind_transceiver_resp ESME_ROK 3 | system_id=\"x\" |"},
    golden_pdu{"outbind", "00000018 0000000B 00000000 00000004 'smsc' 00 'pw' 00",
               "outbind ESME_ROK 4 | system_id=\"smsc\" password=\"pw\" |"},
    golden_pdu{"unbind", "00000010 00000006 00000000 00000005", "unbind ESME_ROK 5 | |"},
    golden_pdu{"unbind_resp", "00000010 80000006 00000000 00000005", "unbind_resp ESME_ROK 5 | |"},
    golden_pdu{"enquire_link", "00000010 00000015 00000000 00000006",
               "enquire_link ESME_ROK 6 | |"},
    golden_pdu{"enquire_link_resp", "00000010 80000015 00000000 00000006",
               "enquire_link_resp ESME_ROK 6 | |"},
    golden_pdu{"generic_nack", "00000010 80000000 00000003 00000007",
               "generic_nack ESME_RINVCMDID 7 | |"},
    golden_pdu{"submit_sm",
               "0000006C 00000004 00000000 00000008"
               "'CMT' 00 05 00 'Dunning' 00 01 01 '447700900001' 00 40 7F 01"
               "'260101120000004+' 00 '000001000000000R' 00 01 00 08 00"
               "08 050003 2A0201 'Hi' 0204 0002 1234 1400 0003 010203",
               "submit_sm ESME_ROK 8 | service_type=\"CMT\" source_addr_ton=5 source_addr_npi=0 "
               "source_addr=\"Dunning\" dest_addr_ton=1 dest_addr_npi=1 "
               "destination_addr=\"447700900001\" esm_class=64 protocol_id=127 priority_flag=1 "
               "schedule_delivery_time=\"260101120000004+\" validity_period=\"000001000000000R\" "
               "registered_delivery=1 replace_if_present_flag=0 data_coding=8 sm_default_msg_id=0 "
               "sm_length=8 short_message=0500032a02014869 | 0204=1234 1400=010203"},
    golden_pdu{"submit_sm_resp", "00000016 80000004 00000000 00000008 '12345' 00",
               "submit_sm_resp ESME_ROK 8 | message_id=\"12345\" |"},
    golden_pdu{"deliver_sm",
               "0000004A 00000005 00000000 00000009"
               "00 01 01 '447700900001' 00 05 00 'Dunning' 00 04 00 00 00 00 01 02 03 04 00"
               "001E 0006 '12345' 00 0427 0001 02 0423 0003 030000",
               "deliver_sm ESME_ROK 9 | service_type=\"\" source_addr_ton=1 source_addr_npi=1 "
               "source_addr=\"447700900001\" dest_addr_ton=5 dest_addr_npi=0 "
               "destination_addr=\"Dunning\" esm_class=4 protocol_id=0 priority_flag=0 "
               "schedule_delivery_time=\"\" validity_period=\"\" registered_delivery=1 "
               "replace_if_present_flag=2 data_coding=3 sm_default_msg_id=4 sm_length=0 "
               "short_message= | 001e=313233343500 0427=02 0423=030000"},
    golden_pdu{"deliver_sm_resp", "00000011 80000005 00000000 00000009 00",
               "deliver_sm_resp ESME_ROK 9 | message_id=\"\" |"},
    golden_pdu{"data_sm",
               "00000031 00000103 00000000 0000000A"
               "00 01 01 '447700900001' 00 02 08 '1000' 00 05 06 04 0424 0003 414243",
               "data_sm ESME_ROK 10 | service_type=\"\" source_addr_ton=1 source_addr_npi=1 "
               "source_addr=\"447700900001\" dest_addr_ton=2 dest_addr_npi=8 "
               "destination_addr=\"1000\" esm_class=5 registered_delivery=6 data_coding=4 | "
               "0424=414243"},
    golden_pdu{"data_sm_resp", "00000018 80000103 00000000 0000000A 'A1' 00 0425 0001 01",
               "data_sm_resp ESME_ROK 10 | message_id=\"A1\" | 0425=01"},
    golden_pdu{"submit_multi",
               "0000002F 00000021 00000000 0000000B"
               "00 00 00 00 02 01 01 02 '4411' 00 02 'team' 00 01 02 03 00 00 04 05 06 07 02 'Hi'",
               "submit_multi ESME_ROK 11 | service_type=\"\" source_addr_ton=0 source_addr_npi=0 "
               "source_addr=\"\" number_of_dests=2 dest_address=[1:1:2:4411 2:0:0:team] "
               "esm_class=1 protocol_id=2 priority_flag=3 schedule_delivery_time=\"\" "
               "validity_period=\"\" registered_delivery=4 replace_if_present_flag=5 "
               "data_coding=6 sm_default_msg_id=7 sm_length=2 short_message=4869 |"},
    golden_pdu{"submit_multi_resp",
               "00000020 80000021 00000000 0000000B 'id7' 00 01 01 02 '4411' 00 0000000B",
               "submit_multi_resp ESME_ROK 11 | message_id=\"id7\" no_unsuccess=1 "
               "unsuccess_sme=[1:2:4411:ESME_RINVDSTADR] |"},
    golden_pdu{"query_sm", "0000001B 00000003 00000000 0000000C '12345' 00 01 02 '44' 00",
               "query_sm ESME_ROK 12 | message_id=\"12345\" source_addr_ton=1 source_addr_npi=2 "
               "source_addr=\"44\" |"},
    golden_pdu{"query_sm_resp",
               "00000029 80000003 00000000 0000000C '12345' 00 '260101120000000+' 00 02 07",
               "query_sm_resp ESME_ROK 12 | message_id=\"12345\" final_date=\"260101120000000+\" "
               "message_state=2 error_code=7 |"},
    golden_pdu{"cancel_sm",
               "00000023 00000008 00000000 0000000D 00 '12345' 00 01 02 '44' 00 03 04 '4411' 00",
               "cancel_sm ESME_ROK 13 | service_type=\"\" message_id=\"12345\" source_addr_ton=1 "
               "source_addr_npi=2 source_addr=\"44\" dest_addr_ton=3 dest_addr_npi=4 "
               "destination_addr=\"4411\" |"},
    golden_pdu{"cancel_sm_resp", "00000010 80000008 00000011 0000000D",
               "cancel_sm_resp ESME_RCANCELFAIL 13 | |"},
    golden_pdu{"replace_sm",
               "00000033 00000007 00000000 0000000E"
               "'12345' 00 01 02 '44' 00 00 '000000010000000R' 00 01 05 03 'new'",
               "replace_sm ESME_ROK 14 | message_id=\"12345\" source_addr_ton=1 source_addr_npi=2 "
               "source_addr=\"44\" schedule_delivery_time=\"\" "
               "validity_period=\"000000010000000R\" registered_delivery=1 sm_default_msg_id=5 "
               "sm_length=3 short_message=6e6577 |"},
    golden_pdu{"replace_sm_resp", "00000010 80000007 00000000 0000000E",
               "replace_sm_resp ESME_ROK 14 | |"},
    golden_pdu{"alert_notification",
               "00000023 00000102 00000000 0000000F 01 02 '4411' 00 03 04 'esme' 00 0422 0001 01",
               "alert_notification ESME_ROK 15 | source_addr_ton=1 source_addr_npi=2 "
               "source_addr=\"4411\" esme_addr_ton=3 esme_addr_npi=4 esme_addr=\"esme\" | 0422=01"},
    golden_pdu{"broadcast_sm",
               "0000004E 00000111 00000000 00000010"
               "'CBS' 00 01 02 '1000' 00 00 03 00 '000001000000000R' 00 01 08 05"
               "0606 0004 00 'JP1' 0601 0003 01 0010 0604 0002 0003 0605 0003 09 0005",
               "broadcast_sm ESME_ROK 16 | service_type=\"CBS\" source_addr_ton=1 "
               "source_addr_npi=2 source_addr=\"1000\" message_id=\"\" priority_flag=3 "
               "schedule_delivery_time=\"\" validity_period=\"000001000000000R\" "
               "replace_if_present_flag=1 data_coding=8 sm_default_msg_id=5 | "
               "0606=004a5031 0601=010010 0604=0003 0605=090005"},
    golden_pdu{"broadcast_sm_resp",
               "00000023 80000111 00000000 00000010 'B1' 00 0607 0004 00000109 0606 0004 00 'XX1'",
               "broadcast_sm_resp ESME_ROK 16 | message_id=\"B1\" | 0607=00000109 0606=00585831"},
    golden_pdu{"query_broadcast_sm",
               "00000020 00000112 00000000 00000011 'B1' 00 01 02 '1000' 00 0204 0002 0007",
               "query_broadcast_sm ESME_ROK 17 | message_id=\"B1\" source_addr_ton=1 "
               "source_addr_npi=2 source_addr=\"1000\" | 0204=0007"},
    golden_pdu{"query_broadcast_sm_resp",
               "0000003A 80000112 00000000 00000011 'B1' 00 0427 0001 02 0606 0004 00 'JP1'"
               "0608 0001 64 0609 0011 '260101120000000+' 00",
               "query_broadcast_sm_resp ESME_ROK 17 | message_id=\"B1\" | 0427=02 0606=004a5031 "
               "0608=64 0609=3236303130313132303030303030302b00"},
    golden_pdu{"cancel_broadcast_sm",
               "00000025 00000113 00000000 00000012 'CBS' 00 'B1' 00 01 02 '1000' 00"
               "0601 0003 01 0010",
               "cancel_broadcast_sm ESME_ROK 18 | service_type=\"CBS\" message_id=\"B1\" "
               "source_addr_ton=1 source_addr_npi=2 source_addr=\"1000\" | 0601=010010"},
    golden_pdu{"cancel_broadcast_sm_resp", "00000010 80000113 0000010F 00000012",
               "cancel_broadcast_sm_resp ESME_RBCASTCANCELFAIL 18 | |"},
};

/// One overload per type a visitor may meet; a type outside of these would not compile.
struct field_printer {
    std::string& out;

    void operator()(std::string_view name, std::uint8_t value) {
        put(name, std::to_string(int{value}));
    }
    void operator()(std::string_view name, std::string_view value) {
        put(name, '"' + std::string(value) + '"');
    }
    void operator()(std::string_view name, octet_view value) { put(name, to_hex(value)); }
    void operator()(std::string_view name, const dest_address_list& value) {
        std::string items;
        for (const dest_address& item : value) {
            if (!items.empty()) items += ' ';
            items += std::to_string(item.dest_flag) + ':' + std::to_string(item.dest_addr_ton) +
                     ':' + std::to_string(item.dest_addr_npi) + ':';
            items += item.destination_addr;
        }
        put(name, '[' + items + ']');
    }
    void operator()(std::string_view name, const unsuccess_sme_list& value) {
        std::string items;
        for (const unsuccess_sme& item : value) {
            if (!items.empty()) items += ' ';
            items +=
                std::to_string(item.dest_addr_ton) + ':' + std::to_string(item.dest_addr_npi) + ':';
            items += item.destination_addr;
            items += ':';
            items += name_of(item.error_status_code);
        }
        put(name, '[' + items + ']');
    }
    void put(std::string_view name, const std::string& value) {
        out += ' ';
        out += name;
        out += '=' + value;
    }
};

}  // namespace

std::span<const golden_pdu> golden_pdus() {
    return all;
}

std::string describe(const pdu& whole) {
    const pdu_header& header = whole.header;
    std::string out(name_of(header.command_id));
    out += ' ';
    out += name_of(header.command_status);
    out += ' ' + std::to_string(header.sequence_number) + " |";
    for_each_field(whole, field_printer{out});
    out += " |";
    for (const tlv& entry : whole.tlvs) {
        const std::array<std::uint8_t, 2> tag_octets{static_cast<std::uint8_t>(entry.tag >> 8),
                                                     static_cast<std::uint8_t>(entry.tag)};
        out += ' ' + to_hex(tag_octets) + '=' + to_hex(entry.value);
    }
    return out;
}

}  // namespace hikyaku::smpp
