// SPDX-License-Identifier: Apache-2.0
/// Surroundings of tsr_serve: initiators, a network side that plays the other tiles, an AXI subordinate with
/// latency and stalls, on-chip memories, the register bus; and a byte model that says what every response must be.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "Vtsr_serve.h"
#include "mem_models.hpp"
#include "sim/verilated_context.hpp"

namespace mem_test {

/// A response that somebody waits for.
struct Want {
  Hdr rsp;
  Bytes data;
  enum class Check { kExact, kNone } check = Check::kExact;
  std::uint64_t window = 0;  // where readers or writers are counted; 0: nowhere
  std::uint64_t issued = 0;
};

class Bench {
 public:
  static constexpr unsigned kX = 1, kY = 2, kMeshX = 3, kMeshY = 2;

  explicit Bench(std::uint64_t seed) : rng(seed), axi(image, rng), mismatch_limit(10) {
    ctx.randReset(2);
    ctx.randSeed(static_cast<int>(seed & 0x7fffffff) + 1);
    dut = std::make_unique<Vtsr_serve>(&ctx);
    dut->place_x_i = kX, dut->place_y_i = kY, dut->place_mesh_x_i = kMeshX, dut->place_mesh_y_i = kMeshY;
    dut->rst_ni = 0;
    for (int i = 0; i < 4; ++i) step();
    dut->rst_ni = 1;
  }

  Rng rng;
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_serve> dut;
  Image image;  // what the memories hold
  Image model;  // what they must hold
  Axi axi;
  std::uint64_t cycle = 0, quiet_steps = 0;
  unsigned mismatches = 0, mismatch_limit;
  unsigned valid_percent = 100, ready_percent = 100, csr_percent = 60, check_quiet = 4;  // check_quiet: 1 of n steps
  bool block_tx_req = false, block_tx_rsp = false, play_tiles = true;
  unsigned reply_max = 100;  // delay of the other tiles
  std::uint64_t answered[2] = {}, read_rsp_beats = 0, tx_rsp_beats = 0, first_answer = 0, last_answer = 0,
                csr_reads = 0, csr_writes = 0;
  Source dma_read, fetch_read, dma_write, sem_write, rx_req, rx_rsp;
  std::map<std::uint64_t, Want> want;                  // by key()
  std::map<std::uint64_t, unsigned> readers, writers;  // by window
  std::map<std::uint32_t, Hdr> sem_writes;             // data -> register write not seen yet
  std::uint64_t codes[2][16] = {};                     // responses by write and error code
  std::vector<std::uint64_t> ack_latency;              // issue to response
  std::uint64_t mem_write_beats = 0, first_mem_write = 0, last_mem_write = 0;

  unsigned rnd(std::uint64_t n) { return static_cast<unsigned>(rng() % n); }
  bool chance(unsigned percent) { return rnd(100) < percent; }

  void fail(const std::string& text) {
    if (++mismatches <= mismatch_limit) ADD_FAILURE() << "cycle " << cycle << ": " << text;
  }
  void require(bool good, const std::string& text) {
    if (!good) fail(text);
  }

  static std::uint64_t key(bool write, unsigned x, unsigned y, unsigned id) {
    return (std::uint64_t{write} << 40) | (std::uint64_t{x} << 32) | (std::uint64_t{y} << 24) | id;
  }
  bool busy() const {
    return !want.empty() || !sem_writes.empty() || !dma_write.queue.empty() || !sem_write.queue.empty() ||
           !rx_req.queue.empty() || !dma_read.queue.empty() || !fetch_read.queue.empty() || !rx_rsp.queue.empty() ||
           !replies.empty() || !csr_wait[0].empty() || !csr_wait[1].empty() || !axi.idle();
  }

  /// Runs until nothing is in flight, then checks memories and quietness.
  void drain(std::uint64_t limit = 200000) {
    const std::uint64_t end = cycle + limit;
    while (busy() && cycle < end) step();
    for (int i = 0; i < 20; ++i) step();
    if (busy()) {
      std::string text = "hang; waiting for " + std::to_string(want.size()) + " responses";
      for (const auto& [k, w] : want) {
        text += "\n  " + describe(w.rsp) + " issued " + std::to_string(w.issued);
        if (text.size() > 1000) break;
      }
      fail(text);
    }
    require(dut->quiet_o, "not quiet at the end");
    compare_all();
  }
  void compare_all() {
    for (const auto& [at, bytes] : image.windows) {
      if (bytes != model.window(at)) fail(difference(at));
    }
    for (const auto& [at, bytes] : model.windows) {
      if (bytes != image.window(at)) fail(difference(at));
    }
  }
  std::string difference(std::uint64_t at) {
    const auto &a = image.window(at), &b = model.window(at);
    for (unsigned n = 0; n < kSeg; ++n) {
      if (a[n] != b[n]) {
        char text[120];
        std::snprintf(text, sizeof text, "space %u window %llx byte %u is %02x, must be %02x",
                      static_cast<unsigned>(at >> 40), static_cast<unsigned long long>(at & 0xffffffffffULL), n, a[n],
                      b[n]);
        return text;
      }
    }
    return "equal";
  }
  static std::string describe(const Hdr& h) {
    char text[200];
    std::snprintf(text, sizeof text, "kind %u space %u addr %llx len %u op %u dtype %u id %02x err %u (%u,%u)->(%u,%u)",
                  h.kind, h.space, static_cast<unsigned long long>(h.addr), h.len, h.op, h.dtype, h.id, h.err, h.src_x,
                  h.src_y, h.dst_x, h.dst_y);
    return text;
  }

