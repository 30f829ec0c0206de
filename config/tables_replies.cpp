// The lines of [account.replies].
#include <utility>

#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view reply_language_words[] = {"auto", "ja", "en"};

template <class Object>
std::vector<setting> text_settings() {
    return {
        field<Object, &Object::stop>(
            make::text("stop_text", R"("")",
                       "The one confirmation of a *stop*, without advertising; empty for the "
                       "program's (docs/replies.md)")),
        field<Object, &Object::stop_one>(
            make::text("stop_one_text", R"("")",
                       "The same of a *stop* for one debt, with `{reference}` for what was "
                       "named; empty for the program's")),
        field<Object, &Object::help>(
            make::text("help_text", R"("")",
                       "Answer to *help*, once a day to one phone; empty: a task for a person")),
        field<Object, &Object::closed>(
            make::text("closed_text", R"("")",
                       "Answer to a reply in a closed conversation, once a day to one phone; "
                       "empty: the reply opens it again")),
    };
}

section with_texts(section made, const std::vector<setting>& texts) {
    for (const setting& each : texts)
        made.settings.push_back(each);
    return made;
}

const section& language_texts_section() {
    using object = language_texts;
    static const section made =
        with_texts({"[[account.replies.texts]]",
                    "Answers in one language, which come before those of all languages.",
                    defaults_of<object>(),
                    {field<object, &object::language>(make::choice(
                        "language", R"("auto")", reply_language_words,
                        "Language of the reply that is answered; `auto` for every language"))}},
                   text_settings<object>());
    return made;
}

const section& account_replies_section() {
    using object = account_replies;
    static const section made = with_texts(
        {"replies of [[account]]",
         "What replies to the account say is read, and acted on (docs/replies.md).",
         defaults_of<object>(),
         {
             field<object, &object::read>(
                 make::flag("read", "false",
                            "Read them although the account has no `policy`; with one they are "
                            "read always")),
             field<object, &object::language>(
                 make::choice("language", R"("auto")", reply_language_words,
                              "Language that they are read in; `auto` finds it by the letters")),
             field<object, &object::rules>(make::text(
                 "rules", R"("")", "File with rules beside those of the program; empty for none")),
             field<object, &object::sender>(make::text(
                 "sender", R"("")",
                 "Sender of what is answered without a person; empty for the number that was "
                 "written to")),
             field<object, &object::texts>(
                 make::table("texts", language_texts_section, "Answers in one language", true)),
         }},
        text_settings<object>());
    return made;
}

}  // namespace

std::vector<setting> account_reply_settings() {
    using object = account;
    return {field<object, &object::replies>(
        make::table("replies", account_replies_section, "What replies say"))};
}

}  // namespace hikyaku::config
