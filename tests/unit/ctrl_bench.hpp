// SPDX-License-Identifier: Apache-2.0
/// Drives tsr_control: instruction memory with random latency, engines, host, servers, DMA queues; watches
/// semaphores.
#pragma once
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "Vtsr_control.h"
#include "Vtsr_control___024root.h"
#include "ctrl_words.hpp"
#include "sim/verilated_context.hpp"
#include "verilated.h"

namespace tessera::ctrl_test {

class Bench {
 public:
  explicit Bench(unsigned seed) : rng(seed) {
    ctx.randReset(2);
    ctx.randSeed(static_cast<int>(seed));
    dut = std::make_unique<Vtsr_control>(&ctx);
    dut->place_x_i = kTileX, dut->place_y_i = kTileY, dut->place_mesh_x_i = kMeshX, dut->place_mesh_y_i = kMeshY;
    idle_inputs();
    reset();
  }
  ~Bench() {
    Verilated::threadContextp(&ctx);  // a model with public signals ends in the context of its thread
    dut->final();
    dut.reset();
  }

  std::mt19937 rng;
  tessera::sim::OneThreadContext ctx;
  std::unique_ptr<Vtsr_control> dut;
  /// What blocks tell each other: a signal of tests/unit/rtl/tsr_control_watch.sv.
#define TSR_WATCH(name) rootp->tsr_control_flat__DOT__dut__DOT__u_watch__DOT__##name
  std::uint64_t cycle = 100;

  // Knobs
  unsigned latency_max = 40, ready_percent = 70, work_max = 30, queue_update_percent = 0;
  bool check_quiet = true;

  // Memory: instructions by address; a missing address reads as noise, one outside HBM or `bad` as an error
  std::map<std::uint64_t, isa::ItemImage> mem;
  std::map<std::uint64_t, unsigned> bad;

  // What was seen
  std::function<void(const Record&)> on_record;
  std::function<void(const Fault&)> on_fault;
  std::function<void(const Ring&)> on_ring;
  std::function<void(unsigned source, const SemUpdate&)> on_update;
  std::function<void(unsigned engine, const isa::ItemImage&)> on_issue;
  std::function<void(unsigned engine)> on_start;
  std::vector<std::uint32_t> sems = std::vector<std::uint32_t>(256, 0);
  std::array<std::vector<std::pair<std::uint64_t, std::uint32_t>>, 256> history;  ///< (first cycle, value)
  std::array<unsigned, kEngines> done_count{};  ///< completions reported by the engines, up to the previous cycle
  std::uint64_t quiet_steps = 0, local_updates = 0, remote_updates = 0, size_writes[8] = {};
  std::deque<SemUpdate> remote_due;

  unsigned rnd(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(rng); }
  bool chance(unsigned percent) { return rnd(100) < percent; }

  void reset() {
    idle_inputs();
    for (auto& q : fetches) q.clear();
    for (auto& w : working) w.clear();
    for (auto& p : ports) p.clear();
    active = -1;
    accepted = {};
    host_state = {};
    remote_due.clear();
    done_count = done_next = {};
    b_held = r_held = false;
    dut->rst_ni = 0;
    for (unsigned i = 0; i < 3; ++i) clock();
    dut->rst_ni = 1;
    dut->eval();
    for (unsigned s = 0; s < 256; ++s) set_sem(s, 0);
  }

  /// Queues an access; the object lives as long as the caller holds it.
  std::shared_ptr<Access> start(unsigned port, bool we, unsigned addr, std::uint32_t data = 0, unsigned strb = 0xf) {
    auto a = std::make_shared<Access>();
    a->we = we, a->addr = static_cast<std::uint16_t>(addr), a->data = data, a->strb = static_cast<std::uint8_t>(strb);
    a->asked = cycle;
    ports[port].push_back(a);
    return a;
  }
  Access access(unsigned port, bool we, unsigned addr, std::uint32_t data = 0, unsigned strb = 0xf) {
    const auto a = start(port, we, addr, data, strb);
    for (unsigned n = 0; n < 2000 && !a->done; ++n) step();
    EXPECT_TRUE(a->done) << "no answer of register " << std::hex << addr;
    return *a;
  }
  void write(unsigned addr, std::uint32_t data) { EXPECT_FALSE(access(0, true, addr, data).err) << std::hex << addr; }
  std::uint32_t read(unsigned addr) {
    const Access a = access(0, false, addr);
    EXPECT_FALSE(a.err) << std::hex << addr;
    return a.data;
  }
  void start_engine(unsigned e, std::uint64_t pc) {
    write(isa::reg::at(isa::reg::kEngPc, e), static_cast<std::uint32_t>(pc));
    write(isa::reg::at(isa::reg::kEngPcHi, e), static_cast<std::uint32_t>(pc >> 32));
    write(isa::reg::at(isa::reg::kEngStart, e), 1);
  }

