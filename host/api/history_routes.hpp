#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/api/accounts.hpp"
#include "host/api/http_message.hpp"
#include "host/api/job_thread.hpp"
#include "host/api/mirror.hpp"
#include "host/history/history_reader.hpp"

namespace davy {

// Opens a reader for the thread that calls it.
using OpenHistory = std::function<Result<std::unique_ptr<HistoryReader>>()>;

// Questions about the past: journal, trend, gaps, events. They wait in line on a thread of their own, so that
// a slow one delays other slow ones and nothing else. Called on the io thread.
class HistoryRoutes {
 public:
  HistoryRoutes(OpenHistory open, const Mirror& mirror, ToIo to_io);

  void journal(const HttpRequest& request, const Reply& reply);
  void trend(const HttpRequest& request, const Reply& reply);
  void gaps(const HttpRequest& request, const Reply& reply);
  void events(const HttpRequest& request, const Reply& reply);

 private:
  // Makes the answer on the io thread, where the mirror is.
  using Answer = std::function<HttpResponse()>;
  using Question = std::function<Result<Answer>(HistoryReader&)>;
  // Runs `question` with a reader on the thread and replies with its answer, or says that the history is
  // unavailable.
  void ask(Question question, const Reply& reply);
  HttpResponse journal_answer(const std::vector<JournalEntry>& entries, std::uint64_t after) const;

  const OpenHistory open_;
  const Mirror& mirror_;
  const ToIo to_io_;
  std::unique_ptr<HistoryReader> reader_;  // only on thread_
  JobThread thread_;                       // ends first
};

}  // namespace davy
