// SPDX-License-Identifier: Apache-2.0
/// Memory and semaphores around the DMA initiator, with random latency and back-pressure. The twin is dma_bench.py.
///
/// One task serves one clock: it takes what the last edge transferred, then drives the inputs of the next. All waits
/// look at one semaphore, and every update counts it up by one.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tessera/test.hpp"
#include "tsr_isa.hpp"

namespace dma_bench {

using namespace tessera;

inline constexpr unsigned kBeat = 8;  // bytes
inline constexpr unsigned kQueues = decltype(Dut::queue_setup_base_i)::size();
inline constexpr unsigned kSemaphore = 5;  // of all waits and updates
using isa::Desc;
using isa::Hdr;
constexpr std::uint32_t code(auto value) { return static_cast<std::uint32_t>(value); }

inline CoverGroup row_cover("dma_row", {"below_beat", "whole_beats", "ragged"});  // length of a row in beats of 8 bytes
inline CoverGroup rows_cover("dma_rows", {"one", "many"});
inline CoverGroup source_cover("dma_source", {"aligned", "unaligned"});

inline std::uint64_t base(unsigned q) { return 0x30000000 + q * 0x100000ULL; }

struct Copy {
  unsigned elements = 1, rows = 1;
  std::uint64_t source = 0, target = 0;
  unsigned source_step = 0, target_step = 0, tag = 0, wait = 0;
  bool update = false;
};

/// RAW8 copy inside the tile's HBM.
inline Desc descriptor(const Copy& c) {
  row_cover.sample(c.elements < kBeat ? "below_beat" : c.elements % kBeat == 0 ? "whole_beats" : "ragged");
  rows_cover.sample(c.rows == 1 ? "one" : "many");
  source_cover.sample(c.source % kBeat == 0 ? "aligned" : "unaligned");
  Desc d;
  d.src_dtype = d.dst_dtype = code(isa::Dtype::kRaw8);
  d.tag = c.tag;
  d.row_elems = c.elements;
  d.src_addr = c.source;
  d.dst_addr = c.target;
  d.num1 = c.rows;
  d.src_step1 = c.source_step;
  d.dst_step1 = c.target_step;
  if (c.wait) d.wait_sem = kSemaphore, d.wait_cond = code(isa::Wait::kGe), d.wait_value = c.wait;
  if (c.update) d.upd_sem = kSemaphore, d.upd_op = code(isa::Update::kInc), d.upd_value = 1;
  return d;
}

class DmaBench : public std::enable_shared_from_this<DmaBench> {
 public:
  using Bytes = std::map<std::uint64_t, std::uint8_t>;
  DmaBench(Dut& dut, unsigned ready, unsigned latency)
      : rng(tessera::rng()), draw(tessera::rng(1)), dut_(dut), ready_(ready), latency_(latency) {}
  SplitMix64 rng, draw;
  std::unordered_map<std::uint64_t, std::uint8_t> memory;
  std::optional<std::uint64_t> refused;  ///< an address whose read is answered with an error
  std::uint64_t updates = 0;
  std::map<unsigned, std::pair<unsigned, unsigned>> errors;  ///< queue -> code, tag

  Coro<void> start() {
    Clock(dut_.clk_i, 10, ns).start();
    dut_.rst_ni = 0;
    dut_.cycle_i = 0;
    dut_.queue_setup_restart_i = 0;
    dut_.doorbell_en_i = 0;
    dut_.doorbell_number_i = 0;
    dut_.doorbell_count_i = 0;
    dut_.read_req_ready_i = 0;
    dut_.read_rsp_valid_i = 0;
    dut_.read_rsp_hdr_i = 0;
    dut_.read_rsp_data_i = 0;
    dut_.read_rsp_last_i = 0;
    dut_.write_req_ready_i = 0;
    dut_.write_ack_valid_i = 0;
    dut_.write_ack_i = 0;
    dut_.queue_sem_upd_ready_i = 0;
    dut_.place_x_i = 3;
    dut_.place_y_i = 2;
    dut_.place_mesh_x_i = 7;
    dut_.place_mesh_y_i = 7;
    for (unsigned q = 0; q < kQueues; ++q) {
      dut_.queue_setup_base_i[static_cast<int>(q)] = base(q);
      dut_.queue_setup_size_i[static_cast<int>(q)] = 64;
      dut_.queue_sem_value_i[static_cast<int>(q)] = 0;
    }
    co_await ClockCycles(dut_.clk_i, 4);
    dut_.rst_ni = 1;
    dut_.queue_setup_restart_i = (1U << kQueues) - 1;
    co_await RisingEdge(dut_.clk_i);
    dut_.queue_setup_restart_i = 0;
    start_soon(serve(shared_from_this()));
  }