  void step() {
    dut->cycle_i = cycle;
    drive_fetch();
    drive_engines();
    drive_queues();
    drive_servers();
    drive_host();
    dut->write_req_ready_i = chance(ready_percent);
    dut->eval();
    sample();
    const bool idle_host = !dut->host_axil_awvalid && !dut->host_axil_wvalid && !dut->host_axil_arvalid;
    std::vector<std::uint8_t> before;
    const bool quiet = check_quiet && dut->quiet_o && idle_host;
    if (quiet) before = state();
    clock();
    if (quiet) {
      ++quiet_steps;
      EXPECT_TRUE(before == state()) << "quiet but changed at cycle " << cycle;
    }
    ++cycle;
  }

  /// Nothing on its way outside: no fetch, no engine at work, no access.
  bool outside_idle() const {
    if (active >= 0 || !remote_due.empty()) return false;
    for (const auto& q : fetches)
      if (!q.empty()) return false;
    for (const auto& w : working)
      if (!w.empty()) return false;
    for (const auto& p : ports)
      if (!p.empty()) return false;
    return true;
  }

  std::uint32_t sem_at(unsigned sem, std::uint64_t at) const {
    std::uint32_t value = 0;
    for (const auto& [from, v] : history[sem])
      if (from <= at) value = v;
    return value;
  }

 private:
  struct Fetch {
    isa::Hdr hdr;
    std::uint64_t due;
  };
  struct Work {
    isa::Instr instr;
    isa::ItemImage image;
    std::uint64_t due;
  };
  struct HostState {
    bool busy = false, aw = false, w = false, ar = false;
  };
  std::array<std::deque<Fetch>, kEngines> fetches;
  std::array<std::deque<Work>, kEngines> working;
  std::array<std::deque<std::shared_ptr<Access>>, 3> ports;
  std::array<bool, 3> accepted{};  // taken by the registers, not answered
  HostState host_state;
  std::array<unsigned, kEngines> done_next{};
  int active = -1;
  unsigned beat = 0;
  std::array<SemUpdate, kQueues> queue_upd;
  std::array<bool, kQueues> queue_offer{};
  bool b_held = false, r_held = false;
  std::uint64_t held_r = 0;

  void clock() {
    dut->clk_i = 1;
    dut->eval();
    dut->clk_i = 0;
    dut->eval();
  }
  std::vector<std::uint8_t> state() const {
    const auto* p = reinterpret_cast<const std::uint8_t*>(dut->rootp);
    return {p + 64, p + sizeof(*dut->rootp)};
  }
  void idle_inputs() {
    dut->clk_i = 0;
    dut->host_axil_awvalid = dut->host_axil_wvalid = dut->host_axil_arvalid = 0;
    dut->host_axil_bready = dut->host_axil_rready = 0;
    dut->read_csr_req_valid_i = dut->write_csr_req_valid_i = 0;
    dut->read_csr_req_we_i = 0, dut->write_csr_req_we_i = 1;
    dut->read_req_ready_i = dut->read_rsp_valid_i = dut->write_req_ready_i = 0;
    dut->issue_ready_i = 0;
    dut->done_en_i = 0;
    dut->queue_sem_upd_valid_i = 0;
    dut->queue_status_busy_i = dut->queue_status_halted_i = dut->queue_status_waiting_i = dut->queue_fault_en_i = 0;
    for (unsigned q = 0; q < kQueues; ++q) dut->queue_sem_wait_i[q] = 0;
    queue_offer = {};
  }
  void set_sem(unsigned s, std::uint32_t value) {
    if (history[s].size() > 400) history[s].erase(history[s].begin(), history[s].begin() + 200);
    sems[s] = value;
    history[s].emplace_back(cycle + 1, value);
  }
  void apply(unsigned sem, unsigned op, std::uint32_t value) {
    if (op == 1) set_sem(sem, value);
    if (op == 2) set_sem(sem, sems[sem] + value);
    if (op == 3) set_sem(sem, sems[sem] - value);
  }

