// The lines of [[account.token]]: tokens of the HTTP API by their hash, with what they may, from
// where and how long.
#include "config/reader.hpp"
#include "config/table.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view role_words[] = {"submit", "read", "admin"};

/// A moment as text, kept as milliseconds of the wall clock; 0 = not set.
setting moment_field() {
    setting s{.key = "expires",
              .default_text = R"("")",
              .sentence =
                  "When it ends, `\"2027-03-31\"` (the first moment of that day, UTC) or "
                  "`\"2027-03-31T18:00:00+09:00\"`; empty for never"};
    s.read = [](reader& r, const value& v, void* object) {
        std::string text;
        read_value(r, v, text);
        if (text.empty()) return;
        const auto moment = parse_moment(text);
        if (moment)
            static_cast<account_token*>(object)->expires_ms = *moment;
        else
            r.fault_at(v.path, "'expires' " + moment.error());
    };
    s.print = [](const setting&, const void* object) {
        const auto moment = static_cast<const account_token*>(object)->expires_ms;
        return in_quotes(moment == 0 ? std::string{} : format_moment(moment));
    };
    return s;
}

const section& token_section() {
    using object = account_token;
    static const section made{
        "token of [[account]]",
        "A bearer token for the HTTP API that stands here by its hash. `hikyaku new-token` makes "
        "one. Two tokens may be valid at once, so that one takes the place of the other without a "
        "gap.",
        defaults_of<object>(),
        {
            field<object, &object::name>(
                make::required_text("name", "What people call it, unique in the account")),
            field<object, &object::hash>(make::required_text(
                "hash", "`sha256:` and the SHA-256 of the token in 64 hexadecimal digits")),
            field<object, &object::roles>(
                {.key = "roles",
                 .form = kind::choice,
                 .list = true,
                 .default_text = R"(["submit", "read"])",
                 .choices = role_words,
                 .sentence = "What it may: `submit` sends and cancels, `read` looks at messages "
                             "and account, `admin` uses the admin listener where "
                             "`server.admin.token_required` is on"}),
            moment_field(),
            field<object, &object::networks>(
                {.key = "networks",
                 .form = kind::network,
                 .list = true,
                 .default_text = "[]",
                 .sentence = "Networks it may be used from, inside those of the account; empty for "
                             "all of these"}),
        }};
    return made;
}

}  // namespace

std::vector<setting> account_token_settings() {
    return {field<account, &account::tokens>(
        make::table("token", token_section, "Tokens of the HTTP API by their hash", true))};
}

}  // namespace hikyaku::config
