// SPDX-License-Identifier: Apache-2.0
/// The boundary of tsr_tile in a bench, by the names of its ports, and its way to and from what a cluster exchanges.
#pragma once
#include <algorithm>
#include <array>
#include <string>

#include "sim/verilated_ports.hpp"
#include "tessera/cluster.hpp"

namespace tessera::detail {

inline constexpr unsigned kRecordBits = 152;
inline constexpr const char* kByCluster = "the cluster drives";
inline constexpr const char* kByHost =
    "the host actions of the cluster drive; co_await cluster.drive_host(tile) gives the port to a task";

/// A port of up to 64 bits.
class Pin {
 public:
  Pin(Model& m, const std::string& name, unsigned width = 1) : state_(&m.find("TOP", name.c_str(), width)) {}
  void operator=(std::uint64_t value) const { state_->store(value); }
  [[nodiscard]] std::uint64_t operator*() const { return state_->load(); }
  [[nodiscard]] SignalState& state() const { return *state_; }

 private:
  SignalState* state_;
};

/// A port of any width, as 32-bit words.
class Bus {
 public:
  Bus(Model& m, const std::string& name, unsigned width) : state_(&m.find("TOP", name.c_str(), width)) {}
  void operator=(const std::uint32_t* words) const {
    if (state_->wide()) {
      state_->store_words(words);
    } else {
      state_->store(state_->bytes > 4 ? words[0] | std::uint64_t{words[1]} << 32 : words[0]);
    }
  }
  void get(std::uint32_t* words) const {
    if (state_->wide()) {
      std::copy_n(static_cast<const std::uint32_t*>(state_->data), state_->bytes / 4, words);
    } else {
      const std::uint64_t value = state_->load();
      words[0] = static_cast<std::uint32_t>(value);
      if (state_->bytes > 4) words[1] = static_cast<std::uint32_t>(value >> 32);
    }
  }
  [[nodiscard]] std::uint64_t bits(unsigned lsb, unsigned width) const {
    return sim::port::bits(static_cast<const std::uint32_t*>(state_->data), lsb, width);
  }
  [[nodiscard]] SignalState& state() const { return *state_; }

 private:
  SignalState* state_;
};

struct LinkPins {
  LinkPins(Model& m, const std::string& name, unsigned bits)
      : valid_i(m, name + "valid_i"),
        vc_i(m, name + "vc_i", 2),
        head_i(m, name + "head_i"),
        tail_i(m, name + "tail_i"),
        credit_valid_i(m, name + "credit_valid_i"),
        credit_vc_i(m, name + "credit_vc_i", 2),
        data_i(m, name + "data_i", bits),
        valid_o(m, name + "valid_o"),
        vc_o(m, name + "vc_o", 2),
        head_o(m, name + "head_o"),
        tail_o(m, name + "tail_o"),
        credit_valid_o(m, name + "credit_valid_o"),
        credit_vc_o(m, name + "credit_vc_o", 2),
        data_o(m, name + "data_o", bits) {}
  Pin valid_i, vc_i, head_i, tail_i, credit_valid_i, credit_vc_i;
  Bus data_i;
  Pin valid_o, vc_o, head_o, tail_o, credit_valid_o, credit_vc_o;
  Bus data_o;
};

/// The boundary of a tile by the names of its ports.
class TilePins {
 public:
  TilePins(Model& m, const Config& c)
      : clk(m, "clk_i"),
        rst_n(m, "rst_ni"),
        cycle(m, "cycle_i", 64),
        tile_x(m, "tile_x_i", 8),
        tile_y(m, "tile_y_i", 8),
        mesh_x(m, "mesh_x_i", 8),
        mesh_y(m, "mesh_y_i", 8),
        quiescent(m, "quiescent_o"),
        irq(m, "irq_o"),
        links{LinkPins(m, "link_n_", c.link_bytes * 8), LinkPins(m, "link_e_", c.link_bytes * 8),
              LinkPins(m, "link_s_", c.link_bytes * 8), LinkPins(m, "link_w_", c.link_bytes * 8)},
        awid(m, "hbm_axi_awid", 4),
        awaddr(m, "hbm_axi_awaddr", 40),
        awlen(m, "hbm_axi_awlen", 8),
        awvalid(m, "hbm_axi_awvalid"),
        awready(m, "hbm_axi_awready"),
        wlast(m, "hbm_axi_wlast"),
        wvalid(m, "hbm_axi_wvalid"),
        wready(m, "hbm_axi_wready"),
        bid(m, "hbm_axi_bid", 4),
        bresp(m, "hbm_axi_bresp", 2),
        bvalid(m, "hbm_axi_bvalid"),
        bready(m, "hbm_axi_bready"),
        arid(m, "hbm_axi_arid", 4),
        araddr(m, "hbm_axi_araddr", 40),
        arlen(m, "hbm_axi_arlen", 8),
        arvalid(m, "hbm_axi_arvalid"),
        arready(m, "hbm_axi_arready"),
        rid(m, "hbm_axi_rid", 4),
        rresp(m, "hbm_axi_rresp", 2),
        rlast(m, "hbm_axi_rlast"),
        rvalid(m, "hbm_axi_rvalid"),
        rready(m, "hbm_axi_rready"),
        wdata(m, "hbm_axi_wdata", c.hbm_bytes_per_cycle * 8),
        wstrb(m, "hbm_axi_wstrb", c.hbm_bytes_per_cycle),
        rdata(m, "hbm_axi_rdata", c.hbm_bytes_per_cycle * 8),
        host(m),
        rec_valid{Pin(m, "rec_pe_valid_o"), Pin(m, "rec_act_valid_o"), Pin(m, "rec_dve_valid_o"),
                  Pin(m, "rec_pool_valid_o"), Pin(m, "rec_sp_valid_o")},
        rec_q_valid(m, "rec_q_valid_o", c.dma_queues),
        rec_data{Bus(m, "rec_pe_data_o", kRecordBits), Bus(m, "rec_act_data_o", kRecordBits),
                 Bus(m, "rec_dve_data_o", kRecordBits), Bus(m, "rec_pool_data_o", kRecordBits),
                 Bus(m, "rec_sp_data_o", kRecordBits)},
        rec_q_data(m, "rec_q_data_o", kRecordBits * c.dma_queues) {}