  void drive_fetch() {
    dut->read_req_ready_i = chance(ready_percent);
    dut->read_rsp_valid_i = 0;
    if (active < 0) {
      std::vector<unsigned> due;
      for (unsigned e = 0; e < kEngines; ++e)
        if (!fetches[e].empty() && fetches[e].front().due <= cycle) due.push_back(e);
      if (!due.empty()) active = static_cast<int>(due[rnd(static_cast<unsigned>(due.size()))]), beat = 0;
      // Packets of other requesters pass by.
      if (due.empty() && chance(10)) {
        isa::Hdr other;
        other.id = rnd(2) == 0 ? rnd(8) << 4 : 0x80U | rnd(4);
        put_hdr(other);
        dut->read_rsp_valid_i = 1, dut->read_rsp_last_i = rnd(2);
      }
    }
    if (active < 0 || !chance(80)) return;
    const isa::Hdr& asked = fetches[static_cast<unsigned>(active)].front().hdr;
    isa::Hdr h = asked;
    h.kind = static_cast<std::uint32_t>(isa::Kind::kRdRsp);
    h.err = 0;
    if (asked.addr + isa::kItemBytes > kCfg.hbm_bytes)
      h.err = static_cast<std::uint32_t>(isa::Err::kAddress);
    else if (bad.contains(asked.addr))
      h.err = bad[asked.addr];
    isa::ItemImage image;
    const auto it = mem.find(asked.addr);
    for (unsigned w = 0; w < image.size(); ++w)
      image[w] = it != mem.end() ? it->second[w] : static_cast<std::uint32_t>(rng());
    put_hdr(h);
    dut->read_rsp_valid_i = 1;
    dut->read_rsp_last_i = beat + 1 == kBeats;
    std::memcpy(&dut->read_rsp_data_i, reinterpret_cast<const std::uint8_t*>(image.data()) + beat * kBeat, kBeat);
  }
  void put_hdr(const isa::Hdr& h) {
    const auto words = h.pack();
    for (unsigned w = 0; w < words.size(); ++w) dut->read_rsp_hdr_i[w] = words[w];
  }

  void drive_engines() {
    dut->issue_ready_i = 0, dut->done_en_i = 0;
    for (unsigned e = 0; e < kEngines; ++e) {
      const unsigned room = e == 0 ? 8 : 2;
      if (working[e].size() < room && chance(ready_percent)) dut->issue_ready_i |= static_cast<std::uint8_t>(1U << e);
      dut->done_checksum_i[e] = static_cast<std::uint32_t>(rng());
      dut->done_err_i[e] = static_cast<std::uint8_t>(rnd(16));
      if (!working[e].empty() && working[e].front().due <= cycle) {
        dut->done_en_i |= static_cast<std::uint8_t>(1U << e);
        dut->done_checksum_i[e] = data_checksum(working[e].front().image);
        dut->done_err_i[e] = static_cast<std::uint8_t>(data_err(working[e].front().instr));
      }
    }
  }

  void drive_queues() {
    for (unsigned q = 0; q < kQueues; ++q) {
      if (!queue_offer[q] && queue_update_percent != 0 && chance(queue_update_percent)) {
        queue_offer[q] = true;
        queue_upd[q] = {
            kCfg.semaphores - 24 + rnd(20), 1 + rnd(3), static_cast<std::uint32_t>(rng()), rnd(4) == 0, rnd(4), rnd(5)};
        dut->queue_sem_wait_i[q] = static_cast<std::uint8_t>(rnd(kCfg.semaphores));
      }
      dut->queue_sem_upd_i[q] = queue_upd[q].pack();
      const unsigned bit = 1U << q;
      dut->queue_sem_upd_valid_i = static_cast<std::uint8_t>(queue_offer[q] ? dut->queue_sem_upd_valid_i | bit
                                                                            : dut->queue_sem_upd_valid_i & ~bit);
    }
  }

  void drive_servers() {
    for (unsigned p = 1; p < 3; ++p) {
      const bool ask = !ports[p].empty() && !accepted[p] &&
                       (chance(60) || (p == 1 ? dut->read_csr_req_valid_i : dut->write_csr_req_valid_i));
      const Access a = ask ? *ports[p].front() : Access{};
      if (p == 1)
        dut->read_csr_req_valid_i = ask, dut->read_csr_req_we_i = a.we, dut->read_csr_req_addr_i = a.addr,
        dut->read_csr_req_wdata_i = a.data;
      else
        dut->write_csr_req_valid_i = ask, dut->write_csr_req_we_i = a.we, dut->write_csr_req_addr_i = a.addr,
        dut->write_csr_req_wdata_i = a.data;
    }
  }

