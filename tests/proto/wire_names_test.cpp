#include <doctest/doctest.h>

#include "proto/wire/hash.hpp"
#include "proto/wire/topics.hpp"

using namespace davy;

TEST_CASE("topics: what is built is what is parsed") {
  for (const TopicKind kind : {TopicKind::birth, TopicKind::state, TopicKind::block, TopicKind::reply,
                               TopicKind::ack, TopicKind::command}) {
    const auto parsed = parse_topic(topic("mine-1", "gw_2", kind));
    REQUIRE(parsed);
    CHECK(parsed->mine == "mine-1");
    CHECK(parsed->gateway == "gw_2");
    CHECK(parsed->kind == kind);
  }
  CHECK(topic_filter("m", TopicKind::block) == "davy/m/+/block");
}

TEST_CASE("topics: what no gateway of ours would use is refused") {
  for (const char* text :
       {"", "davy", "davy/m/g", "davy/m/g/block/x", "davy//g/block", "davy/m//block", "davy/m/g/Block",
        "other/m/g/block", "davy/m/+/block", "davy/m/g#/block", "davy/m/g/"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_topic(text));
  }
  CHECK_FALSE(is_topic_name(std::string(65, 'a')));
}

TEST_CASE("hash: BLAKE2b-256 as others compute it") {
  // b2sum -l 256 of "abc"
  CHECK(to_hex(hash_of("abc")) == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST_CASE("uuid: text and back, and nothing else") {
  const Uuid uuid = random_uuid();
  Uuid back{};
  REQUIRE(uuid_from_text(to_text(uuid), back));
  CHECK(back == uuid);
  CHECK_FALSE(uuid_from_text("1234", back));
  CHECK_FALSE(uuid_from_text(to_text(uuid) + "0", back));
  CHECK_FALSE(uuid_from_text("zz" + to_text(uuid).substr(2), back));
}
