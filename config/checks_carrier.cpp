// The checks of [[carrier]].
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/checks.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

constexpr std::size_t address_range_chars_max = 40;  // SMPP 3.4, 5.2.7: 41 octets with the NUL
constexpr std::uint8_t first_version_with_tlvs = 0x34;

bool all_digits(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view name_of(tlv_action action) {
    constexpr std::string_view names[] = {"pass", "add", "require", "drop"};
    return names[static_cast<std::size_t>(action)];
}

class carrier_checker {
public:
    carrier_checker(const carrier& c, std::string path, reader& r)
        : c_(c), r_(r), path_(std::move(path)), title_(fmt::format("carrier '{}'", c.name)) {}

    void run() {
        check_hosts();
        check_timers();
        check_tls();
        check_version();
        check_outbind();
        check_address_rules();
        check_tlv_rules();
        check_text();
        warn_about_the_rest();
    }

private:
    [[nodiscard]] std::string at(std::string_view key) const {
        return fmt::format("{}.{}", path_, key);
    }
    [[nodiscard]] bool seen(std::string_view key) const { return r_.seen(at(key)); }
    void fault(std::string_view key, std::string_view predicate) {
        r_.fault_at(at(key), fmt::format("{} {}", title_, predicate));
    }
    void warn(std::string_view key, std::string_view predicate) {
        r_.warn_at(at(key), fmt::format("{} {}", title_, predicate));
    }

    void check_hosts() {
        // Whoever only takes the carrier's calls has nowhere to connect to.
        const bool called = c_.outbind_listen || r_.has_fault_at(at("outbind_listen"));
        if (c_.hosts.empty() && !r_.has_fault_at(at("hosts"))) {
            if (called && c_.bind != bind_type::receiver && !r_.has_fault_at(at("bind")))
                fault("hosts",
                      "needs 'hosts' to connect to, or bind = \"receiver\" if only the carrier "
                      "connects ('outbind_listen')");
            else if (!called && seen("hosts"))
                fault("hosts", "has no host");
            else if (!called)
                r_.fault_at(path_, "[[carrier]] needs 'hosts'");
        }
        if (c_.address_range.size() > address_range_chars_max)
            fault("address_range", "has an 'address_range' of more than 40 characters");
    }

    void check_timers() {
        if (c_.reconnect_min > c_.reconnect_max)
            fault(
                seen("reconnect_min") ? "reconnect_min" : "reconnect_max",
                fmt::format("has a 'reconnect_min' ({}) longer than 'reconnect_max' ({})",
                            format_duration(c_.reconnect_min), format_duration(c_.reconnect_max)));
        for (const auto& [status, rule] : c_.retries)
            if (rule.delay > rule.delay_max)
                fault("retry", fmt::format("has a retry rule for status 0x{:08X} with a 'delay' "
                                           "({}) longer than 'delay_max' ({})",
                                           status, format_duration(rule.delay),
                                           format_duration(rule.delay_max)));
        if (seen("window_delay_target") && !c_.window_adaptive)
            warn("window_delay_target",
                 "has a 'window_delay_target' that nothing uses: window_adaptive is false");
        else if (seen("window_delay_target") && c_.window_delay_target >= c_.response_timeout)
            warn("window_delay_target",
                 fmt::format("has a 'window_delay_target' ({}) that is not shorter than "
                             "'response_timeout' ({}): delays never make its window smaller",
                             format_duration(c_.window_delay_target),
                             format_duration(c_.response_timeout)));
    }

    void check_tls() {
        if (c_.tls_certificate.empty() != c_.tls_private_key.empty() &&
            !r_.has_fault_at(at("tls_certificate")) && !r_.has_fault_at(at("tls_private_key")))
            fault(c_.tls_certificate.empty() ? "tls_private_key" : "tls_certificate",
                  "needs 'tls_certificate' and 'tls_private_key', or neither");
        if (c_.tls && !c_.tls_verify)
            warn("tls_verify", "is not verified: anybody in between can read and change messages");
        if (c_.tls) return;
        for (const std::string_view key : {"tls_ca", "tls_verify", "tls_server_name"})
            if (seen(key)) return warn(key, "has settings for TLS but not tls = true");
        if (seen("tls_certificate") && !c_.outbind_tls)
            warn("tls_certificate", "has settings for TLS but not tls = true");
    }

    void check_version() {
        if (c_.version >= first_version_with_tlvs) return;
        if (c_.bind == bind_type::transceiver)
            warn("version",
                 "binds as transceiver, which 3.3 does not know: most carriers of 3.3 need "
                 "bind = \"transmitter_receiver\"");
        for (const tlv_rule& each : c_.tlv_rules)
            if (each.action == tlv_action::add || each.action == tlv_action::require)
                return fault("tlv_rules",
                             fmt::format("has a rule to {} a TLV, but its version, 3.3, has none",
                                         name_of(each.action)));
        if (c_.text.segmentation == segmentation::sar ||
            c_.text.segmentation == segmentation::payload)
            fault("text.segmentation",
                  "has a segmentation that needs TLVs, but its version, 3.3, has none");
    }

    void check_outbind() {
        if (!c_.outbind_listen) {
            for (const std::string_view key :
                 {"outbind_tls", "outbind_system_id", "outbind_password"})
                if (seen(key) && !seen("outbind_listen"))
                    return warn(key, fmt::format("has '{}' but no 'outbind_listen'", key));
            return;
        }
        if (c_.bind == bind_type::transmitter)
            fault("outbind_listen",
                  "has 'outbind_listen' but never binds as receiver (bind = \"transmitter\")");
        if (c_.outbind_system_id.empty() && !r_.has_fault_at(at("outbind_system_id")))
            fault("outbind_listen",
                  "has 'outbind_listen' but no 'outbind_system_id', the name its outbind must "
                  "give");
        if (c_.outbind_system_id.size() > system_id_chars_max)
            fault("outbind_system_id", "has an 'outbind_system_id' of more than 15 characters");
        if (c_.outbind_tls && c_.tls_certificate.empty() && !seen("tls_certificate"))
            fault("outbind_tls", "has outbind_tls = true but no 'tls_certificate' to show");
    }

    void check_address_rules() {
        bool caught[2] = {};  // a rule for all addresses of the side came already
        for (std::size_t i = 0; i < c_.address_rules.size(); ++i) {
            const address_rule& rule = c_.address_rules[i];
            const auto key = [&](std::string_view name) {
                return fmt::format("address_rules[{}].{}", i, name);
            };
            if (!all_digits(rule.prefix))
                fault(key("prefix"), fmt::format("has an address rule with the prefix {}; write "
                                                 "digits only, without \"+\"",
                                                 in_quotes(rule.prefix)));
            else if (!rule.prefix.empty() && rule.is == address_rule::shape::alphanumeric)
                fault(key("prefix"),
                      "has an address rule for alphanumeric addresses with a prefix of digits");
            bool& all = caught[static_cast<std::size_t>(rule.of)];
            if (all)
                warn(key("of"),
                     "has an address rule behind one that takes every such address: "
                     "it is never used");
            all = all || (rule.is == address_rule::shape::any && rule.prefix.empty());
        }
    }

    void check_tlv_rules() {
        std::set<std::uint16_t> tags;
        for (std::size_t i = 0; i < c_.tlv_rules.size(); ++i) {
            const tlv_rule& rule = c_.tlv_rules[i];
            const std::string path = fmt::format("tlv_rules[{}]", i);
            const auto wrong = [&](std::string_view key, std::string_view what) {
                fault(fmt::format("{}.{}", path, key),
                      fmt::format("has a TLV rule for 0x{:04X} {}", rule.tag, what));
            };
            if (rule.tag == 0) continue;  // missing or wrong, and said so
            if (!tags.insert(rule.tag).second)
                fault(path + ".tag", fmt::format("has two TLV rules for 0x{:04X}", rule.tag));
            const bool puts_in =
                rule.action == tlv_action::add || rule.action == tlv_action::require;
            const bool value_read = !r_.has_fault_at(at(path + ".value"));
            if (rule.action == tlv_action::add && !seen(path + ".value") && value_read)
                wrong("action", "that adds it, but no 'value'");
            if (!puts_in && !rule.value.empty() && !r_.has_fault_at(at(path + ".action")))
                wrong("value",
                      fmt::format("with a 'value' that \"{}\" does not use", name_of(rule.action)));
            if (rule.replace && rule.action != tlv_action::add &&
                !r_.has_fault_at(at(path + ".action")))
                wrong("replace", "with replace = true, which is only for \"add\"");
        }
    }

    void check_text() {
        check_fixed_coding();
        if (c_.text.packed && c_.text.alphabet != default_alphabet::gsm7)
            fault("text.packed", "has packed = true, which is only for alphabet = \"gsm7\"");
        if (c_.text.units_max != 0 && c_.text.units_max < c_.text.ucs2_single)
            fault("text.units_max", fmt::format("has a 'units_max' ({}) below 'ucs2_single' ({})",
                                                c_.text.units_max, c_.text.ucs2_single));
        check_part("ucs2_part", c_.text.ucs2_part, "ucs2_single", c_.text.ucs2_single, 70);
        check_part("part", c_.text.part, "single", c_.text.single, 160);
        check_part("octets_part", c_.text.octets_part, "octets_single", c_.text.octets_single, 140);
        // TS 23.038: what lies between is no UCS-2, and 24 would show every text at once, unstored.
        if (c_.text.ucs2_data_coding > 8 && c_.text.ucs2_data_coding < 25)
            fault("text.ucs2_data_coding",
                  fmt::format("has a 'ucs2_data_coding' of {}; it is 8, or 25 to 27",
                              c_.text.ucs2_data_coding));
    }

    /// One alphabet leaves nothing for the settings about others.
    void check_fixed_coding() {
        const carrier_text& text = c_.text;
        if (text.fixed.charset.empty()) return;
        const std::pair<std::string_view, bool> others[] = {
            {"alphabet", text.alphabet != default_alphabet::gsm7},
            {"packed", text.packed},
            {"latin1", text.latin1},
            {"ascii", text.ascii},
            {"ucs2_data_coding", text.ucs2_data_coding != 8},
            {"class_in_f0", text.class_in_f0},
            {"languages", !text.languages.empty()}};
        for (const auto& [key, is_set] : others)
            if (is_set)
                fault(
                    fmt::format("text.{}", key),
                    fmt::format("has '{}' beside 'fixed_coding', which is its only alphabet", key));
    }

    void check_part(std::string_view part_key, std::uint32_t part, std::string_view single_key,
                    std::uint32_t single, std::uint32_t standard) {
        const std::uint32_t most = single != 0 ? single : standard;
        if (part > most)
            fault(fmt::format("text.{}", part_key),
                  fmt::format("has a '{}' ({}) above '{}' ({})", part_key, part, single_key, most));
    }

    void warn_about_the_rest() {
        if (!c_.contract_rate) warn("contract_rate", "has no rate limit; most contracts name one");
    }

    const carrier& c_;
    reader& r_;
    std::string path_;
    std::string title_;
};

}  // namespace

void check_carriers(const settings& s, reader& r) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < s.carriers.size(); ++i) {
        const carrier& each = s.carriers[i];
        const std::string path = fmt::format("carrier[{}]", i);
        if (!each.name.empty() && !names.insert(each.name).second)
            r.fault_at(path + ".name", fmt::format("two carriers are named '{}'", each.name));
        carrier_checker{each, path, r}.run();
    }
    if (s.carriers.empty()) r.warn_at("", "there is no [[carrier]]: nothing can be sent");
}

}  // namespace hikyaku::config
