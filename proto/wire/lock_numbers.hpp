#pragma once

#include <string>

#include "proto/wire/config_text.hpp"
#include "proto/wire/interlock_config.hpp"

namespace davy::wire {
class LockInputConfig;
}

// Not for other folders.
namespace davy {

bool has_methane(LockRow row);
// What a row acts on when nothing is named, and may act on at all.
OutputKind own_kind(LockRow row);
bool suits(LockRow row, OutputKind kind);
// The field of a lock that holds its inputs of this role.
const char* field_of(LockRow row, InputRole role);
// "METHANE_FACE (b)", "CUTTER": as they stand in the file.
std::string row_words(LockRow row);
std::string kind_words(OutputKind kind);

// An input with the row's numbers where it gives none. Numbers that act later or release earlier than the
// law's need a legal_basis.
LockInput input_from(const wire::LockInputConfig& in, std::uint32_t index, InputRole role,
                     const LockSettings& lock, const Point& point, const ConfigNode& node,
                     ConfigText& config);

}  // namespace davy
