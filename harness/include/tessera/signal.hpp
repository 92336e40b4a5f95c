// SPDX-License-Identifier: Apache-2.0
/// Handles of signals: `dut.sig.value()` reads, `dut.sig = v` deposits. Generated Dut types are made of them.
#pragma once
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/bits.hpp"
#include "tessera/kernel.hpp"

namespace tessera {

struct SignalState;

enum class EdgeKind : std::uint8_t { rising, falling, change };

/// RisingEdge, FallingEdge or ValueChange of one signal. One for all tasks that wait.
class EdgeTrigger final : public Trigger, public Link {
 public:
  EdgeTrigger(SignalState& signal, EdgeKind kind) : signal_(signal), kind_(kind) {}
  inline ~EdgeTrigger() override;
  [[nodiscard]] std::string describe() const override;
  void fire() {
    kernel.phase = Phase::value_change;
    react();
    kernel.run_ready();
  }
  /// True when it fires now; another value is remembered.
  inline bool check();
  [[nodiscard]] SignalState& signal() const { return signal_; }
  std::uint64_t order = 0;

 protected:
  inline void prime() override;
  inline void unprime() override;

 private:
  friend class Kernel;
  [[gnu::noinline]] bool check_wide();
  [[gnu::noinline]] void capture_wide();
  SignalState& signal_;
  EdgeKind kind_;
  std::uint64_t before_ = 0;
  std::vector<std::uint32_t> wide_before_;
};

/// Run-time state behind all handles of one signal.
struct SignalState {
  SignalState(Model& m, std::string path_, void* data_, unsigned width_, unsigned bytes_)
      : model(m), data(data_), base(data_), bytes(bytes_), width(width_), path(std::move(path_)) {}
  SignalState(const SignalState&) = delete;
  SignalState& operator=(const SignalState&) = delete;

  // What every deposit touches comes first.
  Model& model;
  void* data;  ///< what reads see; of a forceable signal: forced or running value
  void* base;  ///< what the RTL drives
  SignalState* next_put = nullptr;
  std::uint64_t deposit = 0;  ///< pending value up to 64 bits
  unsigned bytes;             ///< 1, 2, 4, 8, or a multiple of 4 above
  std::uint32_t armed = 0;    ///< triggers that watch it
  bool writable = false;
  bool constant = false;
  bool continuous = false;       ///< driven by an assign or an instance
  bool input = false;            ///< a top-level input: no evaluation changes it
  bool special = false;          ///< wide or forceable
  bool pending = false;          ///< in kernel.puts
  const char* driver = nullptr;  ///< who drives it instead of the tests
  unsigned width;
  std::string path;              ///< "dut.u_sub.d"
  std::string declaration;       ///< "sub.d", as in public.txt
  void* force_enable = nullptr;  ///< set of a forceable signal
  void* force_value = nullptr;
  std::vector<std::uint32_t> wide_deposit;
  EdgeTrigger rising{*this, EdgeKind::rising}, falling{*this, EdgeKind::falling}, change{*this, EdgeKind::change};

  [[nodiscard]] std::uint64_t load() const {
    switch (bytes) {
      case 1:
        return *static_cast<const std::uint8_t*>(data);
      case 2:
        return *static_cast<const std::uint16_t*>(data);
      case 4:
        return *static_cast<const std::uint32_t*>(data);
      default:
        return *static_cast<const std::uint64_t*>(data);
    }
  }
  [[nodiscard]] bool wide() const { return bytes > 8; }
  /// RuntimeError in ReadOnly, TypeError for parameters and signals that are not public for writing.
  void check_write() const {
    static_assert(static_cast<int>(Phase::read_only) == 0);
    if (!(static_cast<unsigned>(kernel.phase) & static_cast<unsigned>(writable))) [[unlikely]]
      refuse_write();
  }
  void put_later(std::uint64_t value) {
    deposit = value;
    enqueue();
  }
  void put_later(const std::uint32_t* words) {
    wide_deposit.assign(words, words + bytes / 4);
    enqueue();
  }
  void enqueue() {
    if (pending) return;
    pending = true;
    next_put = kernel.puts;
    kernel.puts = this;
  }
  /// Applies the pending deposit of a wide or forceable signal.
  [[gnu::noinline]] void apply_special() {
    if (wide()) {
      store_words(wide_deposit.data());
    } else {
      store(deposit);
    }
  }
  /// True when it changed.
  bool store_plain(std::uint64_t value);
  void store(std::uint64_t value);
  void store_words(const std::uint32_t* words);
  void force(const std::uint32_t* words);
  void release();

