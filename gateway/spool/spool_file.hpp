#pragma once

#include <string>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"

// The spool's file as the file system sees it.
namespace davy::spool {

// Makes the folder (0700) and an empty file (0600) where there is none; an existing file is made private.
Status make_private_file(const std::string& path);

// Renames the file and its log to "<path>.corrupt-<time>" and returns that name. Only the newest
// set_aside_max of them are kept: a disk that keeps failing must not fill itself with ruins.
Result<std::string> set_aside(const std::string& path, WallTime now);
inline constexpr std::size_t set_aside_max = 2;

// " by process 123 (davy-gateway)", as far as the kernel tells; empty otherwise.
std::string name_of_holder(const std::string& path);

}  // namespace davy::spool
