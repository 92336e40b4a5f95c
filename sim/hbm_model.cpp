// SPDX-License-Identifier: Apache-2.0
#include "sim/hbm_model.hpp"

#include <algorithm>
#include <cstring>

namespace tessera::sim {

void add_contents(Signature& signature, const SparseMemory& memory, std::uint64_t tile) {
  for (const std::uint64_t at : memory.pages()) {
    const std::uint8_t* bytes = memory.page(at);
    for (std::uint64_t i = 0; i < SparseMemory::kPageBytes; i += 8) {
      std::uint64_t word;
      std::memcpy(&word, bytes + i, 8);
      if (word != 0) signature.add(at + i, tile, kPortHbm, word);
    }
  }
}

HbmModel::HbmModel(const Config& config, const HbmOptions& options)
    : config_(config),
      options_(options),
      memory_(config.hbm_bytes),
      beat_bytes_(config.hbm_bytes_per_cycle),
      beat_words_(config.hbm_bytes_per_cycle / 4),
      bank_free_(config.hbm_banks, 0) {}

bool HbmModel::stall(std::uint64_t cycle, unsigned port) const {
  return options_.random_stalls && (mix(options_.seed ^ (cycle * 8 + port)) & 3) == 0;
}

void HbmModel::reset() {
  out_ = AxiInputs{};
  reads_.clear(), writes_.clear(), wbuf_.clear(), bq_.clear();
  std::fill(bank_free_.begin(), bank_free_.end(), 0);
  write_turn_ = false;
}

/// Cycle in which the bank of `address` begins with a burst that was accepted in `cycle`.
std::uint64_t HbmModel::bank_start(std::uint64_t address, std::uint64_t cycle) {
  if (options_.bank_cycles == 0) return cycle;
  const std::uint64_t row = address / config_.dma_segment_bytes;
  std::uint64_t& free = bank_free_[(row ^ (row / config_.hbm_banks)) % config_.hbm_banks];
  const std::uint64_t start = std::max(cycle, free);
  free = start + options_.bank_cycles;
  return start;
}

/// Moves one beat of the oldest read into the R register. The last read beat of the previous cycle has left.
void HbmModel::serve_read() {
  rdata_turn_ ^= 1;
  auto* rdata = rdata_[rdata_turn_].data();
  Burst& burst = reads_.front();
  // A beat is aligned and never crosses a page.
  const std::uint64_t at = burst.address;
  if (const std::uint8_t* page = memory_.page(at)) {
    std::memcpy(rdata, page + at % SparseMemory::kPageBytes, beat_bytes_);
  } else {
    std::memset(rdata, 0, beat_bytes_);
  }
  out_.rvalid = 1;
  out_.rid = burst.id;
  out_.rresp = burst.bad ? 3 : 0;  // DECERR beyond the end
  out_.rlast = burst.beats == 1;
  out_.rdata = rdata;
  burst.address = at + beat_bytes_;
  if (--burst.beats == 0) reads_.pop();
}

/// Moves one buffered beat of the oldest write into the array.
void HbmModel::serve_write() {
  Burst& burst = writes_.front();
  const WriteBeat& beat = wbuf_.front();
  const std::uint64_t at = burst.address;
  if (!burst.bad) {
    std::uint8_t* to = memory_.make_page(at) + at % SparseMemory::kPageBytes;
    const auto* from = reinterpret_cast<const std::uint8_t*>(beat.data.data());
    for (unsigned w = 0; w < beat_bytes_; w += 8) {
      const unsigned strobe = (beat.strobe[w / 32] >> (w % 32)) & 0xff;
      if (strobe == 0xff) {
        std::memcpy(to + w, from + w, 8);
      } else {
        for (unsigned i = 0; i < 8; ++i) {
          if ((strobe >> i) & 1) to[w + i] = from[w + i];
        }
      }
    }
  }
  wbuf_.pop();
  burst.address = at + beat_bytes_;
  if (--burst.beats == 0) {
    bq_.push() = {burst.id, static_cast<std::uint8_t>(burst.bad ? 3 : 0)};
    writes_.pop();
  }
}

bool HbmModel::step(std::uint64_t cycle, const AxiOutputs& tile, Signature* signature, std::uint64_t tile_index) {
  const bool ar = tile.arvalid && out_.arready, aw = tile.awvalid && out_.awready, w = tile.wvalid && out_.wready;
  const bool r = out_.rvalid && tile.rready, b = out_.bvalid && tile.bready;

  // 1. The beats of this edge.
  if (signature != nullptr) {
    if (ar)
      signature->add(cycle, tile_index, kPortAr,
                     tile.araddr ^ (std::uint64_t{tile.arlen} << 40) ^ (std::uint64_t{tile.arid} << 48));
    if (aw)
      signature->add(cycle, tile_index, kPortAw,
                     tile.awaddr ^ (std::uint64_t{tile.awlen} << 40) ^ (std::uint64_t{tile.awid} << 48));
    if (w) {
      std::uint64_t value = tile.wlast;
      for (unsigned i = 0; i < beat_words_; ++i) {  // masked bytes carry no meaning
        std::uint32_t mask = 0;
        for (unsigned k = 0; k < 4; ++k) mask |= ((tile.wstrb[i / 8] >> (i % 8 * 4 + k)) & 1) ? 0xffU << (8 * k) : 0U;
        value = mix(value ^ (tile.wdata[i] & mask));
      }
      signature->add(cycle, tile_index, kPortW, value, tile.wstrb.data(), (beat_bytes_ + 31) / 32);
    }
    if (b) signature->add(cycle, tile_index, kPortB, out_.bid | out_.bresp << 8);
    if (r)
      signature->add(cycle, tile_index, kPortR, out_.rid | out_.rresp << 8 | out_.rlast << 16, out_.rdata, beat_words_);
  }

  // 2. Take addresses and data. The first beat of a read may be shown in cycle + latency.
  const auto take = [&](std::uint64_t address, unsigned len, std::uint8_t id, std::uint64_t latency) {
    const std::uint64_t begin = address & ~std::uint64_t{beat_bytes_ - 1};
    const bool bad = begin + (len + 1ULL) * beat_bytes_ > memory_.size();
    return Burst{begin, bank_start(begin, cycle) + latency, len + 1, id, bad};
  };
  if (ar) reads_.push() = take(tile.araddr, tile.arlen, tile.arid, config_.hbm_latency_cycles - 1);
  if (aw) writes_.push() = take(tile.awaddr, tile.awlen, tile.awid, 0);
  if (w) {
    WriteBeat& beat = wbuf_.push();
    std::copy_n(tile.wdata.begin(), beat_words_, beat.data.begin());
    beat.strobe = tile.wstrb;
    bytes_written += beat_bytes_;
  }
  if (r) {
    out_.rvalid = 0;
    bytes_read += beat_bytes_;
  }
  if (b) out_.bvalid = 0;

  // 3. One beat of the shared data path.
  const bool can_read = !out_.rvalid && !reads_.empty() && reads_.front().due <= cycle && !stall(cycle, 0);
  const bool can_write = !wbuf_.empty() && !writes_.empty() && writes_.front().due <= cycle && !bq_.full();
  if (can_read && !(can_write && write_turn_)) {
    serve_read();
    write_turn_ = true;
  } else if (can_write) {
    serve_write();
    write_turn_ = false;
  }

  // 4. Registered outputs of the next cycle.
  if (!out_.bvalid && !bq_.empty() && !stall(cycle, 1)) {
    out_.bvalid = 1;
    out_.bid = bq_.front().id;
    out_.bresp = bq_.front().resp;
    bq_.pop();
  }
  out_.arready = !reads_.full() && !stall(cycle, 2);
  out_.awready = !writes_.full() && !stall(cycle, 3);
  out_.wready = !wbuf_.full() && !stall(cycle, 4);
  return ar || aw || w || r || b;
}

}  // namespace tessera::sim