  [[nodiscard]] std::uint8_t load(std::uint64_t address) const {
    const auto it = memory.find(address);
    return it != memory.end() ? it->second : static_cast<std::uint8_t>(address * 0x9E3779B1ULL >> 12);
  }

  void push(unsigned q, const Desc& d) {
    const std::uint64_t at = base(q) + std::uint64_t{isa::kItemBytes} * slots_[q];
    slots_[q] = (slots_[q] + 1) % 64;
    const auto image = d.pack();
    for (unsigned i = 0; i < isa::kItemBytes; ++i)
      memory[at + i] = static_cast<std::uint8_t>(image[i / 4] >> 8 * (i % 4));
  }

  /// A random copy; what it must write is noted.
  void copy(unsigned q, unsigned wait = 0, bool update = false) {
    Copy c;
    c.elements = 1 + static_cast<unsigned>(draw.below(150));
    c.rows = 1 + static_cast<unsigned>(draw.below(5));
    c.source = 0x8000 + draw.below(0x4000);
    c.source_step = static_cast<unsigned>(draw.below(400));
    c.target = next_target_ + draw.below(64);
    c.target_step = 160 + static_cast<unsigned>(draw.below(64));
    c.wait = wait;
    c.update = update;
    next_target_ += 0x1000;
    push(q, descriptor(c));
    Bytes wanted;
    for (unsigned r = 0; r < c.rows; ++r)
      for (unsigned i = 0; i < c.elements; ++i)
        wanted[c.target + r * c.target_step + i] = load(c.source + r * c.source_step + i);
    for (const auto& [address, value] : wanted) expected_[address] = value;
    if (update) promised_[q].push_back(std::move(wanted));
  }

  /// A random copy over three levels with steps of both signs.
  void copy_levels(unsigned q) {
    const auto elements = static_cast<unsigned>(1 + draw.below(40));
    std::array<std::int64_t, 3> counts{}, source_steps{}, target_steps{};
    for (auto& n : counts) n = static_cast<std::int64_t>(1 + draw.below(3));
    const auto source = static_cast<std::int64_t>(0x10000 + draw.below(0x1000));
    const auto target = static_cast<std::int64_t>(next_target_ + 0x8000 + draw.below(64));
    for (auto& s : source_steps) s = static_cast<std::int64_t>(draw.below(401)) - 200;
    const std::array<std::int64_t, 3> size{64, 0x200, 0x1000};
    for (unsigned n = 0; n < 3; ++n) target_steps[n] = size[n] * (1 - 2 * static_cast<std::int64_t>(draw.below(2)));
    next_target_ += 0x10000;
    Desc d;
    d.src_dtype = d.dst_dtype = code(isa::Dtype::kRaw8);
    d.row_elems = elements;
    d.src_addr = static_cast<std::uint64_t>(source);
    d.dst_addr = static_cast<std::uint64_t>(target);
    std::uint32_t* const count_of[] = {&d.num1, &d.num2, &d.num3};
    std::uint32_t* const source_of[] = {&d.src_step1, &d.src_step2, &d.src_step3};
    std::uint32_t* const target_of[] = {&d.dst_step1, &d.dst_step2, &d.dst_step3};
    for (std::size_t n = 0; n < 3; ++n) {
      *count_of[n] = static_cast<std::uint32_t>(counts[n]);
      *source_of[n] = static_cast<std::uint32_t>(source_steps[n]);
      *target_of[n] = static_cast<std::uint32_t>(target_steps[n]);
    }
    push(q, d);
    for (std::int64_t k = 0; k < counts[2]; ++k) {
      for (std::int64_t j = 0; j < counts[1]; ++j) {
        for (std::int64_t i = 0; i < counts[0]; ++i) {
          const auto from =
              static_cast<std::uint64_t>(source + source_steps[0] * i + source_steps[1] * j + source_steps[2] * k);
          const auto to =
              static_cast<std::uint64_t>(target + target_steps[0] * i + target_steps[1] * j + target_steps[2] * k);
          for (unsigned n = 0; n < elements; ++n) expected_[to + n] = load(from + n);
        }
      }
    }
  }

