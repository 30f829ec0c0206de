#include "smpp/pdu/lists.hpp"

namespace hikyaku::smpp {
namespace {

constexpr std::size_t address_octets_max = 21;  // with its NUL; dl_name has the same

bool fits(std::string_view text) {
    return text.size() < address_octets_max && text.find('\0') == std::string_view::npos;
}

void append_text(std::vector<std::uint8_t>& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
    out.push_back(0);
}

}  // namespace

command_status dest_address::take(octet_reader& in, dest_address& out) {
    out = {};
    if (!in.take_u8(out.dest_flag)) return command_status::esme_rinvmsglen;
    if (out.dest_flag == dest_flag_address) {
        if (!in.take_u8(out.dest_addr_ton) || !in.take_u8(out.dest_addr_npi))
            return command_status::esme_rinvmsglen;
    } else if (out.dest_flag != dest_flag_distribution_list) {
        return command_status::esme_rinvdestflag;
    }
    return in.take_cstring(address_octets_max, out.destination_addr)
               ? command_status::esme_rok
               : command_status::esme_rinvparlen;
}

bool dest_address::append_to(std::vector<std::uint8_t>& out) const {
    const bool address = dest_flag == dest_flag_address;
    if (!fits(destination_addr) || (!address && dest_flag != dest_flag_distribution_list))
        return false;
    out.push_back(dest_flag);
    if (address) {
        out.push_back(dest_addr_ton);
        out.push_back(dest_addr_npi);
    }
    append_text(out, destination_addr);
    return true;
}

command_status unsuccess_sme::take(octet_reader& in, unsuccess_sme& out) {
    out = {};
    if (!in.take_u8(out.dest_addr_ton) || !in.take_u8(out.dest_addr_npi))
        return command_status::esme_rinvmsglen;
    if (!in.take_cstring(address_octets_max, out.destination_addr))
        return command_status::esme_rinvparlen;
    std::uint32_t code = 0;
    if (!in.take_u32(code)) return command_status::esme_rinvmsglen;
    out.error_status_code = static_cast<command_status>(code);
    return command_status::esme_rok;
}

bool unsuccess_sme::append_to(std::vector<std::uint8_t>& out) const {
    if (!fits(destination_addr)) return false;
    out.push_back(dest_addr_ton);
    out.push_back(dest_addr_npi);
    append_text(out, destination_addr);
    const auto code = static_cast<std::uint32_t>(error_status_code);
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(code >> shift));
    return true;
}

}  // namespace hikyaku::smpp
