#include "drivers/can/sdo_upload.hpp"

#include <string>

#include <doctest/doctest.h>

#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {

constexpr ObjectAddress identity{0x1018, 1};

template <typename... Bytes>
CanFrame answer(Bytes... bytes) {
  return classic_frame(sdo_answer_id(7), bytes...);
}

// A node that answers as CiA 301 says, with one object in it; the other side of the protocol.
struct Node {
  std::string object;
  std::size_t at = 0;
  bool size_told = true;

  CanFrame serve(const CanFrame& asked) {
    CanFrame out = answer(0, 0, 0, 0, 0, 0, 0, 0);
    if (asked.data[0] == 0x40) {
      at = 0;
      std::copy_n(asked.data.begin() + 1, 3, out.data.begin() + 1);
      out.data[0] = size_told ? 0x41 : 0x40;
      for (unsigned i = 0; size_told && i < 4; ++i) {
        out.data[4 + i] = static_cast<std::uint8_t>(object.size() >> (8 * i));
      }
      return out;
    }
    REQUIRE((asked.data[0] & 0xE0U) == 0x60);
    const std::size_t size = std::min<std::size_t>(7, object.size() - at);
    std::copy_n(object.begin() + static_cast<std::ptrdiff_t>(at), size, out.data.begin() + 1);
    at += size;
    const bool last = at == object.size();
    out.data[0] = static_cast<std::uint8_t>((asked.data[0] & 0x10U) | (7 - size) << 1U | (last ? 1U : 0U));
    return out;
  }
};

struct Bench {
  ManualClock clock;
  SdoUpload upload{7, Duration{500}};

  Bench() { upload.start(identity, clock.steady()); }
  std::optional<CanFrame> give(const CanFrame& frame) { return upload.take(frame, clock.steady()); }
  std::string why() const { return upload.result() ? std::string{} : upload.result().error().message; }
};

}  // namespace

TEST_CASE("sdo: a short object comes in one frame") {
  struct Row {
    unsigned head;
    std::vector<std::uint8_t> bytes;
  };
  for (const Row& row : {Row{0x43, {1, 2, 3, 4}}, Row{0x47, {1, 2, 3}}, Row{0x4B, {1, 2}}, Row{0x4F, {1}},
                         Row{0x42, {1, 2, 3, 4}}}) {
    Bench b;
    CHECK(b.upload.start(identity, b.clock.steady()) ==
          classic_frame(sdo_request_id(7), 0x40, 0x18, 0x10, 1, 0, 0, 0, 0));
    CHECK(b.upload.busy());
    CHECK_FALSE(b.give(answer(row.head, 0x18, 0x10, 1, 1, 2, 3, 4)).has_value());
    CHECK_FALSE(b.upload.busy());
    REQUIRE(b.upload.result().has_value());
    CHECK(*b.upload.result() == row.bytes);
  }
  CHECK(number_from(std::vector<std::uint8_t>{1, 2, 3, 4}) == 0x04030201);
}

TEST_CASE("sdo: a long object comes in segments, whatever its length") {
  for (const bool size_told : {true, false}) {
    for (const std::size_t size : {1U, 6U, 7U, 8U, 14U, 15U, 1000U, 65536U}) {
      CAPTURE(size);
      ManualClock clock;
      SdoUpload upload{7, Duration{500}};
      Node node{.object = std::string(size, 'x'), .size_told = size_told};
      node.object[size / 2] = 'y';
      std::optional<CanFrame> asked = upload.start({0x1008, 0}, clock.steady());
      while (asked) {
        clock.advance(Duration{499});
        CHECK_FALSE(upload.step(clock.steady()).has_value());
        asked = upload.take(node.serve(*asked), clock.steady());
      }
      REQUIRE(upload.result().has_value());
      CHECK(std::string{upload.result()->begin(), upload.result()->end()} == node.object);
    }
  }
}

