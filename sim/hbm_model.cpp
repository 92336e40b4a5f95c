// SPDX-License-Identifier: Apache-2.0
#include "sim/hbm_model.hpp"

#include <algorithm>
#include <cstring>

namespace tessera::sim {

SparseMemory::SparseMemory(std::uint64_t bytes)
    : size_(bytes), groups_((bytes + (1ULL << kGroupShift) - 1) >> kGroupShift) {}

const std::uint8_t* SparseMemory::page(std::uint64_t address) const {
  if (address >= size_) return nullptr;
  const Group* group = groups_[address >> kGroupShift].get();
  if (group == nullptr) return nullptr;
  return group->page[(address >> kPageShift) % group->page.size()].get();
}

std::uint8_t* SparseMemory::make_page(std::uint64_t address) {
  auto& group = groups_[address >> kGroupShift];
  if (!group) group = std::make_unique<Group>();
  auto& page = group->page[(address >> kPageShift) % group->page.size()];
  if (!page) page = std::make_unique<std::uint8_t[]>(kPageBytes);
  return page.get();
}

void SparseMemory::read(std::uint64_t address, std::span<std::uint8_t> to) const {
  for (std::size_t i = 0; i < to.size();) {
    const std::uint64_t at = (address + i) % kPageBytes;
    const std::size_t n = std::min<std::size_t>(to.size() - i, kPageBytes - at);
    if (const std::uint8_t* from = page(address + i)) {
      std::memcpy(&to[i], from + at, n);
    } else {
      std::memset(&to[i], 0, n);
    }
    i += n;
  }
}

void SparseMemory::write(std::uint64_t address, std::span<const std::uint8_t> from) {
  for (std::size_t i = 0; i < from.size();) {
    const std::uint64_t at = (address + i) % kPageBytes;
    const std::size_t n = std::min<std::size_t>(from.size() - i, kPageBytes - at);
    if (address + i < size_) std::memcpy(make_page(address + i) + at, &from[i], n);
    i += n;
  }
}

void SparseMemory::hash(Signature& signature, std::uint64_t tile) const {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (!groups_[g]) continue;
    for (std::size_t p = 0; p < groups_[g]->page.size(); ++p) {
      const std::uint8_t* bytes = groups_[g]->page[p].get();
      if (bytes == nullptr) continue;
      for (std::uint64_t i = 0; i < kPageBytes; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes + i, 8);
        if (word != 0) signature.add((g << kGroupShift) + (p << kPageShift) + i, tile, kPortHbm, word);
      }
    }
  }
}

HbmModel::HbmModel(const Config& config, const HbmOptions& options)
    : config_(config), options_(options), memory_(config.hbm_bytes), beat_bytes_(config.hbm_bytes_per_cycle),
      beat_words_(config.hbm_bytes_per_cycle / 4), bank_free_(config.hbm_banks, 0) {}

bool HbmModel::stall(std::uint64_t cycle, unsigned port) const {
  return options_.random_stalls && (mix(options_.seed ^ (cycle * 8 + port)) & 3) == 0;
}

std::uint64_t HbmModel::bank_due(std::uint64_t address, std::uint64_t earliest) {
  if (options_.bank_cycles == 0) return earliest;
  const std::uint64_t row = address / config_.dma_segment_bytes;
  std::uint64_t& free = bank_free_[(row ^ (row / config_.hbm_banks)) % config_.hbm_banks];
  const std::uint64_t due = std::max(earliest, free);
  free = due + options_.bank_cycles;
  return due;
}

/// Moves one beat of the oldest read into the R register. The last read beat of the previous cycle has left.
void HbmModel::serve_read() {
  rdata_turn_ ^= 1;
  auto* rdata = rdata_[rdata_turn_].data();
  Burst& burst = reads_.front();
  // A beat is aligned and never crosses a page.
  const std::uint64_t at = burst.address & ~std::uint64_t{beat_bytes_ - 1};
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
  const std::uint64_t at = burst.address & ~std::uint64_t{beat_bytes_ - 1};
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
    if (ar) signature->add(cycle, tile_index, kPortAr, tile.araddr ^ (std::uint64_t{tile.arlen} << 40) ^ (std::uint64_t{tile.arid} << 48));
    if (aw) signature->add(cycle, tile_index, kPortAw, tile.awaddr ^ (std::uint64_t{tile.awlen} << 40) ^ (std::uint64_t{tile.awid} << 48));
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
    if (r) signature->add(cycle, tile_index, kPortR, out_.rid | out_.rresp << 8 | out_.rlast << 16, out_.rdata, beat_words_);
  }

  // 2. Take addresses and data. The first beat may be shown in cycle + latency.
  if (ar) {
    const std::uint64_t end = tile.araddr + (tile.arlen + 1ULL) * beat_bytes_;
    reads_.push() = {tile.araddr, bank_due(tile.araddr, cycle + config_.hbm_latency_cycles - 1), tile.arlen + 1U, tile.arid,
                     static_cast<std::uint8_t>(end > memory_.size())};
  }
  if (aw) {
    const std::uint64_t end = tile.awaddr + (tile.awlen + 1ULL) * beat_bytes_;
    writes_.push() = {tile.awaddr, bank_due(tile.awaddr, cycle), tile.awlen + 1U, tile.awid,
                      static_cast<std::uint8_t>(end > memory_.size())};
  }
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
  const bool can_write = !wbuf_.empty() && !writes_.empty() && writes_.front().due <= cycle && bq_.room() > 0;
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
  out_.arready = reads_.room() > 0 && !stall(cycle, 2);
  out_.awready = writes_.room() > 0 && !stall(cycle, 3);
  out_.wready = wbuf_.room() > 0 && !stall(cycle, 4);
  return ar || aw || w || r || b;
}

}  // namespace tessera::sim
