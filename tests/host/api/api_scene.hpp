#pragma once

#include <fstream>
#include <memory>
#include <mutex>
#include <string>

#include "host/alarm/alarm_book.hpp"
#include "host/api/api_server.hpp"
#include "proto/base/system_clock.hpp"
#include "tests/host/api/api_client.hpp"
#include "tests/host/api/fake_history.hpp"
#include "tests/support/temp_folder.hpp"

namespace davy {

// A server on loopback with users vera (viewer), otto (operator) and ada (admin), whose passwords are "<name>
// password"; two methane points, and an alarm book in the core's place.
class ApiScene {
 public:
  ApiScene();
  ~ApiScene();

  ApiClient client() const { return ApiClient{server->port()}; }
  ApiClient signed_in(const std::string& user) const;
  std::string url_host() const { return "127.0.0.1:" + std::to_string(server->port()); }

  // A reading, as if the core had judged it: values and alarms are told.
  void read_value(std::uint32_t point, double value);
  Alarm only_alarm();
  // Starts it anew on the same files.
  void restart();
  std::vector<std::string> audit_actions();

  TempFolder folder;
  SystemClock clock;
  std::shared_ptr<FakeHistory> history = std::make_shared<FakeHistory>();
  bool take_acknowledgements = true;
  std::optional<Result<KeyAnswer>> key_answer;  // what the core says to a fan key; none: it takes no more
  std::vector<std::string> keys;                // that were asked for
  std::unique_ptr<ApiServer> server;

 private:
  void open();
  void tell_all();
  bool acknowledge(AcknowledgeRequest request);
  bool use_fan_key(FanKeyRequest request);

  std::mutex mutex_;  // the book is asked from the io thread too
  AlarmBook book_{AlarmBookTimes{}};
};

// Until a condition holds or some seconds are over. `step` has to take some time, such as a request.
template <typename Step>
bool eventually(const Step& step) {
  for (int i = 0; i < 400; ++i) {
    if (step()) return true;
  }
  return false;
}

}  // namespace davy