  Coro<void> doorbell(unsigned q, unsigned count) {
    dut_.doorbell_en_i = 1;
    dut_.doorbell_number_i = q;
    dut_.doorbell_count_i = count;
    co_await RisingEdge(dut_.clk_i);
    dut_.doorbell_en_i = 0;
  }

  Coro<void> done(unsigned q, unsigned count, int limit = 30000) {
    for (int i = 0; i < limit; ++i) {
      if (dut_.queue_done_o[static_cast<int>(q)].value() == count) co_return;
      co_await RisingEdge(dut_.clk_i);
    }
    CO_ASSERT_EQ(dut_.queue_done_o[static_cast<int>(q)].value(), count);
  }

  void check() const {
    std::uint64_t wrong = 0;
    for (const auto& [address, value] : expected_) wrong += !memory.contains(address) || memory.at(address) != value;
    CO_ASSERT_EQ(wrong, 0);
  }

 private:
  struct Wait {
    std::uint64_t when;  ///< clock from which it may go
    Hdr header;
    Bytes written;
  };
  using Waiting = std::vector<Wait>;

  static Coro<void> serve(std::shared_ptr<DmaBench> bench) { co_await bench->serve_clocks(); }
  Coro<void> serve_clocks() {
    bool rdq_ready = false, wrq_ready = false;
    std::uint64_t upd_ready = 0;
    while (true) {
      co_await RisingEdge(dut_.clk_i);
      ++clock_;
      if (rdq_ready && dut_.read_req_valid_o.value() == 1)
        reads_.push_back({clock_ + 1 + rng.below(latency_), unpack(dut_.read_req_o.value()), {}});
      if (wrq_ready && dut_.write_req_valid_o.value() == 1) {
        take_write(unpack(dut_.write_req_hdr_o.value()), dut_.write_req_data_o.value().to_unsigned(),
                   dut_.write_req_last_o.value() == 1);
      }
      const auto done = dut_.queue_sem_upd_valid_o.value().to_unsigned() & upd_ready;
      semaphore_ += static_cast<unsigned>(std::popcount(done));
      updates += static_cast<unsigned>(std::popcount(done));
      for (unsigned q = 0; q < kQueues; ++q)
        if (done >> q & 1) check_update(q);
      const auto failed = dut_.queue_fault_en_o.value().to_unsigned();  // a pulse
      for (unsigned q = 0; q < kQueues; ++q) {
        if (!(failed >> q & 1)) continue;
        errors[q] = {static_cast<unsigned>(dut_.queue_fault_code_o[static_cast<int>(q)].value().to_unsigned()),
                     static_cast<unsigned>(dut_.queue_fault_tag_o[static_cast<int>(q)].value().to_unsigned())};
      }
      drive_response();
      drive_ack();
      rdq_ready = rng.chance(ready_);
      wrq_ready = rng.chance(ready_);
      upd_ready = rng.below(1U << kQueues);
      dut_.read_req_ready_i = rdq_ready;
      dut_.write_req_ready_i = wrq_ready;
      dut_.queue_sem_upd_ready_i = upd_ready;
      dut_.cycle_i = clock_;
      for (unsigned q = 0; q < kQueues; ++q) dut_.queue_sem_value_i[static_cast<int>(q)] = semaphore_;
    }
  }

