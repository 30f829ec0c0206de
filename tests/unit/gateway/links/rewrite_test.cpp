// Rewriting of texts: what is a URL, where it ends, what replaces it.
#include "gateway/links/rewrite.hpp"

#include <gtest/gtest.h>

#include "seeded_random.hpp"

namespace hikyaku::gateway::links {
namespace {

constexpr std::string_view base = "https://pay.example";

rewritten_text rewritten(std::string_view text, rewrite_options options = {base}) {
    seeded_random source{42};
    auto result = rewrite(text, options, source);
    EXPECT_TRUE(result.has_value()) << text;
    return result.has_value() ? std::move(*result) : rewritten_text{};
}

/// The text with each link shown as <1>, <2>, ... by its place in the list, whatever its code.
std::string with_numbers(const rewritten_text& result, std::string_view base_url = base) {
    std::string text = result.text;
    for (std::size_t i = 0; i < result.links.size(); ++i) {
        const std::string link = std::string(base_url) + "/" + result.links[i].code;
        for (std::size_t at = text.find(link); at != std::string::npos; at = text.find(link))
            text.replace(at, link.size(), "<" + std::to_string(i + 1) + ">");
    }
    return text;
}

struct rewrite_case {
    std::string_view name;
    std::string_view text;
    std::string_view expected;  // links as <1>, <2>
    std::vector<std::string> targets;
};

void expect_all(const std::vector<rewrite_case>& cases) {
    for (const rewrite_case& c : cases) {
        const rewritten_text result = rewritten(c.text);
        EXPECT_EQ(with_numbers(result), c.expected) << c.name;
        std::vector<std::string> targets;
        for (const written_link& link : result.links) {
            EXPECT_TRUE(is_code(link.code)) << c.name;
            targets.push_back(link.target);
        }
        EXPECT_EQ(targets, c.targets) << c.name;
    }
}

TEST(rewrite, plain_texts) {
    expect_all({
        {"empty", "", "", {}},
        {"no url", "お支払いの期限は7月31日です。", "お支払いの期限は7月31日です。", {}},
        {"only url", "https://shop.example/i/1", "<1>", {"https://shop.example/i/1"}},
        {"http", "see http://shop.example now", "see <1> now", {"http://shop.example"}},
        {"upper-case scheme", "HTTPS://Shop.Example/A", "<1>", {"https://Shop.Example/A"}},
        {"mixed-case scheme", "Http://shop.example/A", "<1>", {"http://shop.example/A"}},
        {"query and fragment",
         "Pay: https://shop.example:8443/p?i=1&k=a%20b+c#due now",
         "Pay: <1> now",
         {"https://shop.example:8443/p?i=1&k=a%20b+c#due"}},
        {"line break",
         "Pay here:\nhttps://s.example/1\nThanks",
         "Pay here:\n<1>\nThanks",
         {"https://s.example/1"}},
        {"carriage return and tab",
         "https://s.example/1\r\n\thttps://s.example/2\t.",
         "<1>\r\n\t<2>\t.",
         {"https://s.example/1", "https://s.example/2"}},
        {"url inside a query",
         "https://a.example/?u=https://b.example/x end",
         "<1> end",
         {"https://a.example/?u=https://b.example/x"}},
        {"url inside a path",
         "https://a.example/web/https://b.example/x",
         "<1>",
         {"https://a.example/web/https://b.example/x"}},
        {"highest port", "https://a.example:65535", "<1>", {"https://a.example:65535"}},
        {"empty port", "https://a.example:/x", "<1>", {"https://a.example:/x"}},
        {"localhost and port", "http://localhost:8000/pay", "<1>", {"http://localhost:8000/pay"}},
        {"IPv4 host", "http://192.0.2.7/pay.", "<1>.", {"http://192.0.2.7/pay"}},
        {"IPv6 host", "http://[2001:db8::1]:80/pay!", "<1>!", {"http://[2001:db8::1]:80/pay"}},
        {"punycode", "https://xn--wgv71a119e.example/", "<1>", {"https://xn--wgv71a119e.example/"}},
        {"brackets in a query",
         "https://a.example/?f[]=1&f[]=2",
         "<1>",
         {"https://a.example/?f%5B%5D=1&f%5B%5D=2"}},
        {"tilde, semicolon, matrix",
         "https://a.example/~u;v=1,2/x",
         "<1>",
         {"https://a.example/~u;v=1,2/x"}},
    });
}

TEST(rewrite, punctuation_belongs_to_the_sentence) {
    expect_all({
        {"full stop", "Pay at https://s.example/1.", "Pay at <1>.", {"https://s.example/1"}},
        {"comma", "https://s.example/1, please", "<1>, please", {"https://s.example/1"}},
        {"several", "Really https://s.example/1?!...", "Really <1>?!...", {"https://s.example/1"}},
        {"colon", "https://s.example:", "<1>:", {"https://s.example"}},
        {"slash stays", "https://s.example/.", "<1>.", {"https://s.example/"}},
        {"in parentheses",
         "Pay (https://s.example/1) now",
         "Pay (<1>) now",
         {"https://s.example/1"}},
        {"in parentheses with stop",
         "(see https://s.example/1.)",
         "(see <1>.)",
         {"https://s.example/1"}},
        {"balanced", "https://s.example/Foo_(bar)", "<1>", {"https://s.example/Foo_(bar)"}},
        {"balanced inside",
         "(https://s.example/Foo_(bar))",
         "(<1>)",
         {"https://s.example/Foo_(bar)"}},
        {"closed in the middle", "(https://s.example/1)and", "(<1> )and", {"https://s.example/1"}},
        {"opening at the end", "https://s.example/1(due)", "<1>", {"https://s.example/1(due)"}},
        {"opening glued", "https://s.example/1(期限)", "<1> (期限)", {"https://s.example/1"}},
        {"square", "[https://s.example/1]", "[<1>]", {"https://s.example/1"}},
        {"angle", "<https://s.example/1>", "<<1>>", {"https://s.example/1"}},
        {"braces", "{https://s.example/1}", "{<1>}", {"https://s.example/1"}},
        {"double quotes", "\"https://s.example/1\"x", "\"<1>\"x", {"https://s.example/1"}},
        {"single quotes", "'https://s.example/1'", "'<1>'", {"https://s.example/1"}},
        {"backtick", "`https://s.example/1`", "`<1>`", {"https://s.example/1"}},
        {"bar", "https://s.example/1|call 03", "<1> |call 03", {"https://s.example/1"}},
        {"apostrophe inside", "https://s.example/o'b/1", "<1>", {"https://s.example/o'b/1"}},
        {"delete character", "https://s.example/1\x7fz", "<1>\x7fz", {"https://s.example/1"}},
        {"zero octet",
         std::string_view("https://s.example/1\0z", 21),
         std::string_view("<1>\0z", 5),
         {"https://s.example/1"}},
    });
}

TEST(rewrite, glued_to_japanese_text) {
    expect_all({
        {"before", "こちらhttps://s.example/1", "こちら<1>", {"https://s.example/1"}},
        {"after",
         "https://s.example/1をご覧ください",
         "<1> をご覧ください",
         {"https://s.example/1"}},
        {"both", "詳細はhttps://s.example/1から", "詳細は<1> から", {"https://s.example/1"}},
        {"ideographic stop", "https://s.example/1。", "<1> 。", {"https://s.example/1"}},
        {"corner brackets", "「https://s.example/1」", "「<1> 」", {"https://s.example/1"}},
        {"ASCII parentheses", "(https://s.example/1)まで", "(<1> )まで", {"https://s.example/1"}},
        {"wide parentheses",
         "\uFF08https://s.example/1\uFF09まで",
         "\uFF08<1> \uFF09まで",
         {"https://s.example/1"}},
        {"ideographic space",
         "https://s.example/1\u3000まで",
         "<1>\u3000まで",
         {"https://s.example/1"}},
        {"space", "https://s.example/1 まで", "<1> まで", {"https://s.example/1"}},
        {"host only", "https://s.exampleへ", "<1> へ", {"https://s.example"}},
        {"stop, then text",
         "https://s.example/1.お早めに",
         "<1> .お早めに",
         {"https://s.example/1"}},
        {"emoji", "https://s.example/1🙏", "<1> 🙏", {"https://s.example/1"}},
        {"half-width kana", "https://s.example/1ｶﾗ", "<1> ｶﾗ", {"https://s.example/1"}},
        {"whole message",
         "【山田電気】7月分のお支払いが確認できておりません。https://pay.yamada.example/i?n=0042"
         "よりお手続きください。お問合せ:https://www.yamada.example/",
         "【山田電気】7月分のお支払いが確認できておりません。<1>"
         " よりお手続きください。お問合せ:<2>",
         {"https://pay.yamada.example/i?n=0042", "https://www.yamada.example/"}},
    });
}

TEST(rewrite, several_urls) {
    expect_all({
        {"two",
         "https://a.example/1 https://b.example/2",
         "<1> <2>",
         {"https://a.example/1", "https://b.example/2"}},
        {"same twice",
         "https://a.example/1 or https://a.example/1.",
         "<1> or <1>.",
         {"https://a.example/1"}},
        {"same but for the case of the scheme",
         "https://a.example/1 HTTPS://a.example/1",
         "<1> <1>",
         {"https://a.example/1"}},
        {"case of the path matters",
         "https://a.example/x https://a.example/X",
         "<1> <2>",
         {"https://a.example/x", "https://a.example/X"}},
        {"one a prefix of the other",
         "https://a.example/1 https://a.example/12",
         "<1> <2>",
         {"https://a.example/1", "https://a.example/12"}},
        {"comma between",
         "https://a.example/1,https://b.example/2",
         "<1> ,<2>",
         {"https://a.example/1", "https://b.example/2"}},
        {"semicolon between",
         "https://a.example/1;HTTP://b.example/2",
         "<1> ;<2>",
         {"https://a.example/1", "http://b.example/2"}},
        {"Japanese between",
         "https://a.example/1とhttps://b.example/2",
         "<1> と<2>",
         {"https://a.example/1", "https://b.example/2"}},
    });
}

TEST(rewrite, a_phone_sees_where_a_link_ends) {
    expect_all({
        {"placeholder", "https://s.example/{id}", "<1> {id}", {"https://s.example/"}},
        {"placeholder in a query",
         "https://s.example/?i={id}&b=1",
         "<1> {id}&b=1",
         {"https://s.example/?i="}},
        {"bar", "https://s.example/a|b", "<1> |b", {"https://s.example/a"}},
        {"bracket", "(https://s.example/x)y", "(<1> )y", {"https://s.example/x"}},
        {"square bracket", "[https://s.example/x]y", "[<1> ]y", {"https://s.example/x"}},
        {"circumflex", "https://s.example/a^b", "<1> ^b", {"https://s.example/a"}},
        {"backslash", "https://s.example/a\\b", "<1> \\b", {"https://s.example/a"}},
        {"bracket and stop, then a word",
         "(https://s.example/x).y",
         "(<1> ).y",
         {"https://s.example/x"}},
        {"bracket and stop, then a space",
         "(https://s.example/x). y",
         "(<1>). y",
         {"https://s.example/x"}},
        {"bracket and stop at the end",
         "(https://s.example/x).",
         "(<1>).",
         {"https://s.example/x"}},
        {"tag", "<b>https://s.example/x</b>", "<b><1></b>", {"https://s.example/x"}},
        {"quotes", "\"https://s.example/x\"", "\"<1>\"", {"https://s.example/x"}},
        {"bracket, then Japanese stop",
         "(https://s.example/x)。",
         "(<1> )。",
         {"https://s.example/x"}},
    });
}

TEST(rewrite, letters_of_an_iri_belong_to_it) {
    expect_all({
        {"umlaut", "https://abc.example/m\u00FCller", "<1>", {"https://abc.example/m%C3%BCller"}},
        {"sharp s and a stop",
         "https://a.example/stra\u00DFe.",
         "<1>.",
         {"https://a.example/stra%C3%9Fe"}},
        {"Cyrillic",
         "https://a.example/\u043E\u043F\u043B?\u0430=1 x",
         "<1> x",
         {"https://a.example/%D0%BE%D0%BF%D0%BB?%D0%B0=1"}},
        {"combining mark",
         "https://a.example/mu\u0308ller",
         "<1>",
         {"https://a.example/mu%CC%88ller"}},
        {"Vietnamese", "https://a.example/ti\u1EC1n", "<1>", {"https://a.example/ti%E1%BB%81n"}},
        {"Arabic comma",
         "https://a.example/\u0645\u060C x",
         "<1> \u060C x",
         {"https://a.example/%D9%85"}},
        {"then Japanese", "https://a.example/\u00FCから", "<1> から", {"https://a.example/%C3%BC"}},
        {"in the fragment", "https://a.example#\u00FC", "<1>", {"https://a.example#%C3%BC"}},
        {"guillemets",
         "\u00ABhttps://a.example/x\u00BB",
         "\u00AB<1> \u00BB",
         {"https://a.example/x"}},
        {"half a letter", "https://a.example/x\xC3", "<1> \xC3", {"https://a.example/x"}},
    });
}

TEST(rewrite, left_as_they_are) {
    for (const std::string_view text : {
             "ftp://a.example/1",
             "www.shop.example/1",
             "mailto:a@shop.example",
             "javascript:alert(1)",
             "xhttp://a.example/1",
             "shttps://a.example/1",
             "http:/a.example",
             "http//a.example",
             "https://",
             "https:// a.example",
             "https:///path",
             "https://?q",
             "https://.",
             "https://:443/",
             "https://user:secret@a.example/",
             "https://bank.example@evil.example/",
             "https://a.example:port/",
             "https://a.example:80port/",
             "https://a.example:0/",
             "https://a.example:65536/",
             "https://a.example:99999/",
             "https://!$/",
             "https://%20/",
             "https://a%2f.example/",
             "https://[::1/",
             "https://localhostへ",
             "https://a.example/%zz",
             "https://a.example/100%",
             "https://日本語.example/支払",
             "https://www.日本語.example/",
             "https://pay日本.example/",
             "https://b\u00FCcher.example/",
             "https://pay.example",
             "https://pay.example/",
             "https://pay.example/abcdefghij",
             "HTTPS://PAY.EXAMPLE/abcdefghij",
             "https://pay.example?x",
             "こちらhttps://pay.example/abcdefghijから",
         }) {
        const rewritten_text result = rewritten(text);
        EXPECT_EQ(result.text, text);
        EXPECT_TRUE(result.links.empty()) << text;
    }
}

TEST(rewrite, a_url_left_alone_does_not_hide_the_next) {
    expect_all({
        {"after base",
         "https://pay.example/x https://a.example/1",
         "https://pay.example/x <1>",
         {"https://a.example/1"}},
        {"after an empty one",
         "https:// https://a.example/1",
         "https:// <1>",
         {"https://a.example/1"}},
        {"after userinfo",
         "https://u@b.example https://a.example/1",
         "https://u@b.example <1>",
         {"https://a.example/1"}},
    });
}

TEST(rewrite, base_url_is_compared_as_a_whole) {
    expect_all({
        {"longer host",
         "https://pay.example.evil.test/x",
         "<1>",
         {"https://pay.example.evil.test/x"}},
        {"other scheme", "http://pay.example/x", "<1>", {"http://pay.example/x"}},
        {"other port", "https://pay.example:444/x", "<1>", {"https://pay.example:444/x"}},
    });
}

TEST(rewrite, base_url_with_path_and_slash) {
    const rewrite_options options{"https://s.example/r/"};
    const rewritten_text result =
        rewritten("https://s.example/r/abc https://s.example/rx", options);
    EXPECT_EQ(with_numbers(result, "https://s.example/r"), "https://s.example/r/abc <1>");
    ASSERT_EQ(result.links.size(), 1U);
    EXPECT_EQ(result.links[0].target, "https://s.example/rx");
}

TEST(rewrite, code_length_and_distinct_codes) {
    rewrite_options options{base};
    options.code_length = 16;
    const rewritten_text result = rewritten("https://a.example/1 https://a.example/2", options);
    ASSERT_EQ(result.links.size(), 2U);
    EXPECT_EQ(result.links[0].code.size(), 16U);
    EXPECT_NE(result.links[0].code, result.links[1].code);
}

TEST(rewrite, a_code_drawn_twice_in_one_text_is_drawn_again) {
    int calls = 0;
    auto source = [&calls](std::span<std::uint8_t> bytes) {
        ++calls;
        for (std::uint8_t& byte : bytes)
            byte = calls <= 2 ? 0 : 1;
    };
    const auto result = rewrite("https://a.example/1 https://a.example/2", {base}, source);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->text, "https://pay.example/1111111111 https://pay.example/2222222222");
    EXPECT_EQ(calls, 3);
}

TEST(rewrite, links_max_counts_distinct_urls) {
    std::string text;
    for (int i = 0; i < 10; ++i)
        text += "https://a.example/" + std::to_string(i) + " ";
    EXPECT_EQ(rewritten(text).links.size(), 10U);
    EXPECT_EQ(rewritten(text + "https://a.example/3 https://pay.example/x").links.size(), 10U);
    const auto result = rewrite(text + "https://a.example/10", {base});
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), rewrite_error::too_many_links);

    rewrite_options none{base};
    none.links_max = 0;
    EXPECT_TRUE(rewrite("https://a.example/", none).has_error());
    EXPECT_FALSE(rewrite("no link", none).has_error());
}

