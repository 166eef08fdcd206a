#pragma once

#include <functional>
#include <optional>

#include "firmware/tool/options.hpp"
#include "firmware/tool/questions.hpp"

namespace davy {

// Asks for everything that a profile needs and the flags have not said.
class ProfileInterview {
 public:
  // Told each signal that was described; false: it is to be described again.
  using Accept = std::function<bool(const SignalProfile&)>;

  ProfileInterview(Questions& questions, const NewOptions& options)
      : questions_{questions}, options_{options} {}
  // Maker, model, sources and line of `profile`, then its signals. False: the answers ended too early.
  bool run(DeviceProfile& profile, const Accept& accept);

 private:
  bool ask_device(DeviceProfile& profile);
  bool ask_line(SerialSettings& line);
  std::optional<SignalProfile> ask_signal(const std::string& name, Counting counting);
  bool ask_place(SignalProfile& signal, Counting counting);
  bool ask_encoding(SignalProfile& signal);
  bool ask_meaning(SignalProfile& signal);
  bool ask_messages(SignalProfile& signal);

  Questions& questions_;
  const NewOptions& options_;
};

}  // namespace davy
