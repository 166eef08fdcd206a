#pragma once

namespace davy {

// For std::unique_ptr around what a C library gives: Freed<X509_free>.
template <auto free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};

}  // namespace davy