  /// What a queue promises by an update is in memory.
  void check_update(unsigned q) {
    if (promised_[q].empty()) return;
    std::uint64_t early = 0;
    for (const auto& [address, value] : promised_[q].front())
      early += !memory.contains(address) || memory.at(address) != value;
    promised_[q].pop_front();
    CO_ASSERT_EQ(early, 0);
  }

  /// A header on its way through handles.
  static Hdr unpack(const Bits<128>& bits) {
    Hdr::Image image{};
    for (unsigned n = 0; n < image.size(); ++n) image[n] = bits.word(static_cast<int>(n));
    return Hdr::unpack(image);
  }
  static Bits<128> pack(const Hdr& h) { return Bits<128>::from_words(h.pack().data()); }
  static Hdr answer(Hdr h, unsigned error) {
    std::swap(h.dst_x, h.src_x);
    std::swap(h.dst_y, h.src_y);
    h.kind = code(h.kind == code(isa::Kind::kRdReq) ? isa::Kind::kRdRsp : isa::Kind::kWrRsp);
    h.dtype = 0;
    h.err = error;
    return h;
  }

  void take_write(const Hdr& header, std::uint64_t data, bool last) {
    const std::uint64_t length = header.len, address = header.addr;
    for (unsigned i = 0; i < kBeat; ++i)
      if (packet_ + i < length) written_[address + packet_ + i] = static_cast<std::uint8_t>(data >> 8 * i);
    packet_ += kBeat;
    if (!last) return;
    CO_ASSERT_GE(packet_, length);
    packet_ = 0;
    const std::uint64_t when = clock_ + 1 + rng.below(latency_);
    acks_.push_back({when, answer(header, 0), std::exchange(written_, {})});
  }

  /// One of those that may go, at random; nothing: none may.
  std::optional<Hdr> pick(Waiting& waiting) {
    std::vector<std::size_t> may;
    for (std::size_t n = 0; n < waiting.size(); ++n)
      if (waiting[n].when <= clock_) may.push_back(n);
    if (may.empty()) return std::nullopt;
    const auto at = static_cast<std::ptrdiff_t>(may[rng.below(may.size())]);
    const Wait chosen = std::move(waiting[static_cast<std::size_t>(at)]);
    waiting.erase(waiting.begin() + at);
    for (const auto& [address, value] : chosen.written) memory[address] = value;  // seen when it is acknowledged
    return chosen.header;
  }

  void drive_response() {
    if (!response_) {
      if (const auto header = pick(reads_)) {
        response_ = answer(*header, refused && header->addr == *refused ? code(isa::Err::kAxi) : 0);
        beat_ = 0;
      }
    }
    if (!response_) {
      dut_.read_rsp_valid_i = 0;
      return;
    }
    const Hdr header = *response_;
    const std::uint64_t length = header.len, address = header.addr;
    std::uint64_t data = 0;
    for (unsigned i = 0; i < kBeat; ++i)
      if (beat_ * kBeat + i < length) data |= std::uint64_t{load(address + beat_ * kBeat + i)} << 8 * i;
    const bool last = (beat_ + 1) * kBeat >= length;
    dut_.read_rsp_valid_i = 1;
    dut_.read_rsp_hdr_i = pack(header);
    dut_.read_rsp_data_i = data;
    dut_.read_rsp_last_i = last;
    ++beat_;
    if (last) response_.reset();
  }

  void drive_ack() {
    const auto header = pick(acks_);
    dut_.write_ack_valid_i = header.has_value();
    if (header) dut_.write_ack_i = pack(*header);
  }

  Dut& dut_;
  unsigned ready_, latency_;
  Waiting reads_, acks_;
  Bytes written_;                                    ///< by the present write packet
  std::array<std::deque<Bytes>, kQueues> promised_;  ///< what must be in memory when a queue updates its semaphore
  std::optional<Hdr> response_;
  std::uint64_t beat_ = 0, packet_ = 0, clock_ = 0, semaphore_ = 0, next_target_ = 0x100000;
  std::array<unsigned, 16> slots_{};
  Bytes expected_;
};

}  // namespace dma_bench
