#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace davy {

// How many connections there may be, in all and from one address. On the io thread.
class ConnectionPlaces {
 public:
  static constexpr std::size_t all_max = 256;
  static constexpr std::size_t address_max = 64;

  // False when there is no place left.
  bool take(const std::string& address) {
    if (all_ >= all_max || by_address_[address] >= address_max) return false;
    ++all_;
    ++by_address_[address];
    return true;
  }
  void leave(const std::string& address) {
    --all_;
    if (--by_address_[address] == 0) by_address_.erase(address);
  }

 private:
  std::size_t all_ = 0;
  std::map<std::string, std::size_t> by_address_;
};

// Holds one connection's place as long as it lives, from HTTP into WebSocket.
class ConnectionPlace {
 public:
  ConnectionPlace(std::shared_ptr<ConnectionPlaces> places, std::string address)
      : places_{std::move(places)}, address_{std::move(address)} {}
  ~ConnectionPlace() {
    if (places_) places_->leave(address_);
  }
  ConnectionPlace(ConnectionPlace&& other) noexcept = default;
  ConnectionPlace& operator=(ConnectionPlace&&) = delete;

  const std::string& address() const { return address_; }

 private:
  std::shared_ptr<ConnectionPlaces> places_;
  std::string address_;
};

}  // namespace davy
