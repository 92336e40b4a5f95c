// SPDX-License-Identifier: Apache-2.0
/// A tile of a few lines that obeys the rules of the boundary and keeps everybody busy: packets of one flit wander from
/// tile to tile by a hash of all that was received, burn some cycles where they pass, read and write HBM and retire.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.hpp"
#include "sim/signature.hpp"
#include "sim/tile_model.hpp"

namespace tessera::test {

struct FakeOptions {
  bool lies = false;         ///< says that it is quiescent one cycle too early
  unsigned burn = 0;         ///< host work per evaluated edge, for timing
  bool always_busy = false;  ///< sends in all directions for `run_for` cycles once started
  std::uint64_t run_for = 0;
  unsigned jobs_per_flit = 4;  ///< 1 of so many flits makes the tile use its HBM; 0: none
  unsigned work_mask = 7;      ///< a flit makes the tile work for 0 ... so many cycles
  std::uint32_t status = 0;    ///< what ENG_STATUS of ACT reads
  std::atomic<std::uint64_t>* traces_closed = nullptr;
};

Config fake_config();

class FakeTile final : public sim::TileModel {
 public:
  FakeTile(const sim::TilePlace& place, const FakeOptions& options) : place_(place), options_(options) {}

  void reset(sim::TileOutputs& out) override;
  void clock(const sim::TileInputs& in, sim::TileOutputs& out) override;
  void note_state() override { noted_ = state_hash(); }
  [[nodiscard]] std::string changed_state() const override { return noted_ == state_hash() ? "" : "its state"; }
  bool open_trace(const std::string&) override { return trace_open_ = true; }
  void set_dumping(bool on) override { dumping_ = on; }
  void close_trace() override;

  bool flip(std::string_view, std::size_t bit) override {
    state_.h ^= 1ULL << bit;
    return true;
  }
  std::uint64_t edges = 0, dumped = 0;

 private:
  struct Job {
    bool write;
    std::uint64_t address;
    unsigned beats;
  };
  struct State {
    std::uint64_t h = 0;
    std::uint32_t work = 0;
    std::uint64_t busy_until = 0;
    std::array<std::deque<std::uint64_t>, 4> sends, credits_due;  ///< data words; virtual channels
    std::array<unsigned, 4> credits{4, 4, 4, 4};
    std::deque<Job> jobs;
    unsigned answers = 0;  ///< R beats or B still missing for the job at the head
    unsigned w_left = 0;   ///< W beats not yet handed over
  };
  [[nodiscard]] std::uint64_t state_hash() const;
  void receive(const sim::TileInputs& in);
  void work(std::uint64_t cycle, sim::TileOutputs& out);
  void use_hbm(const sim::AxiInputs& axi, sim::AxiOutputs& out);
  void answer_host(const sim::AxilInputs& host, sim::AxilOutputs& out);
  void send(sim::TileOutputs& out);
  void show_write_beat(sim::AxiOutputs& out);
  [[nodiscard]] bool neighbour(unsigned d) const;
  void launch(std::uint64_t ttl);

  sim::TilePlace place_;
  FakeOptions options_;
  State state_;
  std::uint64_t noted_ = 0;
  std::uint64_t burnt_ = 0;  ///< result of the burning, so that it is done; means nothing
  bool trace_open_ = false, dumping_ = false;
};

/// An entry for ClusterOptions::tile; the configuration lives as long as the program.
sim::TileEntry fake_entry(const FakeOptions& options = {});

}  // namespace tessera::test
