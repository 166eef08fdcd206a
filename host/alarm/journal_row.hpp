#pragma once

#include <string>
#include <string_view>

#include "host/alarm/alarm.hpp"
#include "proto/base/result.hpp"
#include "proto/model/block.hpp"
#include "proto/store/sqlite_database.hpp"

// How alarms and journal entries lie in the tables. Private to this folder.
namespace davy {

// In the order of bind_alarm and read_alarm.
inline constexpr std::string_view alarm_columns =
    "occurrence,source,cause,point,name,gateway,level,side,limit_at,priority,state,condition,raised_ms,"
    "cleared_ms,"
    "acked_ms,acked_by,ack_comment,value,peak,reason";
inline constexpr int alarm_column_count = 20;
inline constexpr std::string_view entry_columns = "seq,at_ms,recorded_ms,kind,late,user,comment";
inline constexpr int entry_column_count = 7;

void bind_alarm(SqliteStatement& statement, int first,
                const Alarm& alarm);  // its seq is not among the columns
Result<Alarm> read_alarm(const SqliteStatement& row, int first);

void bind_entry(SqliteStatement& statement, const JournalEntry& entry);  // entry_columns, then alarm_columns
Result<JournalEntry> read_entry(const SqliteStatement& row);

// The hash that ties a row to the one before it.
Hash chain_hash(std::string_view previous, const JournalEntry& entry);

}  // namespace davy