  /// Everything but the clock, and the host port only when `with_host`.
  void apply(const sim::TileInputs& in, bool with_host) const {
    cycle = in.cycle;
    for (unsigned d = 0; d < 4; ++d) {
      const LinkPins& pins = links[d];
      const sim::LinkInputs& link = in.link[d];
      pins.valid_i = link.valid;
      if (link.valid) {
        pins.vc_i = link.flit->vc;
        pins.head_i = link.flit->head;
        pins.tail_i = link.flit->tail;
        pins.data_i = link.flit->data.data();
      }
      pins.credit_valid_i = link.credit_valid;
      pins.credit_vc_i = link.credit_vc;
    }
    const sim::AxiInputs& axi = in.axi;
    awready = axi.awready;
    wready = axi.wready;
    arready = axi.arready;
    bvalid = axi.bvalid;
    if (axi.bvalid) {
      bid = axi.bid;
      bresp = axi.bresp;
    }
    rvalid = axi.rvalid;
    if (axi.rvalid) {
      rid = axi.rid;
      rresp = axi.rresp;
      rlast = axi.rlast;
      rdata = axi.rdata;
    }
    if (with_host) host.apply(in.host);
  }

  void collect(sim::TileOutputs& out) const {
    out.quiescent = byte(quiescent);
    out.irq = byte(irq);
    for (unsigned d = 0; d < 4; ++d) {
      const LinkPins& pins = links[d];
      sim::LinkOutputs& link = out.link[d];
      link.valid = byte(pins.valid_o);
      if (link.valid) {
        link.flit.vc = byte(pins.vc_o);
        link.flit.head = byte(pins.head_o);
        link.flit.tail = byte(pins.tail_o);
        pins.data_o.get(link.flit.data.data());
      }
      link.credit_valid = byte(pins.credit_valid_o);
      link.credit_vc = byte(pins.credit_vc_o);
    }
    sim::AxiOutputs& axi = out.axi;
    axi.bready = byte(bready);
    axi.rready = byte(rready);
    axi.arvalid = byte(arvalid);
    if (axi.arvalid) {
      axi.arid = byte(arid);
      axi.arlen = byte(arlen);
      axi.araddr = *araddr;
    }
    axi.awvalid = byte(awvalid);
    if (axi.awvalid) {
      axi.awid = byte(awid);
      axi.awlen = byte(awlen);
      axi.awaddr = *awaddr;
    }
    axi.wvalid = byte(wvalid);
    if (axi.wvalid) {
      axi.wlast = byte(wlast);
      wdata.get(axi.wdata.data());
      wstrb.get(axi.wstrb.data());
    }
    host.collect(out.host);
    out.record_valid = 0;
    for (unsigned e = 0; e < sim::kNumEngines; ++e) {
      if (*rec_valid[e]) record(out, e, rec_data[e], 0);
    }
    for (std::uint64_t q = 0, valid = *rec_q_valid; valid != 0; ++q, valid >>= 1) {
      if (valid & 1)
        record(out, sim::kNumEngines + static_cast<unsigned>(q), rec_q_data, static_cast<unsigned>(q) * kRecordBits);
    }
  }

