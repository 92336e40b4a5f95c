// SPDX-License-Identifier: Apache-2.0
/// The HBM channel of one tile: sparse contents behind an AXI4 subordinate with latency and shared bandwidth.
///
/// One beat of `hbm_bytes_per_cycle` moves per cycle, reads and writes together (alternating when both wait). An
/// unloaded read shows its first beat `hbm_latency_cycles` after the edge that took its address. Bursts are served in
/// the order of acceptance, hence in order per id. Write data are in the array before their B is shown. All outputs are
/// registered. Contents may be touched from C++ only while the cluster does not run.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "base/config.hpp"
#include "base/sparse_memory.hpp"
#include "sim/signature.hpp"
#include "sim/tile_port.hpp"

namespace tessera::sim {

struct HbmOptions {
  bool random_stalls = false;  ///< readys and valids pause at random, a function of (seed, cycle)
  std::uint64_t seed = 0;
  std::uint32_t bank_cycles = 0;  ///< least cycles between starts of two bursts in one bank; 0: banks never conflict
};

/// Adds every non-zero 64-bit word of `memory` with its address.
void add_contents(Signature& signature, const SparseMemory& memory, std::uint64_t tile);

class HbmModel {
 public:
  explicit HbmModel(const Config& config, const HbmOptions& options = {});

  SparseMemory& memory() { return memory_; }
  [[nodiscard]] const SparseMemory& memory() const { return memory_; }

  /// True when nothing is on its way: no step is needed as long as the tile shows no valid.
  [[nodiscard]] bool idle() const {
    return reads_.empty() && writes_.empty() && wbuf_.empty() && bq_.empty() && !out_.bvalid && !out_.rvalid;
  }
  /// What the tile samples at the edge of the present cycle.
  [[nodiscard]] const AxiInputs& outputs() const { return out_; }
  /// The edge of cycle `cycle`: `tile` are the tile's registers before it. Adds the beats to `signature` when not null.
  /// Returns true when a beat moved.
  bool step(std::uint64_t cycle, const AxiOutputs& tile, Signature* signature, std::uint64_t tile_index);

  /// Forgets all transfers, keeps the contents.
  void reset();

  std::uint64_t bytes_read = 0, bytes_written = 0;

 private:
  static constexpr unsigned kBursts = 64, kBeats = 512, kResponses = 128;
  /// At most N items; storage grows with use, as thousands of tiles do nothing.
  template <class T, unsigned N>
  class Ring {
   public:
    [[nodiscard]] bool empty() const { return head_ == tail_; }
    [[nodiscard]] bool full() const { return tail_ - head_ == N; }
    T& front() { return items_[head_ & (items_.size() - 1)]; }
    [[nodiscard]] const T& front() const { return items_[head_ & (items_.size() - 1)]; }
    T& push() {
      if (tail_ - head_ == items_.size()) grow();
      return items_[tail_++ & (items_.size() - 1)];
    }
    void pop() { ++head_; }
    void clear() { head_ = tail_ = 0; }

   private:
    void grow() {
      std::vector<T> larger(items_.empty() ? 4 : 2 * items_.size());
      for (unsigned i = head_; i != tail_; ++i) larger[i & (larger.size() - 1)] = items_[i & (items_.size() - 1)];
      items_.swap(larger);
    }
    unsigned head_ = 0, tail_ = 0;
    std::vector<T> items_;  ///< a power of two
  };
  struct Burst {
    std::uint64_t address, due;
    std::uint32_t beats;
    std::uint8_t id;
    bool bad;  ///< reaches beyond the end
  };
  struct WriteBeat {
    std::array<std::uint32_t, kMaxDataWords> data;
    std::array<std::uint32_t, kMaxDataWords / 8> strobe;
  };
  struct Response {
    std::uint8_t id, resp;
  };
  [[nodiscard]] bool stall(std::uint64_t cycle, unsigned port) const;
  std::uint64_t bank_start(std::uint64_t address, std::uint64_t cycle);
  void serve_read();
  void serve_write();

  const Config& config_;
  HbmOptions options_;
  SparseMemory memory_;
  unsigned beat_bytes_, beat_words_;
  AxiInputs out_;
  /// Two beats: the one shown in this cycle stays readable while the next one is fetched.
  std::array<std::array<std::uint32_t, kMaxDataWords>, 2> rdata_{};
  unsigned rdata_turn_ = 0;
  Ring<Burst, kBursts> reads_, writes_;
  Ring<WriteBeat, kBeats> wbuf_;
  Ring<Response, kResponses> bq_;
  std::vector<std::uint64_t> bank_free_;
  bool write_turn_ = false;
};

}  // namespace tessera::sim
