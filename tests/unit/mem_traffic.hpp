// SPDX-License-Identifier: Apache-2.0
/// Random legal and illegal requests for tsr_serve. A window of memory belongs to the local or to the remote
/// stream, where the order of that stream decides; or to both, with operations whose order does not matter.
#pragma once
#include <set>
#include <vector>

#include "mem_bench.hpp"

namespace mem_test {

class Traffic {
 public:
  explicit Traffic(Bench& bench) : b(bench) {}
  unsigned windows_per_space = 4, short_percent = 40, read_percent = 40, bad_percent = 8, away_percent = 15,
           pause_percent = 10;
  int only_space = -1;
  bool local = true, remote = true;

  /// Back-pressure, latencies and AXI habits of this run; bad addresses in HBM.
  void randomise() {
    const auto percent = [&] { return b.chance(30) ? 100 : 20 + b.rnd(80); };
    b.valid_percent = percent();
    b.ready_percent = percent();
    b.csr_percent = 10 + b.rnd(91);
    b.reply_max = 1 + b.rnd(200);
    b.axi.ready_percent = percent();
    b.axi.valid_percent = percent();
    b.axi.latency_min = 1 + b.rnd(20);
    b.axi.latency_max = b.axi.latency_min + b.rnd(150);
    b.axi.early_read = b.chance(50);
    b.axi.late_write = b.chance(60);
    b.axi.interleave = b.chance(50);
    b.axi.aw_mode = static_cast<Axi::Aw>(b.rnd(3));
    for (unsigned owner = 0; owner < 3; ++owner) {
      if (b.chance(40)) b.axi.bad_read.insert(address(kHbm, owner, b.rnd(windows_per_space)) + b.rnd(kSeg));
      if (b.chance(40)) b.axi.bad_write.insert(address(kHbm, owner, b.rnd(windows_per_space)) + b.rnd(kSeg));
    }
  }

  /// Sends `count` requests, then leaves the rest to Bench::drain.
  void run(unsigned count) {
    for (unsigned n = 0; n < count;) {
      if (!b.chance(pause_percent) && one())
        ++n;
      else
        b.step();
      if (b.mismatches > b.mismatch_limit) return;
      if (b.rnd(2000) == 0)  // now and then a lull, or a stall of the network
        for (unsigned i = b.rnd(300); i > 0; --i) b.step();
      if (b.rnd(3000) == 0) {
        bool& block = b.chance(50) ? b.block_tx_req : b.block_tx_rsp;
        if (!block) {
          block = true;
          for (unsigned i = b.rnd(600); i > 0; --i) b.step();
          block = false;
        }
      }
    }
  }

  /// Address of window `index` of an owner: 0 local, 1 remote, 2 both.
  static std::uint64_t address(unsigned space, unsigned owner, unsigned index) {
    if (space == kHbm)
      return index == 3 ? kCfg.hbm_bytes - (owner + 1) * std::uint64_t{kSeg}
                        : 0x100000ULL * (owner + 1) + index * 0x700ULL / kSeg * kSeg;
    const std::uint64_t size = space == kSbuf ? kCfg.sbuf_bytes_per_partition : kCfg.psum_bytes_per_partition();
    const std::uint64_t part = index == 0 ? 0 : index == 1 ? kParts - 1 : index % kParts;
    return part << 18 | (index == 3 ? size - (owner + 1) * std::uint64_t{kSeg} : owner * std::uint64_t{kSeg});
  }

 private:
  Bench& b;
  unsigned serial_ = 1;