  /// Tests may read the inputs only.
  void refuse_writes() const {
    const auto refuse = [](SignalState& s) {
      s.writable = false;
      s.driver = kByCluster;
    };
    for (const Pin* pin : {&clk, &rst_n, &cycle, &tile_x, &tile_y, &mesh_x, &mesh_y, &awready, &wready, &bid, &bresp,
                           &bvalid, &arready, &rid, &rresp, &rlast, &rvalid}) {
      refuse(pin->state());
    }
    refuse(rdata.state());
    for (const LinkPins& link : links) {
      for (const Pin* pin :
           {&link.valid_i, &link.vc_i, &link.head_i, &link.tail_i, &link.credit_valid_i, &link.credit_vc_i})
        refuse(pin->state());
      refuse(link.data_i.state());
    }
    give_host(false);
  }
  void give_host(bool to_task) const {
    for (const Pin* pin : {&host.awaddr, &host.awprot, &host.awvalid, &host.wdata, &host.wstrb, &host.wvalid,
                           &host.bready, &host.araddr, &host.arprot, &host.arvalid, &host.rready}) {
      pin->state().writable = to_task;
      pin->state().driver = to_task ? nullptr : kByHost;
    }
  }

  struct HostPins {
    explicit HostPins(Model& m)
        : awaddr(m, "host_axil_awaddr", 16),
          awprot(m, "host_axil_awprot", 3),
          awvalid(m, "host_axil_awvalid"),
          awready(m, "host_axil_awready"),
          wdata(m, "host_axil_wdata", 32),
          wstrb(m, "host_axil_wstrb", 4),
          wvalid(m, "host_axil_wvalid"),
          wready(m, "host_axil_wready"),
          bresp(m, "host_axil_bresp", 2),
          bvalid(m, "host_axil_bvalid"),
          bready(m, "host_axil_bready"),
          araddr(m, "host_axil_araddr", 16),
          arprot(m, "host_axil_arprot", 3),
          arvalid(m, "host_axil_arvalid"),
          arready(m, "host_axil_arready"),
          rdata(m, "host_axil_rdata", 32),
          rresp(m, "host_axil_rresp", 2),
          rvalid(m, "host_axil_rvalid"),
          rready(m, "host_axil_rready") {}
    void apply(const sim::AxilInputs& in) const {
      awvalid = in.awvalid;
      wvalid = in.wvalid;
      arvalid = in.arvalid;
      bready = in.bready;
      rready = in.rready;
      awaddr = in.awaddr;
      araddr = in.araddr;
      wdata = in.wdata;
      wstrb = 0xf;
      awprot = 0;
      arprot = 0;
    }
    void show(sim::AxilInputs& in) const {
      in.awvalid = byte(awvalid);
      in.wvalid = byte(wvalid);
      in.arvalid = byte(arvalid);
      in.bready = byte(bready);
      in.rready = byte(rready);
      in.awaddr = static_cast<std::uint16_t>(*awaddr);
      in.araddr = static_cast<std::uint16_t>(*araddr);
      in.wdata = static_cast<std::uint32_t>(*wdata);
    }
    void collect(sim::AxilOutputs& out) const {
      out.awready = byte(awready);
      out.wready = byte(wready);
      out.arready = byte(arready);
      out.bvalid = byte(bvalid);
      out.bresp = byte(bresp);
      out.rvalid = byte(rvalid);
      out.rresp = byte(rresp);
      out.rdata = static_cast<std::uint32_t>(*rdata);
    }
    Pin awaddr, awprot, awvalid, awready, wdata, wstrb, wvalid, wready, bresp, bvalid, bready, araddr, arprot, arvalid,
        arready, rdata, rresp, rvalid, rready;
  };

 private:
  static std::uint8_t byte(const Pin& pin) { return static_cast<std::uint8_t>(*pin); }
  static void record(sim::TileOutputs& out, unsigned source, const Bus& data, unsigned lsb) {
    out.record_valid |= 1U << source;
    sim::RawRecord& r = out.record[source];
    r.opcode = static_cast<std::uint8_t>(data.bits(lsb, 8));
    r.tag = static_cast<std::uint16_t>(data.bits(lsb + 8, 16));
    r.start = data.bits(lsb + 24, 48);
    r.end = data.bits(lsb + 72, 48);
    r.checksum = static_cast<std::uint32_t>(data.bits(lsb + 120, 32));
  }

 public:
  Pin clk, rst_n, cycle, tile_x, tile_y, mesh_x, mesh_y, quiescent, irq;
  std::array<LinkPins, 4> links;
  Pin awid, awaddr, awlen, awvalid, awready, wlast, wvalid, wready, bid, bresp, bvalid, bready, arid, araddr, arlen,
      arvalid, arready, rid, rresp, rlast, rvalid, rready;
  Bus wdata, wstrb, rdata;
  HostPins host;
  std::array<Pin, sim::kNumEngines> rec_valid;
  Pin rec_q_valid;
  std::array<Bus, sim::kNumEngines> rec_data;
  Bus rec_q_data;
};

}  // namespace tessera::detail
