#include "firmware/tool/plausible.hpp"

#include <algorithm>
#include <cmath>

#include "drivers/modbus/register_codec.hpp"
#include "firmware/tool/words.hpp"

namespace davy {
namespace {

constexpr double usual_scales[] = {1, 0.1, 0.01, 0.001, 10, 100};
constexpr double same = 1e-6;  // relative: how exactly a float32 repeats a decimal number
// Steps away from what was asked, each making a meaning less likely.
constexpr int not_exact_steps = 100;
constexpr int other_table_steps = 4;
constexpr int next_address_steps = 3;

struct Form {
  Encoding encoding;
  WordOrder order;
  int steps;
};
constexpr Form forms[] = {
    {Encoding::u16, WordOrder::abcd, 0},     {Encoding::s16, WordOrder::abcd, 0},
    {Encoding::float32, WordOrder::abcd, 0}, {Encoding::float32, WordOrder::cdab, 1},
    {Encoding::float32, WordOrder::dcba, 3}, {Encoding::float32, WordOrder::badc, 3},
    {Encoding::u32, WordOrder::abcd, 2},     {Encoding::u32, WordOrder::cdab, 3},
    {Encoding::s32, WordOrder::abcd, 2},     {Encoding::s32, WordOrder::cdab, 3},
    {Encoding::bcd16, WordOrder::abcd, 4},   {Encoding::u16, WordOrder::badc, 5},
    {Encoding::s16, WordOrder::badc, 5},     {Encoding::u32, WordOrder::badc, 6},
    {Encoding::u32, WordOrder::dcba, 6},     {Encoding::s32, WordOrder::badc, 6},
    {Encoding::s32, WordOrder::dcba, 6},
};

bool is_signed(Encoding encoding) { return encoding == Encoding::s16 || encoding == Encoding::s32; }

// A signed number that is not negative is the unsigned one once more.
bool repeats_unsigned(const Form& form, double value, double scale) {
  return is_signed(form.encoding) && value / scale >= 0;
}

struct Ranked {
  int steps;
  Meaning meaning;
};

void add_meanings(const RegisterImage& image, const MeaningSearch& search, RegisterTable table,
                  std::uint16_t address, const Form& form, std::vector<Ranked>& out) {
  const auto registers = image.get(table, address, register_count(form.encoding));
  if (!registers) return;
  std::vector<double> scales = search.scales;
  if (form.encoding == Encoding::float32) {
    scales = {search.float_scale.value_or(1)};
  } else if (scales.empty()) {
    scales.assign(std::begin(usual_scales), std::end(usual_scales));
  }
  int step = 0;
  for (const double scale : scales) {
    const auto value = value_as(form.encoding, form.order, scale, *registers);
    const int scale_steps = step++;
    if (!value || *value < search.low || *value > search.high || repeats_unsigned(form, *value, scale))
      continue;
    if (form.encoding == Encoding::float32 && !is_plausible_float(*value)) continue;
    Meaning meaning{table, address, form.encoding, form.order, scale, *value, true};
    if (search.exactly)
      meaning.exact = std::abs(*value - *search.exactly) <= same * std::max(1.0, std::abs(*search.exactly));
    int steps = form.steps + scale_steps + (meaning.exact ? 0 : not_exact_steps);
    if (table != search.table) steps += other_table_steps;
    if (address != search.address) steps += next_address_steps;
    out.push_back({steps, meaning});
  }
}

}  // namespace

bool is_plausible_float(double number) {
  return std::isfinite(number) && (number == 0 || (std::abs(number) >= 1e-6 && std::abs(number) < 1e9));
}

std::optional<double> value_as(Encoding encoding, WordOrder order, double scale,
                               const std::vector<std::uint16_t>& registers) {
  const SignalProfile signal{
      .table = RegisterTable::input, .encoding = encoding, .word_order = order, .scale = scale};
  const auto raw = raw_number(signal, registers);
  return raw ? scaled(signal, *raw) : std::nullopt;
}

std::vector<RegisterRead> search_reads(const MeaningSearch& search, std::uint8_t unit, Duration wait) {
  std::vector<RegisterRead> out;
  const int first = std::max(0, search.address - 1);
  const int last = std::min(65535, search.address + 2);
  const bool holding = search.table == RegisterTable::holding;
  for (const RegisterTable table : {holding ? RegisterTable::holding : RegisterTable::input,
                                    holding ? RegisterTable::input : RegisterTable::holding}) {
    // One by one: a device refuses a request that touches a register which it does not have.
    for (int address = first; address <= last; ++address) {
      out.push_back({.unit = unit,
                     .table = table,
                     .address = static_cast<std::uint16_t>(address),
                     .count = 1,
                     .reply_timeout = wait});
    }
  }
  return out;
}

std::vector<Meaning> plausible_meanings(const RegisterImage& image, const MeaningSearch& search) {
  std::vector<Ranked> ranked;
  for (const RegisterTable table : {RegisterTable::holding, RegisterTable::input}) {
    for (int address = search.address - 1; address <= search.address + 1; ++address) {
      if (address < 0 || address > 65535) continue;
      for (const Form& form : forms)
        add_meanings(image, search, table, static_cast<std::uint16_t>(address), form, ranked);
    }
  }
  std::ranges::stable_sort(ranked, {}, &Ranked::steps);
  std::vector<Meaning> out;
  out.reserve(ranked.size());
  for (const Ranked& r : ranked) out.push_back(r.meaning);
  return out;
}

std::string meaning_text(const Meaning& m) {
  std::string form{encoding_word(m.encoding)};
  if (register_count(m.encoding) == 2) form += " " + std::string{word_order_word(m.order)};
  if (register_count(m.encoding) == 1 && m.order != WordOrder::abcd) form += " with its bytes swapped";
  if (m.scale != 1) form += " x " + short_number(m.scale);
  return "address " + std::to_string(m.address) + " (" + std::string{table_name(m.table)} + "), " + form +
         " = " + short_number(m.value);
}

std::string meaning_advice(const Meaning& m, RegisterTable table, std::uint16_t address) {
  std::string out;
  const auto say = [&](const std::string& what) { out += (out.empty() ? "" : "; ") + what; };
  if (m.address + 1 == address)
    say("the manual counts registers from 1: on the wire each address is one less");
  if (m.address == address + 1) say("the register is one further than asked");
  if (m.table != table) say("it is an " + std::string{table_name(m.table)} + ", not one of the other table");
  if (m.order == WordOrder::cdab && register_count(m.encoding) == 2)
    say("the low word comes first: word_order CDAB");
  if (m.order == WordOrder::badc || m.order == WordOrder::dcba)
    say("the bytes are swapped: word_order " + std::string{word_order_word(m.order)});
  return out;
}

}  // namespace davy