  bool one() {
    const bool far = remote && (!local || b.chance(50));
    const bool write = !b.chance(read_percent);
    Packet p;
    Hdr& h = p.h;
    h.kind = write ? kWrReq : kRdReq;
    h.dst_x = Bench::kX, h.dst_y = Bench::kY;
    // Who asks
    Source* source = &b.rx_req;
    if (far) {
      h.src_x = b.rnd(Bench::kMeshX + 1), h.src_y = b.rnd(Bench::kMeshY + 1);
      if (h.src_x == Bench::kX && h.src_y == Bench::kY) return false;
      h.id = b.rnd(256);
      if (write && h.id >> 4 == kReqSem) return false;
    } else {
      h.src_x = Bench::kX, h.src_y = Bench::kY;
      if (write) {
        h.id = b.rnd(kQueues) << 4 | b.rnd(16);
        source = &b.dma_write;
        if (b.chance(12)) source = &b.sem_write, h.id = kReqSem << 4;
      } else if (b.chance(25)) {
        h.id = kReqFetch << 4 | b.rnd(5);
        source = &b.fetch_read;
      } else {
        h.id = b.chance(20) ? kReqDesc << 4 | b.rnd(kQueues) : b.rnd(kQueues) << 4 | b.rnd(16);
        source = &b.dma_read;
      }
    }
    if (source->queue.size() > 3) return false;
    const bool sem = source == &b.sem_write;
    if (!sem && !b.id_free(write, h.src_x, h.src_y, h.id)) return false;
    h.rsv0 = b.rnd(1U << 23);
    h.err = 0;

    // Away from here
    if (!far && b.chance(away_percent)) {
      h.space = sem ? kReg : b.rnd(4);
      h.addr = b.rng() & 0xffffffffffULL;
      h.len = sem ? 4 : 1 + b.rnd(kSeg);
      h.op = b.rnd(4), h.dtype = b.rnd(16);
      if (write) payload(p);
      if (b.chance(25)) {  // outside the mesh
        h.dst_x = b.chance(50) ? Bench::kMeshX + 1 + b.rnd(200) : b.rnd(Bench::kMeshX + 1);
        h.dst_y = h.dst_x <= Bench::kMeshX || b.chance(30) ? Bench::kMeshY + 1 + b.rnd(200) : b.rnd(Bench::kMeshY + 1);
        if (h.dst_x > 255 || h.dst_y > 255) return false;
        if (!write && b.chance(30)) h.len = b.rnd(2048);
        b.issue(*source, p, kErrTile);
      } else {
        h.dst_x = b.rnd(Bench::kMeshX + 1), h.dst_y = b.rnd(Bench::kMeshY + 1);
        if (h.dst_x == Bench::kX && h.dst_y == Bench::kY) return false;
        static const unsigned codes[] = {kOk, kOk, kOk, kErrAddress, kErrAxi, kErrTile};
        b.issue_away(*source, p, codes[b.rnd(6)]);
      }
      return true;
    }

    h.space = sem ? kReg : only_space >= 0 ? static_cast<unsigned>(only_space) : b.rnd(4);
    if (h.space == kReg) {
      h.addr = b.rnd(0x2000) * 4;
      h.len = 4;
      h.dtype = b.rnd(16);
      if (write) register_payload(p);
      unsigned err = kOk;
      if (!sem && b.chance(bad_percent)) {
        err = kErrRegister;
        switch (b.rnd(write ? 5 : 4)) {
          case 0:
            h.addr |= 0x8000;
            break;  // the bus says so
          case 1:
            h.addr |= 1 + b.rnd(3);
            break;
          case 2:
            h.addr |= 0x10000ULL << b.rnd(24);
            break;
          case 3:
            h.len = b.chance(50) ? b.rnd(4) : 5 + b.rnd(kSeg - 5);
            break;
          default:
            h.op = 1 + b.rnd(2);
            err = kErrSpace;
            break;
        }
        if (write && h.len != 4) payload(p);
      }
      b.issue(*source, p, err);
      return true;
    }

    // Memory
    const unsigned owner = b.chance(15) ? 2 : far ? 1 : 0;
    const std::uint64_t base = address(h.space, write ? owner : b.rnd(3), b.rnd(windows_per_space));
    unsigned size = 1;
    if (write) {
      h.op = b.chance(45) ? kWrite : b.chance(60) ? kAdd : kMax;
      h.dtype = h.op == kWrite ? b.rnd(16) : b.rnd(2);
      if (owner == 2) h.op = kMax, h.dtype = kFp32;
      if (h.op != kWrite) size = h.dtype == kFp32 ? 4 : 2;
    } else {
      h.op = b.rnd(4), h.dtype = b.rnd(16);
    }
    const unsigned units = kSeg / size;
    const unsigned n = b.chance(15)              ? units
                       : b.chance(short_percent) ? 1 + b.rnd(std::min(units, 2 * kBeat / size))
                                                 : 1 + b.rnd(units);
    const unsigned at = b.chance(30) ? 0 : b.rnd(units - n + 1);
    h.addr = base + at * size;
    h.len = n * size;
    unsigned err = kOk;
    if (b.chance(bad_percent)) {
      if (!spoil(h, err)) return false;
    } else if (h.space == kHbm) {
      const bool reads = !write || h.op != kWrite;
      const std::uint64_t first = h.addr / kBeat * kBeat, last = (h.addr + h.len + kBeat - 1) / kBeat * kBeat;
      if ((reads && hit(b.axi.bad_read, first, last)) || (write && hit(b.axi.bad_write, first, last))) err = kErrAxi;
    }
    if (err == kOk || err == kErrAxi) {  // nobody reads what is being written
      const std::uint64_t w = Image::base(h.space, h.addr) + 1;
      if (write ? b.readers.count(w) != 0 : b.writers.count(w) != 0) return false;
    }
    if (write) payload(p);
    b.issue(*source, p, err);
    return true;
  }

