#include "firmware/app/key_desk.hpp"

#include "proto/base/log.hpp"

namespace davy {
namespace {

constexpr std::size_t asked_max = 16;
// The locks may be faster than the loop that takes their answers.
constexpr std::size_t answers_max = 4 * asked_max;

}  // namespace

KeyDesk::KeyDesk(std::function<void()> wake_locks, std::function<void()> wake_loop)
    : asked_{asked_max, std::move(wake_locks)}, answers_{answers_max, std::move(wake_loop)} {}

void KeyDesk::serve(Interlock& locks, Now now) {
  asked_.drain(taken_);
  for (const FanKeyAsk& ask : taken_) {
    const KeyUse use{ask.lock, ask.user, ask.reason};
    const Status done = ask.give_back ? locks.end_key(use, now) : locks.use_key(use, now);
    const std::string good = ask.lock + (ask.give_back ? " is no longer open by key" : " is open by key");
    const Reply reply{ask.command, done ? Outcome::done : Outcome::refused,
                      done ? good : done.error().message};
    log::warn("fan_key", {{"id", ask.command},
                          {"lock", ask.lock},
                          {"operator", ask.user},
                          {"reason", ask.reason},
                          {"answer", reply.message}});
    // Nobody takes answers: the events tell all the same.
    static_cast<void>(answers_.push(reply));
  }
}

}  // namespace davy
