#include "firmware/tool/line_tally.hpp"

#include <algorithm>

#include "drivers/modbus/line_timing.hpp"
#include "firmware/app/text_table.hpp"

namespace davy {
namespace {

using std::chrono::microseconds;

// A gap is seen through the kernel and an adapter: a little short of t3.5 is no violation.
constexpr int tolerance_percent = 80;
constexpr std::uint32_t doubled_min = 3;

std::string milliseconds(microseconds span) {
  const auto tenths = span.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

std::string refusals(const LineTally::Talk& talk) {
  std::string out;
  for (const auto& [code, count] : talk.exceptions) {
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " x exception " + std::to_string(code);
  }
  return out.empty() ? "-" : out;
}

std::string addresses(const LineTally::Talk& talk) {
  if (talk.address_first > talk.address_last) return "-";
  return std::to_string(talk.address_first) + "-" + std::to_string(talk.address_last);
}

}  // namespace

void LineTally::take(const HeardFrame& frame) {
  frame.whole ? ++frames_ : ++damaged_;
  if (!frame.whole || !frame.gap) return;
  ++gaps_seen_;
  gap_min_ = std::min(gap_min_.value_or(*frame.gap), *frame.gap);
  if (*frame.gap * 100 < frame_silence(line_) * tolerance_percent) ++gaps_short_;
}

void LineTally::take(const HeardExchange& exchange) {
  if (exchange.unit == 0 && exchange.kind == HeardExchange::Kind::damaged) return;  // nobody's
  Talk& talk = talks_[{exchange.unit, exchange.function}];
  switch (exchange.kind) {
    case HeardExchange::Kind::answered: ++talk.answered; break;
    case HeardExchange::Kind::refused:
      ++talk.refused;
      ++talk.exceptions[exchange.exception];
      break;
    case HeardExchange::Kind::unanswered: ++talk.unanswered; break;
    case HeardExchange::Kind::orphan: ++talk.orphan; break;
    case HeardExchange::Kind::damaged: ++talk.damaged; break;
  }
  if (exchange.reply_after) talk.reply_after_max = std::max(talk.reply_after_max, *exchange.reply_after);
  if (!exchange.read) return;
  talk.address_first = std::min(talk.address_first, exchange.read->address);
  const auto last = static_cast<std::uint16_t>(exchange.read->address + exchange.read->count - 1);
  talk.address_last = std::max(talk.address_last, last);
}

bool LineTally::is_doubled(std::uint8_t unit) const {
  std::uint32_t damaged = 0, whole = 0;
  for (const auto& [who, talk] : talks_) {
    if (who.first != unit) continue;
    damaged += talk.damaged;
    whole += talk.answered + talk.refused;
  }
  return damaged >= doubled_min && damaged > whole && is_understood();
}

std::string LineTally::report() const {
  TextTable table;
  table.add(
      {"unit", "function", "addresses", "answered", "refused", "no answer", "damaged", "slowest answer"});
  for (const auto& [who, talk] : talks_) {
    table.add({who.first == 0 ? "0 (all)" : std::to_string(who.first),
               std::to_string(who.second) + " " + std::string{function_name(who.second)}, addresses(talk),
               std::to_string(talk.answered + talk.orphan), refusals(talk), std::to_string(talk.unanswered),
               std::to_string(talk.damaged),
               talk.answered + talk.refused > 0 ? milliseconds(talk.reply_after_max) : "-"});
  }
  std::string out = talks_.empty() ? std::string{} : table.print();
  out += std::to_string(bytes_) + " bytes, " + std::to_string(frames_) + " whole frames, " +
         std::to_string(damaged_) + " damaged (wrong checksum)";
  if (gap_min_) {
    out += "; " + std::to_string(gaps_short_) + " of " + std::to_string(gaps_seen_) +
           " gaps shorter than t3.5 (" + milliseconds(frame_silence(line_)) + "), the shortest " +
           milliseconds(*gap_min_);
  }
  out += "\n";
  for (const auto& [who, talk] : talks_) {
    if (who.first == 0 || !is_doubled(who.first) || &talk != &talks_.lower_bound({who.first, 0})->second)
      continue;
    out += "unit " + std::to_string(who.first) +
           ": most answers are damaged while others are not: two devices may have this address\n";
  }
  return out;
}

}  // namespace davy
