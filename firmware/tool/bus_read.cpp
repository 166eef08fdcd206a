#include "firmware/tool/bus_read.hpp"

#include <algorithm>
#include <cmath>

#include "drivers/modbus/golden_file.hpp"
#include "firmware/app/text_table.hpp"
#include "firmware/tool/bus_choice.hpp"
#include "firmware/tool/plausible.hpp"
#include "firmware/tool/words.hpp"
#include "proto/base/system_clock.hpp"

namespace davy {
namespace {

constexpr double near_share = 0.02;  // of the expected value
constexpr std::size_t shown_max = 8;
constexpr WordOrder orders[] = {WordOrder::abcd, WordOrder::cdab, WordOrder::badc, WordOrder::dcba};
constexpr std::uint8_t no_such_register = 2;
constexpr std::uint8_t no_such_table = 1;

std::string as(Encoding encoding, WordOrder order, const std::vector<std::uint16_t>& registers) {
  const auto value = value_as(encoding, order, 1, registers);
  if (!value || (encoding == Encoding::float32 && !is_plausible_float(*value))) return ".";
  return short_number(*value, encoding == Encoding::float32 ? 7 : 10);
}

std::string one_register_table(std::uint16_t address, std::span<const std::uint16_t> words) {
  TextTable table;
  table.add({"address", "hex", "u16", "s16", "bcd16", "u16 bytes swapped"});
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::vector<std::uint16_t> word{words[i]};
    table.add({std::to_string(address + i), hex_word(words[i]), as(Encoding::u16, WordOrder::abcd, word),
               as(Encoding::s16, WordOrder::abcd, word), as(Encoding::bcd16, WordOrder::abcd, word),
               as(Encoding::u16, WordOrder::badc, word)});
  }
  return table.print();
}

std::string two_register_table(std::uint16_t address, std::span<const std::uint16_t> words) {
  TextTable table;
  std::vector<std::string> head{"addresses"};
  for (const char* form : {"float32 ", "u32 "}) {
    for (const WordOrder order : orders) head.push_back(form + std::string{word_order_word(order)});
  }
  table.add(std::move(head));
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::vector<std::uint16_t> pair{words[i], words[i + 1]};
    std::vector<std::string> row{std::to_string(address + i) + "-" + std::to_string(address + i + 1)};
    for (const Encoding encoding : {Encoding::float32, Encoding::u32}) {
      for (const WordOrder order : orders) row.push_back(as(encoding, order, pair));
    }
    table.add(std::move(row));
  }
  return table.print();
}

std::string bit_table(std::uint16_t address, std::span<const std::uint16_t> bits) {
  TextTable table;
  table.add({"address", "bit"});
  for (std::size_t i = 0; i < bits.size(); ++i)
    table.add({std::to_string(address + i), std::to_string(bits[i])});
  return table.print();
}

std::string advice_for(const ReadOptions& options, const BusReply& reply) {
  if (reply.fault == BusFault::timeout) {
    return "Try: davy bus scan finds the baud rate, parity and unit id of whatever answers; a longer "
           "--wait.\n";
  }
  if (reply.fault == BusFault::exception && reply.exception == no_such_register) {
    return "The device is there. Try one address less or more, fewer registers (--count 1), or the other "
           "table; "
           "with --expect VALUE (what the display shows) davy tries them all.\n";
  }
  if (reply.fault == BusFault::exception && reply.exception == no_such_table) {
    const auto other = options.table == RegisterTable::input ? RegisterTable::holding : RegisterTable::input;
    return "The device is there. Try --table " + std::string{table_word(other)} + ".\n";
  }
  return {};
}

}  // namespace

ExitCode read_registers(const ReadOptions& options, RegisterBus& bus, const std::string& where,
                        Console& console) {
  std::vector<std::uint16_t> words(options.count);
  const RegisterRead request{.unit = options.unit,
                             .table = options.table,
                             .address = options.address,
                             .count = options.count,
                             .reply_timeout = options.wait};
  const BusReply reply = bus.read(request, words);
  if (!reply.ok()) {
    console.err << "davy: " << where << ": " << reply.message << "\n" << advice_for(options, reply);
    return reply.fault == BusFault::port_lost ? ExitCode::port_unusable : ExitCode::no;
  }
  console.out << where << ": " << describe(request) << "\n";
  if (options.raw) console.out << golden_lines(request, words);
  if (is_bits(options.table)) {
    console.out << bit_table(options.address, words);
    return ExitCode::ok;
  }
  console.out << one_register_table(options.address, words);
  if (words.size() > 1) console.out << "\n" << two_register_table(options.address, words);
  return ExitCode::ok;
}

ExitCode search_value(const ReadOptions& options, RegisterBus& bus, const std::string& where,
                      Console& console) {
  const double expect = *options.expect;
  const double margin = options.within.value_or(near_share * std::abs(expect));
  MeaningSearch search{.table = options.table,
                       .address = options.address,
                       .low = expect - margin,
                       .high = expect + margin,
                       .exactly = expect,
                       .scales = {},
                       .float_scale = options.scale};
  if (options.scale) search.scales = {*options.scale};
  TappedBus tapped{bus};
  std::string last_fault;
  for (const RegisterRead& read : search_reads(search, options.unit, options.wait)) {
    std::uint16_t word = 0;
    const BusReply reply = tapped.read(read, {&word, 1});
    if (reply.ok()) continue;
    last_fault = reply.message;
    if (reply.fault != BusFault::timeout && reply.fault != BusFault::port_lost) continue;
    console.err << "davy: " << where << ": " << reply.message << "\n" << advice_for(options, reply);
    return reply.fault == BusFault::port_lost ? ExitCode::port_unusable : ExitCode::no;
  }
  const auto meanings = plausible_meanings(tapped.image(), search);
  if (meanings.empty()) {
    console.out
        << where << ": unit " << static_cast<int>(options.unit) << " has nothing like "
        << short_number(expect) << " at or beside address " << options.address
        << ", in either table, encoding or word order.\n"
        << (last_fault.empty() ? "" : "The last refusal: " + last_fault + "\n")
        << "Check the address in the manual, --scale, and that the display shows what the bus sends.\n";
    return ExitCode::no;
  }
  const Meaning& best = meanings.front();
  console.out << where << ": value plausible at " << meaning_text(best) << (best.exact ? "" : " (near)")
              << "\n";
  const std::string advice = meaning_advice(best, options.table, options.address);
  if (!advice.empty()) console.out << "so " << advice << "\n";
  if (meanings.size() > 1) console.out << "also possible; read again when the display shows another value:\n";
  for (std::size_t i = 1; i < std::min(meanings.size(), shown_max); ++i) {
    console.out << "  " << meaning_text(meanings[i]) << (meanings[i].exact ? "" : " (near)") << "\n";
  }
  return ExitCode::ok;
}

ExitCode bus_read(const ReadOptions& options, Console& console) {
  const SerialSettings line = options.bus.serial();
  if (const Status free = check_port(options.bus, line); !free)
    return complain_of_port(console, free.error());
  const SystemClock clock;
  const auto bus = make_bus(options.bus, line, clock);
  const std::string where = bus_text(options.bus, line);
  return options.expect ? search_value(options, *bus, where, console)
                        : read_registers(options, *bus, where, console);
}

}  // namespace davy