 private:
  [[noreturn, gnu::cold, gnu::noinline]] void refuse_write() const;
  void refresh_forced();
  void changed() {
    model.dirty = true;
    if (armed) kernel.settle_needed = true;
  }
};

inline bool EdgeTrigger::check() {
  std::uint64_t now;
  if (signal_.bytes == 1) [[likely]] {
    now = *static_cast<const std::uint8_t*>(signal_.data);
  } else if (!signal_.wide()) {
    now = signal_.load();
  } else {
    return check_wide();
  }
  if (now == before_) return false;
  if (kind_ == EdgeKind::change || now == (kind_ == EdgeKind::rising ? 1U : 0U)) return true;
  before_ = now;
  return false;
}
inline void EdgeTrigger::prime() {
  if (signal_.bytes == 1) [[likely]] {
    before_ = *static_cast<const std::uint8_t*>(signal_.data);
  } else if (!signal_.wide()) {
    before_ = signal_.load();
  } else {
    capture_wide();
  }
  kernel.watch(*this);
}
inline void EdgeTrigger::unprime() { kernel.unwatch(*this); }
inline EdgeTrigger::~EdgeTrigger() { kernel.unwatch(*this); }
inline void Kernel::watch(EdgeTrigger& e) {
  e.order = watch_order_++;
  watched_.push_back(e);
  SignalState& s = e.signal();
  ++s.armed;
  watched_internal += !s.input;
}
inline void Kernel::unwatch(EdgeTrigger& e) {
  if (!e.Link::next) return;
  if (walk_ == static_cast<Link*>(&e)) walk_ = e.Link::next;
  LinkList::unlink(e);
  SignalState& s = e.signal();
  --s.armed;
  watched_internal -= !s.input;
}

[[gnu::always_inline]] inline bool SignalState::store_plain(std::uint64_t value) {
  const auto exchange = [this, value]<class T>(T*) {
    T& d = *static_cast<T*>(base);
    if (d == static_cast<T>(value)) return false;
    d = static_cast<T>(value);
    return true;
  };
  if (bytes == 4) return exchange(static_cast<std::uint32_t*>(nullptr));
  if (bytes == 1) return exchange(static_cast<std::uint8_t*>(nullptr));
  if (bytes == 8) return exchange(static_cast<std::uint64_t*>(nullptr));
  return exchange(static_cast<std::uint16_t*>(nullptr));
}

inline void SignalState::store(std::uint64_t value) {
  if (force_enable) [[unlikely]] {
    const std::uint32_t words[2] = {static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)};
    store_words(words);
    return;
  }
  if (store_plain(value)) changed();
}

/// TypeError: nothing ever happens on a parameter.
[[noreturn, gnu::cold, gnu::noinline]] void refuse_edge(const SignalState& s);

/// A value and how it is written: `dut.sig = Immediate(3)`.
template <class T>
class Deposit {
 public:
  explicit Deposit(T v) : value(std::move(v)) {}
  T value;
};
template <class T>
class Immediate {
 public:
  explicit Immediate(T v) : value(std::move(v)) {}
  T value;
};
/// Holds the value against the RTL until Release. Only on signals that are declared forceable.
template <class T>
class Force {
 public:
  explicit Force(T v) : value(std::move(v)) {}
  T value;
};
/// Force to the present value.
class Freeze {};
class Release {};

/// A handle; copies mean the same signal. `Signal<1>` has edges.
template <unsigned W>
class Signal {
 public:
  static constexpr unsigned kWidth = W;
  using Value = Bits<W>;
  using Store = std::conditional_t<
      (W <= 8), std::uint8_t,
      std::conditional_t<(W <= 16), std::uint16_t, std::conditional_t<(W <= 32), std::uint32_t, std::uint64_t>>>;

  explicit Signal(SignalState& state) : state_(&state), data_(state.data) {}
  Signal(const Signal&) = default;
  Signal& operator=(const Signal&) = delete;  // write `dut.a = dut.b.value()`

  [[nodiscard]] Value value() const {
    if constexpr (W <= 64) {
      return Value::raw(*static_cast<const Store*>(data_));
    } else {
      return Value::from_words(static_cast<const std::uint32_t*>(data_));
    }
  }
  [[nodiscard]] Value get() const { return value(); }

  /// Deposit: lands when cocotb's write would, the last of a step wins.
  template <std::integral I>
  void operator=(I v) const {
    Value::check(v);
    if constexpr (W <= 64) {
      state_->check_write();
      state_->put_later(static_cast<std::uint64_t>(v) & Value::kMask);
    } else {
      deposit(Value(v));
    }
  }
  void operator=(const Value& v) const { deposit(v); }
  void operator=(const char* text) const { deposit(Value(text)); }
  template <class T>
  void operator=(const Deposit<T>& d) const {
    deposit(Value(d.value));
  }
  /// Readable at once; combinational logic follows in the next evaluation.
  template <class T>
  void operator=(const Immediate<T>& i) const {
    state_->check_write();
    const Value v(i.value);
    kernel.eval_needed = true;
    if constexpr (W <= 64) {
      state_->store(v.to_unsigned());
    } else {
      state_->store_words(v.words().data());
    }
  }
  template <class T>
  void operator=(const Force<T>& f) const {
    state_->force(padded(Value(f.value)).data());
  }
  void operator=(Freeze) const { state_->force(padded(value()).data()); }
  void operator=(Release) const { state_->release(); }
  template <class T>
  void set(T&& v) const {
    *this = std::forward<T>(v);
  }

