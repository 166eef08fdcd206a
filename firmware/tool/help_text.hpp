#pragma once

// What --help says behind the list of options.
namespace davy::help {

inline constexpr const char* top = R"(
Examples:
  davy bus scan --port /dev/ttyUSB0
      what is on this bus: listens first, asks only where nobody talks
  davy bus read --port /dev/ttyUSB0 --unit 3 --table input --address 100 --expect 20.9
      where in the device is the number that its display shows?
  davy profile new acme-o2
      asks what the manual says and writes the device's profile
  davy bus watch --port /dev/ttyUSB0 --unit 3 --profile acme-o2.textproto
      live values, as a gateway will see them

davy VERB --help and davy bus VERB --help explain each verb. Nothing here writes to a device.

Exit codes:
   0  done; something was found, or everything is good
   1  nobody answered, nothing was found, or a check failed
  64  wrong command line
  69  the serial port or server cannot be opened
  70  a mistake inside davy: please report it
  74  a file cannot be written
  78  a profile or golden file has mistakes
)";

inline constexpr const char* scan = R"(
Listens at each candidate setting first; the port is opened for reading only. Where a master talks, its
settings, units and functions are told and nothing is sent. On a silent line each unit is asked for one
register, a holding register and then, if it was silent, an input register; an exception is an answer. The
first setting at which anybody answers ends the search. Ctrl-C prints what was found until then.

Examples:
  davy bus scan --port /dev/ttyUSB0
      all usual settings, all units: some 25 min when nobody answers, less as soon as somebody does
  davy bus scan --port /dev/ttyUSB0 --baud 9600 --parity none --units 1-32
      a new device on the bench, settings from its manual: half a minute at most
  davy bus scan --tcp 192.168.1.20:502 --units 1-10
)";

inline constexpr const char* read = R"(
Prints the registers with everything they may mean. Addresses are those on the wire, from 0: what a manual
calls 40102 is usually --table holding --address 101, and 30001 is --table input --address 0.

Examples:
  davy bus read --port /dev/ttyUSB0 --unit 3 --table input --address 100 --count 4
  davy bus read --tcp 192.168.1.20:502 --unit 1 --table holding --address 0 --expect 20.9
      searches the address, the ones before and behind it, both tables of registers, all encodings, word
      orders and usual scales for the value that the display shows, and says which fits
  davy bus read --port /dev/ttyUSB0 --unit 3 --address 100 --expect 20.9 --scale 0.1 --within 0.3
)";

inline constexpr const char* watch = R"(
Reads the device as a gateway would and shows signal, value, unit, quality, age and raw registers; refreshed
in place on a terminal, one line a change elsewhere. Faults are counted by kind.

Examples:
  davy bus watch --port /dev/ttyUSB0 --unit 1 --profile xy-md02
  davy bus watch --tcp 192.168.1.20 --unit 1 --profile ./acme-o2.textproto --for 10
)";

inline constexpr const char* sniff = R"(
Sends nothing, ever. Tells requests from replies, names functions and exceptions, finds damaged frames and
gaps shorter than t3.5, and sums up at the end. Gaps are seen as they arrive here: a USB adapter bundles what
comes within 16 ms unless its latency timer is set lower.

Examples:
  davy bus sniff --port /dev/ttyUSB0 --baud 9600
  davy bus sniff --port /dev/ttyUSB0 --baud 19200 --parity even --profile 3=xy-md02 --for 60
      decodes what unit 3 answers
)";

inline constexpr const char* check = R"(
Reads each profile and prints all its mistakes with line and column, then plays golden frames to it: requests,
replies and what they have to read as. drivers/profiles/README.md shows the format.

Examples:
  davy profile check acme-o2.textproto
  davy profile check acme-o2.textproto --golden acme-o2.txt
  davy profile check drivers/profiles/*.textproto --golden tests/golden/modbus
      the golden file of each profile is the one of its name
)";

inline constexpr const char* make = R"(
Asks what the manual says, explains each question, and writes NAME.textproto; an existing file is never
overwritten. With --port or --tcp and --unit each signal is read live as soon as it is described, and a
neighbouring address or another word order is proposed when the value cannot be.

Examples:
  davy profile new acme-o2 --port /dev/ttyUSB0 --baud 9600 --unit 3
  davy profile new acme-o2 --maker Acme --model O2-7 --source "manual 1.3, p. 12" --counting 40001 \
    --signal "o2 address=30101 encoding=u16 scale=0.1 quantity=O2 unit=% range=0..25 raw=0x7FFF:sensor_fault"
      the same without questions

A signal's words: table (holding, input, coil, discrete; --counting 40001 knows it from the address), address,
encoding (u16, s16, u32, s32, float32, bcd16, bit, bits), order (ABCD, CDAB, BADC, DCBA), bit, bits, scale,
offset, quantity, unit, range (LOW..HIGH), raw (NUMBER:QUALITY, may come again), and last text=anything.
)";

}  // namespace davy::help
