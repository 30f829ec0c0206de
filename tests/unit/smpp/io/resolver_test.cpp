// Names against real name servers on loopback: good, silent, denying, failing and mad ones; and who
// shares what with whom.
#include "smpp/io/resolver.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <random>

#include "tests/support/waiting.hpp"
#include "tests/unit/smpp/io/name_server.hpp"

namespace hikyaku::smpp::io::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using addresses = resolver::addresses;
using boost::system::error_code;

const asio::ip::address first_v4 = asio::ip::make_address("192.0.2.7");
const asio::ip::address second_v4 = asio::ip::make_address("192.0.2.8");
const asio::ip::address first_v6 = asio::ip::make_address("2001:db8::7");

std::vector<octets> good(const question& asked) {
    return {answer_to(asked, {first_v4, second_v4, first_v6})};
}
std::vector<octets> silent(const question&) {
    return {};
}
std::vector<octets> denying(const question& asked) {
    return {answer_to(asked, {}, 3)};
}
/// Silent for names that begin with "slow", good for others.
std::vector<octets> mixed(const question& asked) {
    return asked.name.starts_with("slow") ? silent(asked) : good(asked);
}

std::size_t open_files() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

struct outcome {
    std::optional<boost::system::result<addresses>> result;
    std::size_t order = 0;  // as how many-th it came
    std::chrono::steady_clock::time_point at;

    [[nodiscard]] error_code error() const {
        return result && result->has_error() ? result->error() : error_code{};
    }
};

class resolver_test : public ::testing::Test {
protected:
    resolver_settings settings(std::vector<std::string> servers) const {
        resolver_settings made;
        made.dns.servers = std::move(servers);
        made.dns.timeout = 100ms;
        return made;
    }
    std::shared_ptr<outcome> ask(resolver& from, const std::string& owner, const std::string& name,
                                 std::chrono::milliseconds within = tests::beyond_hanging) {
        auto into = std::make_shared<outcome>();
        const auto work = [](auto lookup, auto to, std::size_t& count) -> asio::awaitable<void> {
            to->result.emplace(co_await std::move(lookup));
            to->order = ++count;
            to->at = std::chrono::steady_clock::now();
        };
        const auto until = std::chrono::steady_clock::now() + within;
        asio::co_spawn(loop, work(from.resolve(owner, name, until), into, answered_),
                       [](std::exception_ptr thrown) { EXPECT_FALSE(thrown); });
        return into;
    }
    void run_until(const std::function<bool()>& done) {
        ASSERT_TRUE(tests::turn_until(loop, done)) << "nothing more happens";
    }
    outcome wait(const std::shared_ptr<outcome>& one) {
        run_until([&] { return one->result.has_value(); });
        return *one;
    }
    outcome get(resolver& from, const std::string& name,
                std::chrono::milliseconds within = tests::beyond_hanging) {
        return wait(ask(from, "shop", name, within));
    }

    asio::io_context loop;

private:
    std::size_t answered_ = 0;
};

TEST_F(resolver_test, both_families_and_every_address) {
    name_server server(loop, good);
    resolver names(loop.get_executor(), settings({server.address()}));
    auto found = get(names, "app.shop.test");
    ASSERT_TRUE(found.result->has_value()) << found.error().message();
    auto list = **found.result;
    std::ranges::sort(list);
    EXPECT_EQ(list, (addresses{first_v4, second_v4, first_v6}));
    EXPECT_EQ(names.counters().found, 1U);
    EXPECT_EQ(names.running(), 0U);
}

TEST_F(resolver_test, a_crowd_of_addresses_is_cut) {
    name_server server(loop, [](const question& asked) {
        std::vector<asio::ip::address> crowd;
        for (std::uint32_t i = 0; i < 60; ++i)
            crowd.push_back(asio::ip::address_v4(0xC0000200 + i));
        return std::vector<octets>{answer_to(asked, crowd)};
    });
    resolver names(loop.get_executor(), settings({server.address()}));
    const auto found = get(names, "app.shop.test");
    ASSERT_TRUE(found.result->has_value()) << found.error().message();
    EXPECT_EQ((*found.result)->size(), dns_lookup::addresses_max);
}

