// The ring of items made ahead: order, errors, and stopping at any moment. It runs under the thread sanitizer.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "trainer/data/ring.h"

using ktrain::trainer::Ring;

TEST_CASE("items come in order, each once, and no worker runs further ahead than the ring is deep") {
    for (const std::size_t workers : {0U, 1U, 2U, 7U}) {
        CAPTURE(workers);
        std::atomic<std::size_t> asked = 0, too_early = 0;
        Ring<std::size_t> ring(500, workers, [&](std::size_t number) {
            if (number >= asked + 2 * workers) ++too_early;
            return number * number;
        });
        for (std::size_t i = 0; i < 500; ++i) {
            ++asked;
            CHECK(ring.next() == i * i);
        }
        CHECK_FALSE(ring.next());
        CHECK_FALSE(ring.next());
        CHECK(too_early == 0);
    }
}

TEST_CASE("an empty ring ends at once") {
    for (const std::size_t workers : {0U, 3U}) CHECK_FALSE(Ring<int>(0, workers, [](auto) { return 1; }).next());
}

TEST_CASE("what the making of an item throws comes out in its place") {
    for (const std::size_t workers : {0U, 1U, 3U}) {
        CAPTURE(workers);
        Ring<std::string> ring(6, workers, [](std::size_t number) -> std::string {
            if (number % 3 == 2) throw std::runtime_error("item " + std::to_string(number));
            return std::to_string(number);
        });
        CHECK(ring.next() == "0");
        CHECK(ring.next() == "1");
        CHECK_THROWS_WITH(ring.next(), "item 2");
        CHECK(ring.next() == "3");
        CHECK(ring.next() == "4");
        CHECK_THROWS_WITH(ring.next(), "item 5");
        CHECK_FALSE(ring.next());
    }
}

TEST_CASE("a ring ends at any moment: never asked, asked a little, full, or with nothing but errors") {
    for (const std::size_t asked : {0U, 1U, 5U}) {
        for (const bool fails : {false, true}) {
            CAPTURE(asked);
            CAPTURE(fails);
            const auto token = std::make_shared<int>(1);  // counts the items that are alive
            std::atomic<std::size_t> made = 0;
            {
                Ring<std::shared_ptr<int>> ring(1000, 3, [&](std::size_t) {
                    ++made;
                    made.notify_one();
                    if (fails) throw std::runtime_error("no");
                    return token;
                });
                for (std::size_t i = 0; i < asked && !fails; ++i) CHECK(ring.next() == token);
                if (!fails && asked == 5)  // wait until it is full
                    for (std::size_t seen = made; seen < asked + 6; seen = made) made.wait(seen);
            }
            CHECK(made <= 1000);
            CHECK(made <= asked + 6);
            CHECK(token.use_count() == 1);
        }
    }
}
