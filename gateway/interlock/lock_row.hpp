#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "gateway/interlock/input_judge.hpp"

// The table of locks: what each row does with its inputs. Pure functions; docs/interlock.md has the table in
// words.
namespace davy {

struct RowView {
  std::span<const LockInput> inputs;
  std::span<const JudgedInput> judged;  // beside inputs
  bool device_fault = false;            // of the area, for row g
};

struct RowVerdict {
  bool trip = false;
  bool fault = false;        // a device of this lock cannot be trusted: the lock has to settle again after it
  bool may_release = false;  // never together with trip; the lock still has to be settled
  std::optional<std::size_t> cause;  // the input that trips; none when row g's device is another lock's
};

RowVerdict judge_row(LockRow row, const RowView& view);

// Row f at the end of a key: the input that still shows gas above the release value while all fans surely
// stand still; none when that is not sure.
std::optional<std::size_t> gas_behind_key(const RowView& view);

// After power-up a lock that cuts is tripped until it has seen good readings and settled. A sounder is
// silent, and a fan lock is what it was before: nothing but gas ever locks a fan.
bool starts_tripped(LockRow row);

struct LockMemory {
  bool tripped = false;
  bool faulty = false;      // at the last step
  SteadyTime settle_until;  // not released before

  bool operator==(const LockMemory&) const = default;
};

// tripped  --(may_release, settled)--> released  --(trip)--> tripped
// A fault moves the settling on: it begins when the fault is over.
LockMemory next_memory(LockMemory memory, const RowVerdict& verdict, Duration settle, SteadyTime now);

}  // namespace davy