  /// One fault; false when it does not fit the request.
  bool spoil(Hdr& h, unsigned& err) {
    const bool write = h.kind == kWrReq, part = h.space != kHbm;
    const std::uint64_t size = h.space == kSbuf   ? kCfg.sbuf_bytes_per_partition
                               : h.space == kPsum ? kCfg.psum_bytes_per_partition()
                                                  : kCfg.hbm_bytes;
    err = kErrAddress;
    switch (b.rnd(write ? 7 : 4)) {
      case 0:
        h.len = 0;
        return !write || h.op == kWrite;
      case 1:  // beyond the end, or reaching over it
        h.addr = (part ? h.addr >> 18 << 18 : 0) |
                 (b.chance(50) ? size - (h.len > 4 && h.len < kSeg ? h.len - 4 : 0) : size + b.rnd(1000) * 4);
        if (part && (h.addr & 0x3ffff) < size % 0x40000 && h.len <= 4) return false;
        return h.len > 4 && (!part || size + 4000 < 0x40000);
      case 2:  // no such partition, or far outside HBM
        h.addr = part ? (h.addr & 0x3ffff) | (kParts + std::uint64_t{b.rnd(1000)}) << 18
                      : h.addr | kCfg.hbm_bytes << b.rnd(8);
        return true;
      case 3:  // over a segment boundary
        h.addr = h.addr / kSeg * kSeg + kSeg / 2;
        h.len = kSeg / 2 + 4 + b.rnd(kSeg / 4) * 4;
        return true;
      case 4:
        h.op = 3, err = kErrField;
        return true;
      case 5:
        if (h.op == kWrite) return false;
        h.dtype = 2 + b.rnd(14), err = kErrDtype;
        return true;
      default:
        if (h.op == kWrite || h.len >= kSeg) return false;
        if (b.chance(50) && h.addr % kSeg + h.len < kSeg)
          h.addr += 1;
        else
          h.len -= 1;
        return h.len != 0;
    }
  }

  static bool hit(const std::set<std::uint64_t>& bad, std::uint64_t first, std::uint64_t last) {
    const auto it = bad.lower_bound(first);
    return it != bad.end() && *it < last;
  }

  void register_payload(Packet& p) {
    const std::uint32_t v = serial_++;
    p.data.resize(4);
    std::memcpy(p.data.data(), &v, 4);
  }

  /// Numbers of like size, now and then any bits, infinities, subnormals, NaN.
  void payload(Packet& p) {
    p.data.resize(p.h.len);
    if (b.chance(30)) {
      for (auto& v : p.data) v = static_cast<std::uint8_t>(b.rng());
      return;
    }
    for (std::size_t n = 0; n < p.data.size(); ++n) {
      static const std::uint32_t special[] = {0x7f800000, 0xff800000, 0x7fc00001, 0x80000000,
                                              1,          0x807fffff, 0x7f7fffff, 0xff7fffff};
      const std::uint32_t v =
          b.chance(4) ? special[b.rnd(8)] : (static_cast<std::uint32_t>(b.rng()) & 0x81ffffffU) | 0x3e000000U;
      for (unsigned k = 0; k < 4 && n < p.data.size(); ++k) p.data[n++] = static_cast<std::uint8_t>(v >> (8 * k));
      --n;
    }
  }
};

}  // namespace mem_test