TEST(rewrite, target_bytes_max_is_a_boundary) {
    const std::string start = "https://a.example/";
    const std::string longest = start + std::string(2048 - start.size(), 'x');
    const rewritten_text result = rewritten("see " + longest + ".");
    ASSERT_EQ(result.links.size(), 1U);
    EXPECT_EQ(result.links[0].target, longest);
    EXPECT_EQ(with_numbers(result), "see <1>.");

    const auto refused = rewrite(longest + "x", {base});
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error(), rewrite_error::target_too_long);
    const std::string own = std::string(base) + "/" + std::string(3000, 'x');
    EXPECT_EQ(rewritten(own).text, own) << "nothing is stored for it";
}

TEST(rewrite, rewriting_twice_changes_nothing) {
    const rewritten_text once = rewritten("詳細はhttps://a.example/1から、(https://b.example).");
    const rewritten_text twice = rewritten(once.text);
    EXPECT_EQ(once.links.size(), 2U);
    EXPECT_EQ(twice.text, once.text);
    EXPECT_TRUE(twice.links.empty());
}

TEST(rewrite, any_octets_are_survived) {
    seeded_random source{99};
    constexpr std::string_view pieces[] = {
        "http://", "HTTPS://", "a.example", "/x", "(", ")",   "[", "]", ".", ",",    "\xE3\x81\x82",
        "\xE3",    "\xC3\xBC", "@",         ":",  "%", "%41", " ", "?", "#", "\x01", "\xFF"};
    int with_links = 0;
    for (int round = 0; round < 3000; ++round) {
        std::uint8_t bytes[12];
        source(bytes);
        std::string text;
        for (const std::uint8_t byte : bytes)
            text += pieces[byte % std::size(pieces)];
        rewrite_options options{base};
        options.links_max = 12;
        const auto result = rewrite(text, options, source);
        ASSERT_TRUE(result.has_value()) << text;
        EXPECT_TRUE(!result->links.empty() || result->text == text) << text;
        for (const written_link& link : result->links) {
            ++with_links;
            EXPECT_TRUE(link.target.starts_with("http")) << link.target;
            for (const char c : link.target)
                EXPECT_TRUE(c > ' ' && c < '\x7f') << link.target;
        }
    }
    EXPECT_GT(with_links, 200) << "too few of the texts were worth it";
}

TEST(rewrite, may_contain_url) {
    EXPECT_TRUE(may_contain_url("xx HtTpS://a"));
    EXPECT_TRUE(may_contain_url("あhttp://"));
    EXPECT_FALSE(may_contain_url("hhhh ftp://a http:/ https"));
    EXPECT_FALSE(may_contain_url(""));
}

TEST(rewrite, error_names) {
    EXPECT_EQ(to_string(rewrite_error::too_many_links), "too_many_links");
    EXPECT_EQ(to_string(rewrite_error::target_too_long), "target_too_long");
}

}  // namespace
}  // namespace hikyaku::gateway::links