  void drive_host() {
    dut->host_axil_bready = chance(ready_percent);
    dut->host_axil_rready = chance(ready_percent);
    if (!ports[0].empty() && !host_state.busy) {
      const bool we = ports[0].front()->we;
      host_state = {true, we, we, !we};
    }
    dut->host_axil_awvalid = host_state.aw && (dut->host_axil_awvalid || chance(50));
    dut->host_axil_wvalid = host_state.w && (dut->host_axil_wvalid || chance(50));
    dut->host_axil_arvalid = host_state.ar && (dut->host_axil_arvalid || chance(50));
    if (ports[0].empty()) return;
    const Access& a = *ports[0].front();
    dut->host_axil_awaddr = a.addr, dut->host_axil_araddr = a.addr;
    dut->host_axil_wdata = a.data, dut->host_axil_wstrb = a.strb;
  }

  void sample() {
    sample_records();
    sample_fetch();
    sample_engines();
    sample_semaphores();
    sample_ports();
    if (dut->doorbell_en_o && on_ring) on_ring({dut->doorbell_number_o, dut->doorbell_count_o});
    for (unsigned e = 0; e < kEngines; ++e)
      if ((dut->TSR_WATCH(start) >> e & 1U) != 0 && on_start) on_start(e);
    for (unsigned q = 0; q < kQueues; ++q) size_writes[q] += dut->queue_setup_restart_o >> q & 1U;
  }

  void sample_records() {
    for (unsigned e = 0; e < kEngines; ++e) {
      if ((dut->engine_rec_valid_o >> e & 1U) != 0) {
        const Record r{sim::Rec::unpack(&dut->engine_rec_o[e][0]), e};
        EXPECT_EQ(r.end + 1, cycle);
        EXPECT_LT(r.start, r.end);
        if (on_record) on_record(r);
      }
      if ((dut->TSR_WATCH(fault_en) >> e & 1U) != 0 && on_fault)
        on_fault({e, dut->TSR_WATCH(fault_code)[e], dut->TSR_WATCH(fault_tag)[e], dut->TSR_WATCH(fault_addr)[e]});
    }
  }

  void sample_fetch() {
    EXPECT_TRUE(dut->read_rsp_ready_o);
    if (dut->read_rsp_valid_i && active >= 0 && dut->read_rsp_last_i && ++beat == kBeats) {
      fetches[static_cast<unsigned>(active)].pop_front();
      active = -1;
    } else if (dut->read_rsp_valid_i && active >= 0 && !dut->read_rsp_last_i) {
      ++beat;
    }
    if (!dut->read_req_valid_o || !dut->read_req_ready_i) return;
    const isa::Hdr h =
        isa::Hdr::unpack({dut->read_req_o[0], dut->read_req_o[1], dut->read_req_o[2], dut->read_req_o[3]});
    EXPECT_EQ(h.id >> 4, 9U);
    EXPECT_LT(h.id & 15U, kEngines);
    EXPECT_EQ(h.len, isa::kItemBytes);
    EXPECT_EQ(h.addr % isa::kItemBytes, 0U);
    EXPECT_TRUE(h.dst_x == kTileX && h.dst_y == kTileY && h.src_x == kTileX && h.src_y == kTileY);
    EXPECT_TRUE(h.space == 0 && h.kind == 0);
    auto& q = fetches[h.id & 7U];
    std::uint64_t due = cycle + 1 + rnd(latency_max);
    if (!q.empty()) due = std::max(due, q.back().due);
    q.push_back({h, due});
    EXPECT_LE(q.size(), 32U);
  }

  void sample_engines() {
    for (unsigned e = 0; e < kEngines; ++e) {
      if ((dut->done_en_i >> e & 1U) != 0) working[e].pop_front(), ++done_next[e];
      if ((dut->issue_valid_o >> e & 1U) == 0) continue;
      EXPECT_LT(e, 3U) << "POOL and SP issue nothing";
      if ((dut->issue_ready_i >> e & 1U) == 0) continue;
      isa::ItemImage image;
      for (unsigned w = 0; w < image.size(); ++w) image[w] = dut->issue_o[e][w];
      if (on_issue) on_issue(e, image);
      std::uint64_t due = cycle + 1 + rnd(work_max);
      if (!working[e].empty()) due = std::max(due, working[e].back().due + 1);
      working[e].push_back({isa::Instr::unpack(image), image, due});
    }
  }

