// SPDX-License-Identifier: Apache-2.0
/// Attached tiles as models of the kernel: one clock of the cluster is one falling and one rising edge of their
/// `clk_i`, each in a time step of the kernel, so that tasks meet the phases that they meet on a bench of one tile.
#include "tessera/cluster.hpp"

#include <algorithm>
#include <array>

#include "regression.hpp"

namespace tessera::detail {

namespace {

constexpr unsigned kRecordBits = 152;
constexpr unsigned kResetCycles = 4;
constexpr const char* kByCluster = "the cluster drives";
constexpr const char* kByHost =
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
    const auto* words = static_cast<const std::uint32_t*>(state_->data);
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{words[(lsb + i) / 32] >> (lsb + i) % 32 & 1U} << i;
    return value;
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

/// A tile that tasks attach to, and the model that the cluster has of it: stepped by the cluster only for resets and
/// after the end of a run.
struct AttachedTile {
  AttachedTile(std::uint32_t index_, std::unique_ptr<Model> model_, const Config& config)
      : index(index_), model(std::move(model_)), pins(*model, config) {}
  void edge() const {
    if (*pins.clk) {  // the kernel leaves it up
      pins.clk = 0;
      model->evaluate(kernel.time);
    }
    pins.clk = 1;
    model->evaluate(kernel.time);
    pins.clk = 0;
    model->evaluate(kernel.time);
    model->dirty = false;
  }
  void reset(const sim::TilePlace& place) const {
    pins.tile_x = place.x;
    pins.tile_y = place.y;
    pins.mesh_x = place.width - 1;
    pins.mesh_y = place.height - 1;
    pins.apply(sim::TileInputs{}, !host_taken);
    pins.rst_n = 0;
    for (unsigned i = 0; i < kResetCycles; ++i) edge();
    pins.rst_n = 1;
    model->evaluate(kernel.time);
    model->dirty = false;
  }
  std::uint32_t index;
  std::unique_ptr<Model> model;
  TilePins pins;
  Lock host_lock;
  bool host_taken = false;
};

class Stand final : public sim::TileModel {
 public:
  Stand(const AttachedTile& tile, const sim::TilePlace& place) : tile_(tile), place_(place) {}
  /// The first reset was when the handles were made.
  void reset(sim::TileOutputs& out) override {
    if (std::exchange(used_, true)) tile_.reset(place_);
    tile_.pins.collect(out);
  }
  void clock(const sim::TileInputs& in, sim::TileOutputs& out) override {
    tile_.pins.apply(in, true);
    tile_.edge();
    tile_.pins.collect(out);
  }