TEST_CASE("sdo: a node's no is told in its words") {
  Bench b;
  b.give(answer(0x80, 0x18, 0x10, 1, 0x11, 0x00, 0x09, 0x06));
  REQUIRE_FALSE(b.upload.result().has_value());
  CHECK(b.upload.result().error().code == Errc::rejected);
  CHECK(b.why() == "node 7, object 1018:01: the object has no such sub-index (abort code 0x06090011)");
  CHECK(sdo_abort_meaning(0x12345678) == "a reason that CiA 301 does not know");
}

TEST_CASE("sdo: no answer in time ends the transfer, and the node is told") {
  Bench b;
  CHECK(b.upload.next_due() == b.clock.steady() + Duration{500});
  b.clock.advance(Duration{499});
  CHECK_FALSE(b.upload.step(b.clock.steady()).has_value());
  b.clock.advance(Duration{1});
  CHECK(b.upload.step(b.clock.steady()) ==
        classic_frame(sdo_request_id(7), 0x80, 0x18, 0x10, 1, 0x00, 0x00, 0x04, 0x05));
  CHECK(b.upload.result().error().code == Errc::timeout);
  CHECK(b.upload.next_due() == never);
  CHECK_FALSE(b.upload.step(b.clock.steady()).has_value());
  b.give(answer(0x43, 0x18, 0x10, 1, 1, 2, 3, 4));  // too late
  CHECK_FALSE(b.upload.result().has_value());
}

TEST_CASE("sdo: what is not for this question is passed over") {
  Bench b;
  b.give(answer(0x43, 0x18, 0x10, 2, 1, 2, 3, 4));  // a late answer to another question
  b.give(answer(0x80, 0x00, 0x10, 0, 0, 0, 0, 8));  // its refusal
  b.give(answer(0x01, 1, 2, 3, 4, 5, 6, 7));        // a late segment
  b.give(classic_frame(sdo_answer_id(8), 0x43, 0x18, 0x10, 1, 1, 2, 3, 4));
  b.give(answer(0x43, 0x18, 0x10, 1));
  CHECK(b.upload.busy());
  b.give(answer(0x4F, 0x18, 0x10, 1, 9, 0, 0, 0));
  CHECK(*b.upload.result() == std::vector<std::uint8_t>{9});
}

TEST_CASE("sdo: a node that does not keep to the protocol is told to stop") {
  struct Row {
    const char* what;
    std::vector<CanFrame> frames;
    std::uint32_t code;
  };
  const CanFrame open = answer(0x41, 0x18, 0x10, 1, 9, 0, 0, 0);
  const CanFrame first = answer(0x00, 1, 2, 3, 4, 5, 6, 7);
  const Row rows[] = {
      {"another command", {answer(0x60, 0x18, 0x10, 1, 0, 0, 0, 0)}, 0x05040001},
      {"another command later", {open, answer(0x43, 0x18, 0x10, 1, 0, 0, 0, 0)}, 0x05040001},
      {"a segment twice", {open, first, first}, 0x05030000},
      {"the wrong toggle", {open, answer(0x10, 1, 2, 3, 4, 5, 6, 7)}, 0x05030000},
      {"too many bytes", {open, first, answer(0x10, 1, 2, 3, 4, 5, 6, 7)}, 0x06070010},
      {"too few bytes", {open, answer(0x01, 1, 2, 3, 4, 5, 6, 7)}, 0x06070010},
      {"an empty segment", {open, answer(0x0E, 0, 0, 0, 0, 0, 0, 0)}, 0x06070010},
      {"too large", {answer(0x41, 0x18, 0x10, 1, 0, 0, 0, 1)}, 0x05040005},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Bench b;
    std::optional<CanFrame> said;
    for (const CanFrame& frame : row.frames) said = b.give(frame);
    REQUIRE(said.has_value());
    CHECK(said->data[0] == 0x80);
    CHECK(number_from(said->bytes().subspan(4)) == row.code);
    CHECK_FALSE(b.upload.busy());
    REQUIRE_FALSE(b.upload.result().has_value());
    CHECK(b.upload.result().error().code == Errc::bad_data);
    CHECK(b.why().find("node 7, object 1018:01: ") == 0);
  }
}