  void sample_semaphores() {
    unsigned locals = 0, remotes = 0;
    for (unsigned q = 0; q < kQueues; ++q) EXPECT_EQ(dut->queue_sem_value_o[q], sems[dut->queue_sem_wait_i[q]]);
    if (dut->write_req_valid_o) {
      ASSERT_FALSE(remote_due.empty());
      const SemUpdate& u = remote_due.front();
      const isa::Hdr h = isa::Hdr::unpack(
          {dut->write_req_hdr_o[0], dut->write_req_hdr_o[1], dut->write_req_hdr_o[2], dut->write_req_hdr_o[3]});
      EXPECT_TRUE(h.dst_x == u.x && h.dst_y == u.y && h.src_x == kTileX && h.src_y == kTileY);
      EXPECT_TRUE(h.kind == 1 && h.space == 3 && h.op == 0 && h.len == 4 && h.id == 0xa0 && dut->write_req_last_o);
      EXPECT_EQ(h.addr, isa::reg::kSemSet + 0x400 * (u.op - 1) + 4 * u.sem);
      std::uint32_t data = 0;
      std::memcpy(&data, &dut->write_req_data_o, 4);
      EXPECT_EQ(data, u.value);
      if (dut->write_req_ready_i) remote_due.pop_front();
    }
    for (unsigned s = 0; s < kSources; ++s) {
      const bool of_queue = s >= kEngines;
      const unsigned q = of_queue ? s - kEngines : 0;
      const unsigned taken = of_queue ? (dut->queue_sem_upd_valid_i & dut->queue_sem_upd_ready_o) >> q
                                      : static_cast<unsigned>(dut->TSR_WATCH(updated)) >> s;
      if ((taken & 1U) == 0) continue;
      const SemUpdate u = SemUpdate::unpack(of_queue ? dut->queue_sem_upd_i[q] : dut->TSR_WATCH(upd)[s]);
      if (of_queue) queue_offer[q] = false;
      if (on_update) on_update(s, u);
      if (u.local())
        apply(u.sem, u.op, u.value), ++locals, ++local_updates;
      else
        remote_due.push_back(u), ++remotes, ++remote_updates;
    }
    EXPECT_LE(locals, 1U);
    EXPECT_LE(remotes, 1U);
    if (dut->TSR_WATCH(reg_updates)) {
      EXPECT_EQ(locals, 0U);
      const SemUpdate u = SemUpdate::unpack(dut->TSR_WATCH(reg_upd));
      apply(u.sem, u.op, u.value);
    }
    done_count = done_next;
  }

  void finish(unsigned p, bool err, std::uint32_t data) {
    ASSERT_FALSE(ports[p].empty());
    Access& a = *ports[p].front();
    a.done = true, a.err = err, a.answered = cycle;
    if (!a.we) a.data = data;
    ports[p].pop_front();
  }
  void sample_ports() {
    // Servers: an answer belongs to an access taken in an earlier cycle.
    for (unsigned p = 1; p < 3; ++p) {
      const bool valid = p == 1 ? dut->read_csr_req_valid_i : dut->write_csr_req_valid_i;
      const bool ready = p == 1 ? dut->read_csr_req_ready_o : dut->write_csr_req_ready_o;
      const bool answer = p == 1 ? dut->read_csr_rsp_valid_o : dut->write_csr_rsp_valid_o;
      if (answer) {
        EXPECT_TRUE(accepted[p]);
        accepted[p] = false;
        finish(p, p == 1 ? dut->read_csr_rsp_err_o : dut->write_csr_rsp_err_o,
               p == 1 ? dut->read_csr_rsp_rdata_o : dut->write_csr_rsp_rdata_o);
      } else if (valid && ready) {
        accepted[p] = true;
      }
    }
    // Host: answers hold until taken.
    if (b_held) {
      EXPECT_TRUE(dut->host_axil_bvalid);
    }
    if (r_held) {
      EXPECT_TRUE(dut->host_axil_rvalid && dut->host_axil_rdata == held_r);
    }
    b_held = dut->host_axil_bvalid && !dut->host_axil_bready;
    r_held = dut->host_axil_rvalid && !dut->host_axil_rready;
    held_r = dut->host_axil_rdata;
    const bool b = dut->host_axil_bvalid && dut->host_axil_bready, r = dut->host_axil_rvalid && dut->host_axil_rready;
    if (b) {
      EXPECT_TRUE(host_state.busy && !host_state.aw && !host_state.w && !host_state.ar);
    }
    if (r) {
      EXPECT_TRUE(host_state.busy && !host_state.ar && !host_state.aw);
    }
    if (b || r) {
      finish(0, (b ? dut->host_axil_bresp : dut->host_axil_rresp) != 0, dut->host_axil_rdata);
      host_state = {};
    }
    if (dut->host_axil_awvalid && dut->host_axil_awready) host_state.aw = false;
    if (dut->host_axil_wvalid && dut->host_axil_wready) host_state.w = false;
    if (dut->host_axil_arvalid && dut->host_axil_arready) host_state.ar = false;
  }
};

}  // namespace tessera::ctrl_test