  [[nodiscard]] EdgeTrigger& value_change() const { return checked(state_->change); }
  [[nodiscard]] EdgeTrigger& rising_edge() const requires(W == 1) { return checked(state_->rising); }
  [[nodiscard]] EdgeTrigger& falling_edge() const requires(W == 1) { return checked(state_->falling); }
  [[nodiscard]] const std::string& path() const { return state_->path; }
  [[nodiscard]] bool is_const() const { return state_->constant; }
  static constexpr unsigned size() { return W; }
  [[nodiscard]] SignalState& state() const { return *state_; }

 private:
  void deposit(const Value& v) const {
    state_->check_write();
    if constexpr (W <= 64) {
      state_->put_later(v.to_unsigned());
    } else {
      state_->put_later(v.words().data());
    }
  }
  static std::array<std::uint32_t, Value::kWords + 1> padded(const Value& v) {
    std::array<std::uint32_t, Value::kWords + 1> out{};
    for (unsigned i = 0; i < Value::kWords; ++i) out[i] = v.word(i);
    return out;
  }
  EdgeTrigger& checked(EdgeTrigger& t) const {
    if (state_->constant) [[unlikely]]
      refuse_edge(*state_);
    return t;
  }

  SignalState* state_;
  void* data_;
};

/// A handle of a real number; copies mean the same one.
class RealSignal {
 public:
  explicit RealSignal(SignalState& state) : state_(&state) {}
  RealSignal(const RealSignal&) = default;
  RealSignal& operator=(const RealSignal&) = delete;  // write `dut.a = dut.b.value()`

  [[nodiscard]] double value() const { return *static_cast<const double*>(state_->data); }
  [[nodiscard]] double get() const { return value(); }
  /// Deposit, as with Signal.
  template <class N>
  requires std::is_arithmetic_v<N>
  void operator=(N v) const {
    state_->check_write();
    state_->put_later(bits(v));
  }
  template <class T>
  void operator=(const Deposit<T>& d) const {
    *this = d.value;
  }
  template <class T>
  void operator=(const Immediate<T>& i) const {
    state_->check_write();
    kernel.eval_needed = true;
    state_->store(bits(i.value));
  }
  template <class T>
  void set(T&& v) const {
    *this = std::forward<T>(v);
  }
  [[nodiscard]] EdgeTrigger& value_change() const {
    if (state_->constant) refuse_edge(*state_);
    return state_->change;
  }
  [[nodiscard]] const std::string& path() const { return state_->path; }
  [[nodiscard]] bool is_const() const { return state_->constant; }

 private:
  template <class N>
  static std::uint64_t bits(N v) {
    return std::bit_cast<std::uint64_t>(static_cast<double>(v));
  }
  SignalState* state_;
};

/// An unpacked array; `dut.mem[3]` is a signal, or an array again. `N` elements from index `Low`.
template <class Element, unsigned N, int Low = 0>
class ArrayOf {
 public:
  /// States of all signals in it, those of element `Low` first.
  explicit ArrayOf(std::vector<SignalState*> signals) : signals_(std::move(signals)) {}
  ArrayOf& operator=(const ArrayOf&) = delete;
  ArrayOf(const ArrayOf&) = default;
  [[nodiscard]] Element operator[](int index) const {
    if (index < Low || index >= Low + static_cast<int>(N))
      throw IndexError("index " + std::to_string(index) + " out of range");
    const std::size_t each = signals_.size() / N;
    const auto first = signals_.begin() + static_cast<std::ptrdiff_t>(each) * (index - Low);
    if constexpr (std::is_constructible_v<Element, SignalState&>) {
      return Element(**first);
    } else {
      return Element({first, first + static_cast<std::ptrdiff_t>(each)});
    }
  }
  static constexpr unsigned size() { return N; }

 private:
  std::vector<SignalState*> signals_;
};
template <unsigned W, unsigned N, int Low = 0>
using SignalArray = ArrayOf<Signal<W>, N, Low>;

namespace detail {
/// One dimension of an unpacked array.
struct Dimension {
  unsigned count;
  int low;
};
}  // namespace detail

}  // namespace tessera
