#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/history/batch.hpp"
#include "proto/model/range_set.hpp"
#include "proto/wire/messages.hpp"

namespace davy {

// Which ranges of which stream their gateways have to be told. An ack names the whole range around a block,
// not only the block: that is true, as short, and makes up for acks that got lost.
class AckBook {
 public:
  void add(const std::string& gateway, const Uuid& stream, Range stored) {
    due_[gateway][stream].add(stored);
  }
  // Everything that is stored of a stream, even if that is nothing: any ack tells a gateway that the host is
  // there.
  void greet(const std::string& gateway, const Uuid& stream, const RangeSet& stored) {
    RangeSet& ranges = due_[gateway][stream];
    for (const Range& range : stored.ranges()) ranges.add(range);
  }
  bool empty() const { return due_.empty(); }

  // One or more messages for one gateway, off the book: put back what could not be sent.
  struct Due {
    std::string gateway;
    std::map<Uuid, RangeSet> streams;
  };
  Due take_one();
  void put_back(const Due& due);
  static std::vector<std::string> encode(const Due& due);

 private:
  std::map<std::string, std::map<Uuid, RangeSet>> due_;
};

}  // namespace davy
