#include "firmware/tool/profile_new.hpp"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "firmware/app/installed_profiles.hpp"
#include "firmware/tool/bus_choice.hpp"
#include "firmware/tool/profile_draft.hpp"
#include "firmware/tool/profile_interview.hpp"
#include "firmware/tool/signal_trial.hpp"
#include "firmware/tool/words.hpp"
#include "proto/base/system_clock.hpp"

namespace davy {
namespace {

// Makes the file, or says why not; one that is there stays as it is.
Status write_new(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) {
    const int error = errno;
    if (error == EEXIST)
      return fail(Errc::conflict, path + ": exists already; take another name, or remove it first");
    return fail(Errc::unavailable, path + ": cannot be written: " + std::generic_category().message(error));
  }
  const auto written = ::write(file, text.data(), text.size());
  const bool good = ::fsync(file) == 0 && written == static_cast<ssize_t>(text.size());
  ::close(file);
  if (good) return {};
  ::unlink(path.c_str());
  return fail(Errc::unavailable, path + ": cannot be written: the disk is full or broken");
}

class NewProfile {
 public:
  NewProfile(const NewOptions& options, Console& console)
      : options_{options}, console_{console}, line_{options.bus.serial()} {
    profile_ = {.name = options.name,
                .maker = options.maker,
                .model = options.model,
                .sources = options.sources,
                .serial = line_};
  }

  ExitCode run() {
    const std::string path =
        (std::filesystem::path{options_.folder} / (options_.name + ".textproto")).string();
    if (std::filesystem::exists(path))
      return complain(path + ": exists already; take another name, or remove it first");
    if (options_.with_bus) {
      if (const Status free = check_port(options_.bus, line_); !free)
        return complain_of_port(console_, free.error());
      bus_ = make_bus(options_.bus, line_, clock_);
    }
    const ExitCode described = options_.signals.empty() ? interview() : take_flags();
    if (described != ExitCode::ok) return described;
    const std::string text = profile_text(profile_);
    if (const auto parsed = parse_profile(text, path); !parsed) {
      console_.err << "This would not be a good profile, so it is not written:\n"
                   << parsed.error().message << "\n";
      return ExitCode::config;
    }
    if (const Status written = write_new(path, text); !written) {
      console_.err << "davy: " << written.error().message << "\n";
      return written.error().code == Errc::conflict ? ExitCode::usage : ExitCode::io;
    }
    tell_next(path);
    return ExitCode::ok;
  }

 private:
  ExitCode complain(const std::string& what) {
    console_.err << "davy: " << what << "\n";
    return ExitCode::usage;
  }

  ExitCode interview() {
    Questions questions{console_};
    ProfileInterview ask{questions, options_};
    const bool done = ask.run(profile_, [&](const SignalProfile& signal) {
      if (!bus_) return true;
      const Trial trial = try_signal(signal, *bus_, options_.unit, options_.wait);
      questions.tell(trial.text);
      const auto keep = questions.ask(trial.good ? "" : "Compare with the display and the manual.",
                                      "keep this signal, or describe it again (keep, again)",
                                      trial.good ? "keep" : "again");
      return !keep || !std::string_view{"again"}.starts_with(*keep);
    });
    line_ = profile_.serial;
    if (done) return ExitCode::ok;
    return complain("the answers ended before the profile was complete; nothing was written");
  }

  ExitCode take_flags() {
    for (const auto& [field, flag] :
         {std::pair{&profile_.maker, "--maker"}, std::pair{&profile_.model, "--model"}}) {
      if (field->empty())
        return complain(std::string{flag} + " is missing: with --signal there are no questions");
    }
    if (profile_.sources.empty())
      return complain("--source is missing: say from which manual and page the facts are");
    for (const std::string& words : options_.signals) {
      auto signal = signal_from_words(words, options_.counting.value_or(Counting::wire));
      if (!signal) return complain("--signal: " + signal.error().message);
      if (bus_) console_.out << try_signal(*signal, *bus_, options_.unit, options_.wait).text << "\n";
      profile_.signals.push_back(*std::move(signal));
    }
    return ExitCode::ok;
  }

  void tell_next(const std::string& path) {
    const std::string where = options_.with_bus ? bus_flags(options_.bus, line_) : "--port /dev/ttyUSB0";
    console_.out << "\nwritten: " << path << "\n"
                 << "next:\n"
                 << "  davy bus watch " << where << " --unit " << static_cast<int>(options_.unit)
                 << " --profile " << path << "\n"
                 << "  davy profile check " << path
                 << "    after every change of the file; a status word is added there\n"
                 << "  cp " << path << " "
                 << std::filesystem::path{installed_profiles()}.lexically_normal().string()
                 << "/    on the gateway's box\n"
                 << "# for gateway.textproto; davy-gateway --check proves it:\n"
                 << bus_config_text(profile_, options_.bus, line_, options_.unit);
  }

  const NewOptions& options_;
  Console& console_;
  SerialSettings line_;
  DeviceProfile profile_;
  const SystemClock clock_;
  std::unique_ptr<RegisterBus> bus_;
};

}  // namespace

ExitCode profile_new(const NewOptions& options, Console& console) {
  return NewProfile{options, console}.run();
}

}  // namespace davy