  static Hdr reply_of(const Hdr& h, unsigned err) {
    Hdr r = h;
    std::swap(r.dst_x, r.src_x);
    std::swap(r.dst_y, r.src_y);
    r.kind = h.kind == kRdReq ? kRdRsp : kWrRsp;
    r.err = err;
    return r;
  }

  /// Reset in the middle of work: nothing is answered any more, the memories keep what they have.
  void reset() {
    dut->rst_ni = 0;
    for (Source* s : {&dma_read, &fetch_read, &dma_write, &sem_write, &rx_req, &rx_rsp}) *s = Source{};
    want.clear(), readers.clear(), writers.clear(), sem_writes.clear(), replies.clear(), offered.clear();
    for (auto& queue : away) queue.clear();
    for (auto& queue : csr_wait) queue.clear();
    read_rsp = tx_req = tx_rsp = Collector{};
    for (int i = 0; i < 3; ++i) {
      axi.reset();
      step();
    }
    model = image;
    dut->rst_ni = 1;
  }

  /// Sends a request whose outcome at this tile is `err`; updates the model. REG writes must carry unique data.
  void issue(Source& source, const Packet& p, unsigned err) {
    const Hdr& h = p.h;
    Want w;
    w.rsp = reply_of(h, err);
    w.issued = cycle;
    const bool write = h.kind == kWrReq, here = h.dst_x == kX && h.dst_y == kY;
    const bool memory = here && h.space != kReg && (err == kOk || err == kErrAxi);
    if (memory) w.window = Image::base(h.space, h.addr) + 1;
    if (write) {
      if (w.window != 0) ++writers[w.window];
      if (memory && err == kOk) apply(model, p);
      if (here && h.space == kReg && (err == kOk || (err == kErrRegister && h.len == 4 && (h.addr >> 15) == 1))) {
        std::uint32_t v;
        std::memcpy(&v, p.data.data(), 4);
        sem_writes[v] = h;
      }
    } else if (err == kErrAxi) {
      w.check = Want::Check::kNone;
      ++readers[w.window];
    } else if (err != kOk) {
      w.data.assign(h.len, 0);
    } else if (h.space == kReg) {
      const std::uint32_t v = register_value(static_cast<unsigned>(h.addr));
      w.data.resize(4);
      std::memcpy(w.data.data(), &v, 4);
    } else {
      ++readers[w.window];
      for (unsigned n = 0; n < h.len; ++n) w.data.push_back(model.byte(h.space, h.addr + n));
    }
    if (h.id >> 4 != kReqSem || !write) {
      const auto [it, fresh] = want.emplace(key(write, h.src_x, h.src_y, h.id), w);
      (void)it;
      if (!fresh) fail("bench: key in use");
    }
    source.queue.push_back(p);
  }
  /// Sends a request of this tile to tile (h.dst_x, h.dst_y); the bench answers with `err` and random data.
  void issue_away(Source& source, const Packet& p, unsigned err) {
    Want w;
    w.rsp = reply_of(p.h, err);
    w.issued = cycle;
    if (p.h.kind == kRdReq)
      for (unsigned n = 0; n < p.h.len; ++n) w.data.push_back(static_cast<std::uint8_t>(rng()));
    const unsigned s = source_index(p.h);
    away[s].push_back({p, w});
    if (p.h.id >> 4 != kReqSem) want.emplace(key(p.h.kind == kWrReq, kX, kY, p.h.id), w);
    source.queue.push_back(p);
  }
  bool id_free(bool write, unsigned x, unsigned y, unsigned id) const { return want.count(key(write, x, y, id)) == 0; }

  void step();

 private:
  struct Away {
    Packet p;
    Want w;
  };
  std::deque<Away> away[4];  // requests that must appear on tx_req, per source
  std::vector<std::pair<std::uint64_t, Packet>> replies;
  std::deque<unsigned> csr_wait[2];  // 0 reads, 1 writes: register address asked for
  Collector read_rsp, tx_req, tx_rsp;
  std::map<std::string, std::pair<bool, Bytes>> offered;  // held outputs
  Bytes sbuf_rd = Bytes(kBeat), sbuf_rmw = Bytes(kBeat), psum_rd = Bytes(kBeat), psum_rmw = Bytes(kBeat);

  static unsigned source_index(const Hdr& h) {
    return h.kind == kRdReq ? (h.id >> 4 == kReqFetch ? 1 : 0) : (h.id >> 4 == kReqSem ? 3 : 2);
  }

  void apply(Image& m, const Packet& p);
  void drive();
  void sample();
  void memories();
  Bytes boundary() const;
  Bytes edge;  // boundary() after the last clock edge
  void register_bus();
  void respond(const Packet& p, bool read_stream);
  template <typename T>
  void held(const char* name, bool valid, bool ready, const T& head, const void* data, bool last);
};

}  // namespace mem_test
