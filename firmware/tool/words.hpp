#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/tool/options.hpp"
#include "proto/base/result.hpp"

// The words that people write on the command line and in answers, and back. Errors say what may stand there.
namespace davy {

Result<std::vector<std::uint8_t>> units_from(std::string_view text);   // "1-247" or "1,3,7-9"; 0 to 255
Result<std::vector<std::uint32_t>> bauds_from(std::string_view text);  // "9600,19200"
Result<std::vector<Parity>> parities_from(std::string_view text);      // "none,even,odd"
Result<TcpSettings> tcp_from(std::string_view text);                   // "host", "host:port", "[v6]:port"
Result<RegisterTable> table_from(std::string_view text);
Result<Encoding> encoding_from(std::string_view text);
Result<WordOrder> word_order_from(std::string_view text);
Result<QualityFlag> flag_from(std::string_view text);
Result<Counting> counting_from(std::string_view text);
Result<double> number_from(std::string_view text);
Result<std::int64_t> integer_from(std::string_view text, std::int64_t low, std::int64_t high);  // or 0x..

std::string_view table_word(RegisterTable table);   // "input"
std::string_view table_name(RegisterTable table);   // "input register"
std::string_view encoding_word(Encoding encoding);  // "float32"
std::string_view word_order_word(WordOrder order);  // "CDAB"
std::string_view flag_word(QualityFlag flag);       // "sensor_fault"
std::string_view parity_word(Parity parity);        // "none"

std::string short_number(double number, int digits = 7);  // 20.9, with so many digits at most
std::string hex_word(std::uint16_t word);                 // "01F4"
std::string upper(std::string_view text);
std::vector<std::string> split_words(std::string_view text, char at);

}  // namespace davy