 private:
  const AttachedTile& tile_;
  sim::TilePlace place_;
  bool used_ = false;
};

std::string place_text(const sim::TilePlace& place, const char* before, const char* between, const char* after) {
  return before + std::to_string(place.x) + between + std::to_string(place.y) + after;
}

bool some_cluster_runs = false;

}  // namespace

class ClusterCore final : public sim::Attachment,
                          public TimeOwner,
                          public std::enable_shared_from_this<ClusterCore>,
                          private TimedEvent {
 public:
  ClusterCore(sim::ClusterOptions options, std::vector<std::uint32_t> tiles, const char* config);
  ~ClusterCore() override;

  std::unique_ptr<sim::TileModel> make(std::uint32_t tile, const sim::TilePlace& place) override {
    return std::make_unique<Stand>(attached(tile), place);
  }
  bool clock(std::uint64_t cycle, std::span<Tile> tiles) override;
  [[nodiscard]] bool busy(std::uint32_t) const override { return holds > 0; }
  bool drive() override;
  Coro<sim::RunResult> run();

  AttachedTile& attached(std::uint32_t tile) {
    for (auto& t : tiles_)
      if (t->index == tile) return *t;
    throw ValueError("tile " + std::to_string(tile) + " has no handles: name it when the cluster is made");
  }
  [[nodiscard]] bool running() const { return running_; }

  std::unique_ptr<sim::Cluster> cluster;
  std::vector<std::shared_ptr<void>> handles;  ///< of the tiles, for tasks that outlive the test's own object
  int holds = 0;
  std::uint64_t cycle = ~0ULL;

 private:
  std::uint64_t fire() override;
  enum class Next : std::uint8_t { fall, rise, nothing, end };

  std::vector<std::unique_ptr<AttachedTile>> tiles_;  ///< in rising order
  std::span<Tile> now_;                               ///< the same tiles in the present clock
  Next next_ = Next::nothing;
  std::uint64_t period_ = 0, base_ = 0;  ///< edge of cycle t: base_ + (t + 1) period_
  bool running_ = false, fresh_ = false, unfinished_ = false, last_of_time_ = false;
  Trigger ended_;
  sim::RunResult result_;
  std::exception_ptr error_;
};

ClusterCore::ClusterCore(sim::ClusterOptions options, std::vector<std::uint32_t> tiles, const char* config) {
  if (config != nullptr && options.config != config) {
    throw ValueError("this bench is built for configuration " + std::string(config) + ", the cluster is of " +
                     options.config);
  }
  if (tiles.empty()) throw ValueError("name the tiles that tasks attach to");
  std::sort(tiles.begin(), tiles.end());
  tiles.erase(std::unique(tiles.begin(), tiles.end()), tiles.end());
  options.attached = tiles;
  options.attachment = this;
  cluster = std::make_unique<sim::Cluster>(options);
  for (const std::uint32_t tile : tiles) {
    const sim::TilePlace place{tile % options.width, tile / options.width, options.width, options.height, 0};
    std::unique_ptr<Model> model = make_bench_model();
    model->label = place_text(place, "tile(", ",", ")");
    try {
      tiles_.push_back(std::make_unique<AttachedTile>(tile, std::move(model), cluster->config()));
    } catch (const RuntimeError& e) {
      throw RuntimeError(std::string("tasks attach to tiles in benches of tsr_tile only: ") + e.what());
    }
    AttachedTile& made = *tiles_.back();
    made.pins.refuse_writes();
    if (kernel.tracing) {
      std::string path = Runner::waves_file();
      const std::size_t dot = path.ends_with(".fst") ? path.size() - 4 : path.size();
      made.model->open_trace(path.insert(dot, place_text(place, "_", "_", "")));
    }
    made.reset(place);
  }
  for (auto& tile : tiles_) kernel.attach(*tile->model);
  period_ = get_sim_steps(1, TimeUnit::ns);
  ++kernel.external_clocks;
}

ClusterCore::~ClusterCore() {
  if (armed()) kernel.remove_timed(*this);
  cluster.reset();
  if (tiles_.empty() || period_ == 0) return;  // the constructor threw
  --kernel.external_clocks;
  // Deposits that nobody will apply any more.
  SignalState* kept = nullptr;
  for (SignalState* s = std::exchange(kernel.puts, nullptr); s != nullptr;) {
    SignalState* const next = s->next_put;
    const bool ours =
        std::any_of(tiles_.begin(), tiles_.end(), [&](const auto& t) { return t->model.get() == &s->model; });
    if (!ours) s->next_put = std::exchange(kept, s);
    s = next;
  }
  kernel.puts = kept;
  for (auto& tile : tiles_) {
    tile->model->finalize();
    tile->model->close_trace();
    kernel.detach(*tile->model);
  }
}

/// One clock of the attached tiles: the kernel's time steps up to and with their rising edge.
bool ClusterCore::clock(std::uint64_t now, std::span<Tile> tiles) {
  if (!ended_.has_waiters()) return false;  // who awaited the run was cancelled
  if (fresh_) {
    fresh_ = false;
    const std::uint64_t first = base_ + now * period_ + period_ / 2;
    if (first <= kernel.time) base_ += (kernel.time - first) / period_ * period_ + period_;
  }
  now_ = tiles;
  cycle = now;
  next_ = Next::fall;
  kernel.add_timed(*this, base_ + now * period_ + period_ / 2);
  while (next_ != Next::nothing) {
    kernel.advance();
    unfinished_ = true;
    if (kernel.attention) return false;
    kernel.finish_step();
    unfinished_ = false;
    if (kernel.attention) return false;
  }
  for (std::size_t i = 0; i < tiles.size(); ++i) tiles_[i]->pins.collect(*tiles[i].out);
  return true;
}

/// Timers of the same time come first, whenever they were set: they meet the clock as it was, and what they deposit is
/// there at the edge.
std::uint64_t ClusterCore::fire() {
  if (!std::exchange(last_of_time_, true)) return kernel.time;
  const auto keep = shared_from_this();
  last_of_time_ = false;
  kernel.phase = Phase::timer;
  if (kernel.puts) kernel.apply_puts();
  switch (std::exchange(next_, Next::nothing)) {
    case Next::fall:
      for (std::size_t i = 0; i < tiles_.size(); ++i) {
        tiles_[i]->pins.apply(*now_[i].in, !tiles_[i]->host_taken);
        tiles_[i]->pins.clk = 0;
        kernel.settle();
      }
      next_ = Next::rise;
      return kernel.time + period_ - period_ / 2;
    case Next::rise:
      for (std::size_t i = 0; i < tiles_.size(); ++i) {
        if (tiles_[i]->host_taken) tiles_[i]->pins.host.show(now_[i].in->host);
      }
      kernel.remove_timed(*this);
      for (auto& tile : tiles_) {
        tile->pins.clk = 1;
        kernel.settle();
      }
      return 0;
    default:
      kernel.remove_timed(*this);
      for (auto& tile : tiles_) {
        tile->pins.clk = 0;
        kernel.settle();
      }
      ended_.react();
      kernel.run_ready();
      return 0;
  }
}

bool ClusterCore::drive() {
  const auto keep = shared_from_this();  // the test may end, and its objects with it, while the cluster runs
  unfinished_ = false;
  error_ = nullptr;
  try {
    if (ended_.has_waiters()) result_ = cluster->run();
  } catch (...) {
    error_ = std::current_exception();
  }
  running_ = some_cluster_runs = false;
  if (armed()) kernel.remove_timed(*this);
  last_of_time_ = false;
  next_ = Next::end;
  kernel.add_timed(*this, kernel.time + period_ / 2);
  return unfinished_;
}

Coro<sim::RunResult> ClusterCore::run() {
  if (some_cluster_runs) throw RuntimeError("a cluster is running already");
  running_ = some_cluster_runs = fresh_ = true;
  kernel.next_owner = shared_from_this();
  kernel.attention = true;
  co_await TriggerRef(ended_);
  if (error_) std::rethrow_exception(error_);
  co_return std::move(result_);
}

std::shared_ptr<ClusterCore> make_cluster(sim::ClusterOptions options, std::vector<std::uint32_t> tiles,
                                          const char* config) {
  return std::make_shared<ClusterCore>(std::move(options), std::move(tiles), config);
}
sim::Cluster& cluster_of(ClusterCore& core) { return *core.cluster; }
Model& attached_model(ClusterCore& core, std::uint32_t tile) { return *core.attached(tile).model; }
sim::Host& attached_host(ClusterCore& core, std::uint32_t tile) {
  if (core.running() && core.attached(tile).host_taken)
    throw RuntimeError("a task drives the host port of tile " + std::to_string(tile));
  return core.cluster->host(tile);
}
sim::SparseMemory& cluster_hbm(ClusterCore& core, std::uint32_t tile) {
  if (core.running()) throw RuntimeError("the contents of HBM may not be touched while the cluster runs");
  return core.cluster->hbm(tile);
}
Coro<sim::RunResult> run_cluster(std::shared_ptr<ClusterCore> core) { co_return co_await core->run(); }
void keep_handles(ClusterCore& core, std::shared_ptr<void> handles) { core.handles.push_back(std::move(handles)); }
void hold_cluster(ClusterCore& core, int change) { core.holds += change; }
std::uint64_t cluster_cycle(const ClusterCore& core) { return core.cycle; }
void give_host(ClusterCore& core, std::uint32_t tile, bool to_task) {
  AttachedTile& t = core.attached(tile);
  t.host_taken = to_task;
  t.pins.give_host(to_task);
}

Coro<HostPort> drive_host(std::shared_ptr<ClusterCore> core, std::uint32_t tile) {
  AttachedTile& t = core->attached(tile);
  Hold hold(core);
  Lock::Guard guard = co_await t.host_lock.scoped();
  const Signal<1> clk(t.pins.clk.state());
  while (!core->cluster->host(tile).idle()) co_await RisingEdge(clk);
  co_return HostPort(core, tile, std::move(hold), std::move(guard));
}

bool add_cluster_test(const char* file, int line, const char* name, Coro<void> (*body)(), TestOptions o) {
  return add_tests(
      file, line, name, std::move(o), [body] { return body(); }, false);
}

}  // namespace tessera::detail