TEST_F(resolver_test, numbers_and_the_hosts_file_need_no_server) {
    name_server server(loop, silent);
    resolver names(loop.get_executor(), settings({server.address()}));
    EXPECT_EQ(**get(names, "198.51.100.9").result,
              addresses{asio::ip::make_address("198.51.100.9")});
    EXPECT_EQ(**get(names, "2001:db8::1").result, addresses{asio::ip::make_address("2001:db8::1")});
    const auto local = get(names, "localhost");
    ASSERT_TRUE(local.result->has_value()) << local.error().message();
    for (const auto& each : **local.result)
        EXPECT_TRUE(each.is_loopback()) << each;
    EXPECT_TRUE(server.asked.empty());
}

TEST_F(resolver_test, what_is_no_name_is_refused_unasked) {
    name_server server(loop, good);
    resolver names(loop.get_executor(), settings({server.address()}));
    const std::string long_label(64, 'a');
    std::string long_name;
    while (long_name.size() < 254)
        long_name += "abcdefg.";
    for (const std::string& name :
         {std::string(), std::string("."), std::string("a..b"), std::string(".a"),
          std::string("a b"), std::string("a\\.b"), std::string("a\0b", 3),
          std::string("m\xC3\xBC.test"), std::string("a/b"), long_label, long_name})
        EXPECT_EQ(get(names, name).error(), dns_error::not_a_name) << name;
    EXPECT_TRUE(server.asked.empty());
    for (const auto* name : {"a", "a.b", "a_b-1.test", "shop.test."})
        EXPECT_TRUE(is_host_name(name)) << name;
}

TEST_F(resolver_test, a_name_that_is_not_there) {
    name_server server(loop, denying);
    resolver names(loop.get_executor(), settings({server.address()}));
    EXPECT_EQ(get(names, "nobody.test").error(), dns_error::unknown_name);
    server.do_ = [](const question& asked) { return std::vector<octets>{answer_to(asked, {})}; };
    EXPECT_EQ(get(names, "empty.test").error(), dns_error::unknown_name);
    EXPECT_EQ(names.counters().unknown, 2U);
}

TEST_F(resolver_test, failing_servers) {
    name_server server(
        loop, [](const question& asked) { return std::vector<octets>{answer_to(asked, {}, 2)}; });
    resolver names(loop.get_executor(), settings({server.address()}));
    const auto found = get(names, "app.shop.test");
    EXPECT_EQ(found.error(), dns_error::server_failed) << found.error().message();
    EXPECT_EQ(names.counters().failed, 1U);
}

TEST_F(resolver_test, the_next_server_is_asked) {
    name_server dead(loop, silent);
    name_server alive(loop, good);
    resolver names(loop.get_executor(), settings({dead.address(), alive.address()}));
    EXPECT_TRUE(get(names, "app.shop.test").result->has_value());
    EXPECT_FALSE(dead.asked.empty());
}

TEST_F(resolver_test, long_answers_come_over_tcp) {
    name_server server(loop, [](const question& asked) {
        return std::vector<octets>{answer_to(asked, {first_v4, first_v6}, 0, !asked.over_tcp)};
    });
    resolver names(loop.get_executor(), settings({server.address()}));
    const auto before = open_files();
    auto found = get(names, "app.shop.test");
    ASSERT_TRUE(found.result->has_value()) << found.error().message();
    EXPECT_EQ((*found.result)->size(), 2U);
    EXPECT_TRUE(server.asked.back().over_tcp);
    // Those that the server itself has accepted stay open.
    const auto of_server = std::ranges::count_if(server.asked, &question::over_tcp);
    EXPECT_LE(open_files(), before + static_cast<std::size_t>(of_server));
}

TEST_F(resolver_test, a_silent_server_takes_no_longer_than_the_deadline_and_holds_up_nobody) {
    name_server server(loop, mixed);
    auto wanted = settings({server.address()});
    wanted.dns.timeout = 10s;
    resolver names(loop.get_executor(), wanted);
    const auto begin = std::chrono::steady_clock::now();
    const auto slow = ask(names, "shop", "slow.test", 300ms);
    const auto quick = ask(names, "shop", "quick.test");
    EXPECT_TRUE(wait(quick).result->has_value());
    EXPECT_EQ(wait(slow).error(), dns_error::no_answer);
    EXPECT_LT(quick->order, slow->order);
    EXPECT_GE(slow->at - begin, 300ms);
    EXPECT_EQ(names.running(), 0U) << "nothing goes on behind the deadline";
    EXPECT_EQ(names.counters().failed, 1U);
}

