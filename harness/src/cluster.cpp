// SPDX-License-Identifier: Apache-2.0
/// Attached tiles as models of the kernel: one clock of the cluster is one falling and one rising edge of their
/// `clk_i`, each in a time step of the kernel, so that tasks meet the phases that they meet on a bench of one tile.
#include "tessera/cluster.hpp"

#include <algorithm>
#include <array>

#include "regression.hpp"
#include "tile_pins.hpp"

namespace tessera::detail {

namespace {

constexpr unsigned kResetCycles = 4;

/// A tile that tasks attach to, and the model that the cluster has of it: stepped by the cluster only for resets and
/// after the end of a run.
struct AttachedTile {
  AttachedTile(std::uint32_t index_, std::unique_ptr<Model> model_, const Config& config)
      : index(index_), model(std::move(model_)), pins(*model, config) {}
  void edge() const {
    if (*pins.top.clk_i) {  // the kernel leaves it up
      pins.top.clk_i = 0;
      model->evaluate(kernel.time);
    }
    pins.top.clk_i = 1;
    model->evaluate(kernel.time);
    pins.top.clk_i = 0;
    model->evaluate(kernel.time);
    model->dirty = false;
  }
  void reset(const sim::TilePlace& place) const {
    pins.top.tile_x_i = place.x;
    pins.top.tile_y_i = place.y;
    pins.top.mesh_x_i = place.width - 1;
    pins.top.mesh_y_i = place.height - 1;
    pins.apply(sim::TileInputs{}, !host_taken);
    pins.top.rst_ni = 0;
    for (unsigned i = 0; i < kResetCycles; ++i) edge();
    pins.top.rst_ni = 1;
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
        tiles_[i]->pins.top.clk_i = 0;
        kernel.settle();
      }
      next_ = Next::rise;
      return kernel.time + period_ - period_ / 2;
    case Next::rise:
      for (std::size_t i = 0; i < tiles_.size(); ++i) {
        if (tiles_[i]->host_taken) show_host(tiles_[i]->pins, *now_[i].in);
      }
      kernel.remove_timed(*this);
      for (auto& tile : tiles_) {
        tile->pins.top.clk_i = 1;
        kernel.settle();
      }
      return 0;
    default:
      kernel.remove_timed(*this);
      for (auto& tile : tiles_) {
        tile->pins.top.clk_i = 0;
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
SparseMemory& cluster_hbm(ClusterCore& core, std::uint32_t tile) {
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
  const Signal<1> clk(t.pins.top.clk_i.state());
  while (!core->cluster->host(tile).idle()) co_await RisingEdge(clk);
  co_return HostPort(core, tile, std::move(hold), std::move(guard));
}

bool add_cluster_test(const char* file, int line, const char* name, Coro<void> (*body)(), const TestOptions& o) {
  return add_tests(
      file, line, name, o, [body] { return body(); }, false);
}

}  // namespace tessera::detail