TEST_F(resolver_test, a_silent_server_is_given_up_after_its_tries) {
    name_server server(loop, silent);
    auto wanted = settings({server.address()});
    wanted.dns.timeout = 50ms;
    resolver names(loop.get_executor(), wanted);
    EXPECT_EQ(get(names, "slow.test").error(), dns_error::no_answer);
    EXPECT_EQ(std::ranges::count(server.asked, type_a, &question::type), wanted.dns.tries);
}

TEST_F(resolver_test, an_owner_has_so_many_at_once_and_no_more) {
    name_server server(loop, mixed);
    auto wanted = settings({server.address()});
    wanted.dns.timeout = 500ms;
    wanted.dns.tries = 5;
    wanted.lookups_per_owner_max = 2;
    resolver names(loop.get_executor(), wanted);
    const auto first = ask(names, "shop", "slow1.test");
    const auto second = ask(names, "shop", "slow2.test");
    const auto third = ask(names, "shop", "quick.test");
    const auto same = ask(names, "shop", "slow1.test");
    const auto other = ask(names, "bank", "quick.test");
    EXPECT_EQ(wait(third).error(), dns_error::too_many);
    EXPECT_TRUE(wait(other).result->has_value());
    EXPECT_EQ(names.running(), 2U);
    EXPECT_EQ(names.counters().refused, 1U);
    server.do_ = good;  // the next round gets its answers
    for (const auto& each : {first, second, same})
        EXPECT_TRUE(wait(each).result->has_value());
    EXPECT_TRUE(get(names, "quick.test").result->has_value());
}

TEST_F(resolver_test, equal_names_of_one_owner_are_asked_once) {
    name_server server(loop, good);
    resolver names(loop.get_executor(), settings({server.address()}));
    std::vector<std::shared_ptr<outcome>> all;
    for (int i = 0; i < 5; ++i)
        all.push_back(ask(names, "shop", "app.shop.test"));
    for (const auto& each : all)
        EXPECT_TRUE(wait(each).result->has_value());
    EXPECT_EQ(server.asked.size(), 2U) << "A and AAAA";
}

TEST_F(resolver_test, one_who_gives_up_does_not_end_it_for_the_others) {
    name_server server(loop, silent);
    auto wanted = settings({server.address()});
    wanted.dns.timeout = 300ms;
    wanted.dns.tries = 5;
    resolver names(loop.get_executor(), wanted);
    const auto hasty = ask(names, "shop", "app.shop.test", 50ms);
    const auto patient = ask(names, "shop", "app.shop.test");
    EXPECT_EQ(wait(hasty).error(), dns_error::no_answer);
    EXPECT_EQ(names.running(), 1U);
    server.do_ = good;  // the next round gets its answer
    EXPECT_TRUE(wait(patient).result->has_value());
}

TEST_F(resolver_test, stop_ends_everything_at_once) {
    name_server server(loop, silent);
    auto wanted = settings({server.address()});
    wanted.dns.timeout = 10s;
    resolver names(loop.get_executor(), wanted);
    const auto before = open_files();
    const auto first = ask(names, "shop", "slow1.test");
    const auto second = ask(names, "bank", "slow2.test");
    run_until([&] { return server.asked.size() >= 4; });
    names.stop();
    EXPECT_EQ(names.running(), 0U);
    EXPECT_EQ(open_files(), before);
    EXPECT_EQ(wait(first).error(), dns_error::stopped);
    EXPECT_EQ(wait(second).error(), dns_error::stopped);
    EXPECT_EQ(get(names, "slow3.test").error(), dns_error::stopped);
}

TEST_F(resolver_test, the_resolver_may_go_before_those_who_wait) {
    name_server server(loop, silent);
    std::shared_ptr<outcome> one;
    {
        resolver names(loop.get_executor(), settings({server.address()}));
        one = ask(names, "shop", "slow.test");
        run_until([&] { return !server.asked.empty(); });
    }
    EXPECT_EQ(wait(one).error(), dns_error::stopped);
}

TEST_F(resolver_test, the_loop_may_go_with_look_ups_under_way) {
    const auto before = open_files();
    {
        asio::io_context other;
        name_server server(other, silent);
        resolver names(other.get_executor(), settings({server.address()}));
        const auto work = [](auto lookup) -> asio::awaitable<void> {
            (void)co_await std::move(lookup);
        };
        const auto until = std::chrono::steady_clock::now() + tests::beyond_hanging;
        asio::co_spawn(other, work(names.resolve("shop", "slow.test", until)),
                       [](std::exception_ptr) {});
        while (server.asked.empty())
            other.run_one();
    }
    EXPECT_EQ(open_files(), before);
}

TEST_F(resolver_test, last_good_addresses_are_used_while_the_servers_are_away) {
    name_server server(loop, good);
    auto wanted = settings({server.address()});
    wanted.kept_names_max = 1;
    std::vector<std::string> used;
    wanted.on_kept = [&used](const std::string& name, const error_code&) { used.push_back(name); };
    resolver names(loop.get_executor(), wanted);
    const auto first = **get(names, "smsc.test").result;
    ASSERT_TRUE(get(names, "other.test").result->has_value());

    server.do_ = silent;
    const auto again = get(names, "smsc.test");
    ASSERT_TRUE(again.result->has_value()) << again.error().message();
    EXPECT_EQ(**again.result, first);
    EXPECT_EQ(get(names, "other.test").error(), dns_error::no_answer) << "one name is kept";
    server.do_ = [](const question& asked) { return std::vector<octets>{answer_to(asked, {}, 2)}; };
    EXPECT_EQ(**get(names, "smsc.test").result, first);
    EXPECT_EQ(used, (std::vector<std::string>{"smsc.test", "smsc.test"}));
    EXPECT_EQ(names.counters().kept, 2U);

    server.do_ = denying;
    EXPECT_EQ(get(names, "smsc.test").error(), dns_error::unknown_name) << "that is an answer";
    server.do_ = [](const question& asked) {
        return std::vector<octets>{answer_to(asked, {second_v4})};
    };
    EXPECT_EQ(**get(names, "smsc.test").result, addresses{second_v4}) << "new ones replace them";
}

// Good answers with octets changed, cut and added, and plain noise, by a seed: each look-up ends,
// with addresses or a named error, and the next good answer is understood.
TEST_F(resolver_test, mad_servers) {
    std::mt19937 random(20261129);
    name_server server(loop, [&random](const question& asked) {
        std::vector<octets> out;
        for (int i = 0; i < 3; ++i) {
            octets one = answer_to(asked, {first_v4, second_v4, first_v6});
            const auto changes = random() % 6;
            for (std::uint32_t c = 0; c < changes; ++c)
                one[random() % one.size()] = static_cast<std::uint8_t>(random());
            if (random() % 4 == 0) one.resize(random() % (one.size() + 1));
            if (random() % 4 == 0) one.resize(one.size() + random() % 400);
            out.push_back(std::move(one));
        }
        return out;
    });
    auto wanted = settings({server.address()});
    wanted.lookups_per_owner_max = 1000;
    wanted.dns.timeout = 20ms;
    resolver names(loop.get_executor(), wanted);
    const auto before = open_files();
    std::vector<std::shared_ptr<outcome>> all;
    for (int i = 0; i < 400; ++i) {
        all.push_back(ask(names, "shop", "n" + std::to_string(i) + ".test", 2s));
        // Few at a time: there are only so many sockets.
        if (i % 20 == 19) wait(all.back());
    }
    for (const auto& each : all) {
        const auto found = wait(each);
        const bool named =
            found.error().category() == make_error_code(dns_error::stopped).category();
        EXPECT_TRUE(found.result->has_value() || named) << found.error().message();
    }
    server.do_ = good;
    EXPECT_TRUE(get(names, "app.shop.test").result->has_value());
    EXPECT_EQ(names.running(), 0U);
    EXPECT_LE(open_files(), before + 400) << "the server keeps its TCP connections";
}

}  // namespace
}  // namespace hikyaku::smpp::io::test
