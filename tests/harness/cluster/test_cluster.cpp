// SPDX-License-Identifier: Apache-2.0
// Tasks on tiles of a running 4x4 cluster: what they see and when, and that the cluster does not depend on them.
#include <cstdio>
#include <stdexcept>

#include "isa/assembler.hpp"
#include "tessera/bfm.hpp"
#include "tessera/cluster.hpp"

using namespace tessera;

namespace {

constexpr std::uint32_t kFirst = 5, kSecond = 10;

/// Random traffic between all tiles, the same in every run.
const isa::ProgramImage& traffic() {
  static const isa::ProgramImage image = [] {
    const std::string command =
        TSR_PYTHON " " TSR_SOURCE_DIR "/examples/random_traffic.py --mesh 4x4 --seed 1 --count 3";
    std::string text;
    std::FILE* pipe = popen(command.c_str(), "r");
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) != 0;) text.append(buffer, n);
    if (pclose(pipe) != 0) throw std::runtime_error(command + " failed");
    const auto assembled = isa::assemble(text, "traffic");
    if (!assembled.ok()) throw std::runtime_error(assembled.errors.front().sentence());
    return assembled.image;
  }();
  return image;
}

/// What a host does to start a tile: write(register, value).
template <class Write>
void start_tile(const isa::TileImage& tile, Write&& write) {
  for (std::uint32_t q = 0; q < tile.queues.size(); ++q) {
    if (tile.queues[q].ring_size == 0) continue;
    write(isa::reg::at(isa::reg::kQBase, q), static_cast<std::uint32_t>(tile.queues[q].ring_base));
    write(isa::reg::at(isa::reg::kQBaseHi, q), 0U);
    write(isa::reg::at(isa::reg::kQSize, q), tile.queues[q].ring_size);
    if (tile.queues[q].doorbell != 0) write(isa::reg::at(isa::reg::kQDoorbell, q), tile.queues[q].doorbell);
  }
  for (std::uint32_t e = 0; e < isa::kNumEngines; ++e) {
    if (!tile.start_pc[e]) continue;
    write(isa::reg::at(isa::reg::kEngPc, e), static_cast<std::uint32_t>(*tile.start_pc[e]));
    write(isa::reg::at(isa::reg::kEngPcHi, e), 0U);
    write(isa::reg::at(isa::reg::kEngStart, e), 1U);
  }
}

/// `by_task`: a tile whose registers a task writes.
template <class AnyCluster>
void load(AnyCluster& cluster, std::uint32_t by_task = ~0U) {
  const isa::ProgramImage& image = traffic();
  for (std::uint32_t t = 0; t < image.tiles.size(); ++t) {
    for (const auto& block : image.tiles[t].hbm) cluster.hbm(t).write(block.address, block.bytes);
    if (t == by_task) continue;
    start_tile(image.tiles[t], [&](std::uint32_t address, std::uint32_t data) {
      cluster.host(t).write(static_cast<std::uint16_t>(address), data);
    });
  }
}

sim::ClusterOptions options(unsigned threads, sim::Skip skip, unsigned latency) {
  sim::ClusterOptions o;
  o.config = "p4";
  o.width = o.height = 4;
  o.threads = threads;
  o.skip = skip;
  o.link_latency = latency;
  o.watchdog = 20'000;
  return o;
}

const char* skip_name(sim::Skip skip) {
  return skip == sim::Skip::kOn ? "on" : skip == sim::Skip::kOff ? "off" : "check";
}

/// Lines time,task,event,value; time from the beginning of the cluster's first cycle.
class EventLog {
 public:
  void operator()(const char* event, std::uint64_t value) {
    text += std::to_string(get_sim_time() - begin_) + "," + current_task().get_name() + "," + event + "," +
            std::to_string(value) + "\n";
    ++lines;
  }
  std::string text;
  unsigned lines = 0;

 private:
  std::uint64_t begin_ = (get_sim_time() + 500) / 1000 * 1000;
};

// Tasks that watch ----------------------------------------------------------------------------------------------------

/// Every retirement of the queues, and its record by a queue to the task that waits for it.
Coro<void> watch_queues(Dut& dut, EventLog& log, Queue<std::uint64_t>& tags) {
  while (true) {
    co_await RisingEdge(dut.clk_i);
    const auto valid = dut.rec_q_valid_o.value().to_unsigned();
    for (int q = 0; q < 4; ++q) {
      if ((valid >> q & 1) == 0) continue;
      const auto words = dut.rec_q_data_o.value().words();
      const std::uint64_t tag = Retirement::unpack(words.data(), static_cast<unsigned>(q) * Retirement::kBits).tag;
      log("retired", static_cast<std::uint64_t>(q) << 16 | tag);
      co_await tags.put(tag);
    }
  }
}

Coro<void> watch_tags(Dut& dut, EventLog& log, Queue<std::uint64_t>& tags, Event& many) {
  for (unsigned n = 1;; ++n) {
    log("tag", co_await tags.get());
    co_await ReadOnly();
    log("read only, quiet", dut.quiescent_o.value().to_unsigned());
    if (n == 5) many.set();
  }
}

/// Flits that pass, and how the clock goes on.
Coro<void> watch_links(Dut& dut, EventLog& log, Event& many) {
  co_await many.wait();
  log("cycle", dut.cycle_i.value().to_unsigned());
  while (true) {
    const std::size_t index =
        co_await First(RisingEdge(dut.link_n_valid_o), RisingEdge(dut.link_w_valid_i), ClockCycles(dut.clk_i, 40));
    log("flit", index);
    co_await ReadWrite();
    log("data", index == 1 ? dut.link_w_data_i.value().to_unsigned() : dut.link_n_data_o.value().to_unsigned());
    co_await Timer(3500, ps);
    log("waited", dut.clk_i.value().to_unsigned());
  }
}

struct Seen {
  sim::RunResult result;
  std::string log;
  unsigned lines = 0;
};

Coro<Seen> run_watched(sim::ClusterOptions o) {
  ClusterBench cluster(o, {kFirst, kSecond});
  load(cluster);
  EventLog log;
  Queue<std::uint64_t> tags(4);
  Event many;
  std::vector<Task<void>> tasks;
  tasks.push_back(start_soon(watch_links(cluster.tile(kSecond), log, many), "links"));
  tasks.push_back(start_soon(watch_tags(cluster.tile(kFirst), log, tags, many), "tags"));
  tasks.push_back(start_soon(watch_queues(cluster.tile(kFirst), log, tags), "queues"));
  Seen seen;
  seen.result = co_await cluster.run();
  for (const auto& task : tasks) task.cancel();
  co_await NullTrigger();
  seen.log = log.text;
  seen.lines = log.lines;
  co_return seen;
}

TSR_CLUSTER_TEST(watching_changes_nothing, {.parametrise = {{"latency", 1, 7}}}) {
  const auto latency = param<unsigned>("latency");
  sim::Cluster plain(options(1, sim::Skip::kOn, latency));
  load(plain);
  const sim::RunResult want = plain.run();
  CO_ASSERT_EQ(want.error, "");
  std::string first;
  for (const unsigned threads : {1U, 2U, 3U}) {
    for (const sim::Skip skip : {sim::Skip::kOff, sim::Skip::kOn, sim::Skip::kCheck}) {
      tessera::log.info("threads " + std::to_string(threads) + " skip " + skip_name(skip));
      const sim::ClusterOptions o = options(threads, skip, latency);
      const Seen seen = co_await run_watched(o);
      CO_ASSERT_EQ(seen.result.error, "");
      CO_EXPECT_EQ(seen.result.signature, want.signature);
      CO_EXPECT_EQ(seen.result.cycles, want.cycles);
      CO_EXPECT_EQ(seen.result.records.size(), want.records.size());
      CO_EXPECT_GT(seen.lines, 100U);
      if (first.empty()) {
        first = seen.log;
        std::printf("%s", first.c_str());
      }
      CO_EXPECT_TRUE(seen.log == first);
    }
  }
}

/// The monitors of a bench of one tile, unmodified.
TSR_CLUSTER_TEST(monitors_see_all_that_the_cluster_counts, {.parametrise = {{"latency", 1, 7}}}) {
  ClusterBench cluster(options(2, sim::Skip::kOn, param<unsigned>("latency")), {kFirst});
  load(cluster);
  Dut& dut = cluster.tile(kFirst);
  const auto records = std::make_shared<RetirementMonitor>(dut.clk_i);
  records->watch("sp", dut.rec_sp_valid_o, dut.rec_sp_data_o);
  for (unsigned q = 0; q < cluster.config().dma_queues; ++q)
    records->watch("q" + std::to_string(q), dut.rec_q_valid_o, dut.rec_q_data_o, q);
  records->start();
  const unsigned depth = cluster.config().router_vc_depth;
  const LinkPins out{dut.clk_i,         dut.link_e_valid_o, dut.link_e_vc_o,           dut.link_e_head_o,
                     dut.link_e_tail_o, dut.link_e_data_o,  dut.link_e_credit_valid_i, dut.link_e_credit_vc_i};
  const LinkPins in{dut.clk_i,         dut.link_w_valid_i, dut.link_w_vc_i,           dut.link_w_head_i,
                    dut.link_w_tail_i, dut.link_w_data_i,  dut.link_w_credit_valid_o, dut.link_w_credit_vc_o};
  const auto east = std::make_shared<LinkMonitor<std::decay_t<decltype(out)>>>(out, depth, [](const auto&) {});
  const auto from_west = std::make_shared<LinkMonitor<std::decay_t<decltype(in)>>>(in, depth, [](const auto&) {});
  east->start();
  from_west->start();
  const sim::RunResult result = co_await cluster.run();
  CO_ASSERT_EQ(result.error, "");
  std::size_t total = 0;
  std::map<unsigned, std::size_t> next;
  for (const sim::RetireRecord& want : result.records) {
    if (want.tile != kFirst) continue;
    const auto& seen = records->records(want.source == 4 ? "sp" : "q" + std::to_string(want.source - 5));
    const std::size_t at = next[want.source]++;
    CO_ASSERT_LT(at, seen.size());
    CO_ASSERT_TRUE(seen[at] == want);
    ++total;
  }
  CO_ASSERT_GT(total, 10U);
  for (const auto& [source, count] : next)
    CO_ASSERT_EQ(records->records(source == 4 ? "sp" : "q" + std::to_string(source - 5)).size(), count);
  CO_ASSERT_EQ(east->flits(), result.link_flits[kFirst * 4 + sim::kEast]);
  CO_ASSERT_EQ(from_west->flits(), result.link_flits[(kFirst - 1) * 4 + sim::kEast]);
  CO_ASSERT_GT(from_west->flits(), 100U);
}

// Tasks that drive a host port ----------------------------------------------------------------------------------------

/// Does what the host of the first tile does elsewhere, and waits for the end of its work.
Coro<void> start_by_port(ClusterBench& cluster, EventLog& log) {
  Dut& dut = cluster.tile(kFirst);
  const HostPort port = co_await cluster.drive_host(kFirst);
  AxiLiteManager manager(dut.clk_i, TSR_AXIL_PINS(dut, host_axil));
  std::vector<std::pair<std::uint32_t, std::uint32_t>> writes;
  start_tile(traffic().tiles[kFirst],
             [&](std::uint32_t address, std::uint32_t data) { writes.emplace_back(address, data); });
  for (const auto& [address, data] : writes) {
    co_await manager.write(address, data);
    log("written", address);
  }
  while (true) {
    const std::uint32_t done = co_await manager.read(isa::reg::kQDone);
    log("done", done);
    if (done == traffic().tiles[kFirst].queues[0].ring_size) break;
    co_await ClockCycles(dut.clk_i, 100);
  }
}

/// Waits for the host actions of its tile, then reads and writes registers of it while the traffic runs.
Coro<void> ask_by_port(ClusterBench& cluster, EventLog& log) {
  Dut& dut = cluster.tile(kSecond);
  const HostPort port = co_await cluster.drive_host(kSecond);
  log("port is free", cluster.cycle());
  AxiLiteManager manager(dut.clk_i, TSR_AXIL_PINS(dut, host_axil));
  log("id", co_await manager.read(isa::reg::kId));
  log("position", co_await manager.read(isa::reg::kPosition));
  for (std::uint32_t i = 1; i <= 3; ++i) {
    co_await manager.write(isa::reg::kSemInc + 4 * 60, i);
    co_await ReadOnly();
    log("inside", dut.u_core.u_control.u_semaphores.sem_q[60].value().to_unsigned());
    co_await NextTimeStep();
    log("semaphore", co_await manager.read(isa::reg::kSemRead + 4 * 60));
  }
}

TSR_CLUSTER_TEST(a_task_drives_the_host_port, {.parametrise = {{"latency", 1, 7}}}) {
  const auto latency = param<unsigned>("latency");
  sim::Cluster plain(options(1, sim::Skip::kOn, latency));
  load(plain);
  const sim::RunResult work = plain.run();
  std::string wanted;
  std::uint64_t signature = 0;
  for (const unsigned threads : {1U, 2U, 3U}) {
    for (const sim::Skip skip : {sim::Skip::kOff, sim::Skip::kOn}) {
      tessera::log.info("threads " + std::to_string(threads) + " skip " + skip_name(skip));
      ClusterBench cluster(options(threads, skip, latency), {kFirst, kSecond});
      load(cluster, kFirst);
      EventLog events;
      const Task<void> first = start_soon(start_by_port(cluster, events), "first"),
                       second = start_soon(ask_by_port(cluster, events), "second");
      const sim::RunResult got = co_await cluster.run();
      CO_ASSERT_EQ(got.error, "");
      CO_ASSERT_TRUE(first.done() && second.done());
      first.result();
      second.result();
      if (wanted.empty()) {
        wanted = events.text;
        signature = got.signature;
        std::printf("%s", wanted.c_str());
        CO_EXPECT_NE(wanted.find(",second,id," + std::to_string(0x54535230) + "\n"), std::string::npos);
        CO_EXPECT_NE(wanted.find(",second,position," + std::to_string(0x03030202) + "\n"), std::string::npos);
        CO_EXPECT_NE(wanted.find(",second,inside,3\n"), std::string::npos);
        CO_EXPECT_NE(wanted.find(",second,semaphore,6\n"), std::string::npos);
        CO_EXPECT_NE(signature, work.signature);  // later than the host's actions
      }
      CO_EXPECT_TRUE(events.text == wanted);
      CO_EXPECT_EQ(got.signature, signature);
      CO_ASSERT_EQ(got.records.size(), work.records.size());
      for (std::size_t i = 0; i < work.records.size(); ++i) {
        CO_EXPECT_TRUE(got.records[i].tag == work.records[i].tag &&
                       got.records[i].checksum == work.records[i].checksum);
      }
    }
  }
}

// When in the clock a task runs ---------------------------------------------------------------------------------------

/// Clocks from the deposit of a read request to its data.
Coro<std::uint64_t> read_time(Dut& dut, ClusterBench& cluster) {
  const std::uint64_t begin = cluster.cycle();
  dut.host_axil_arvalid = 1;
  dut.host_axil_rready = 1;
  do {
    co_await RisingEdge(dut.clk_i);
  } while (dut.host_axil_arready.value() == 0);
  dut.host_axil_arvalid = 0;
  while (dut.host_axil_rvalid.value() == 0) co_await RisingEdge(dut.clk_i);
  co_await RisingEdge(dut.clk_i);
  co_return cluster.cycle() - begin;
}

Coro<void> phases(Dut& dut, ClusterBench& cluster) {
  co_await RisingEdge(dut.clk_i);
  CO_ASSERT_EQ(cluster.cycle(), 0U);
  CO_ASSERT_EQ(dut.cycle_i.value(), 0);
  const std::uint64_t first = get_sim_time();
  CO_ASSERT_EQ(first % 1000, 0U);
  co_await ClockCycles(dut.clk_i, 3);
  CO_ASSERT_EQ(cluster.cycle(), 3U);
  CO_ASSERT_EQ(get_sim_time() - first, 3000U);
  const HostPort port = co_await cluster.drive_host(kFirst);
  // A read: registers are old at the edge, new after an evaluation.
  dut.host_axil_arvalid = 1;
  dut.host_axil_araddr = isa::reg::kId;
  dut.host_axil_rready = 0;
  CO_ASSERT_EQ(dut.host_axil_arvalid.value(), 0);
  co_await ReadWrite();
  CO_ASSERT_EQ(dut.host_axil_arvalid.value(), 1);  // landed, after the edge of this step
  CO_ASSERT_EQ(dut.clk_i.value(), 1);
  do {
    co_await RisingEdge(dut.clk_i);
  } while (dut.host_axil_arready.value() == 0);
  dut.host_axil_arvalid = 0;
  const auto when = get_sim_time();
  unsigned clocks = 0;
  while (dut.host_axil_rvalid.value() == 0) {
    co_await RisingEdge(dut.clk_i);
    const bool old = dut.host_axil_rvalid.value() == 1;
    co_await ReadOnly();
    if (!old && dut.host_axil_rvalid.value() == 1) ++clocks;  // the register changed at this very edge
    CO_ASSERT_THROW((dut.host_axil_rready = 1), RuntimeError);
    CO_ASSERT_THROW(ReadOnly().operator co_await(), RuntimeError);
  }
  CO_ASSERT_EQ(clocks, 1U);
  CO_ASSERT_EQ(dut.host_axil_rdata.value(), 0x54535230U);
  CO_ASSERT_GT(get_sim_time(), when);
  co_await NextTimeStep();
  CO_ASSERT_EQ(get_sim_time() % 1000, 500U);  // the falling edge
  co_await FallingEdge(dut.clk_i);
  CO_ASSERT_EQ(dut.clk_i.value(), 0);
  dut.host_axil_rready = 1;
  co_await Timer(250, ps);
  CO_ASSERT_EQ(get_sim_time() % 1000, 750U);
  CO_ASSERT_EQ(dut.host_axil_rvalid.value(), 1);
  co_await RisingEdge(dut.clk_i);
  co_await ReadOnly();
  CO_ASSERT_EQ(dut.host_axil_rvalid.value(), 0);
  const std::uint64_t before = cluster.cycle();
  co_await ClockCycles(dut.clk_i, 7);
  CO_ASSERT_EQ(cluster.cycle(), before + 7);
  co_await Timer(3, ns);  // set before the clock of that time: comes before it
  CO_ASSERT_EQ(get_sim_time() - first, 1000 * (before + 10));
  CO_ASSERT_EQ(dut.clk_i.value(), 0);
  // A deposit lands at the edge of the step when it is made before it, after the edge when it is made at it.
  co_await RisingEdge(dut.clk_i);
  const std::uint64_t at_edge = co_await read_time(dut, cluster);
  co_await Timer(700, ps);
  co_await Timer(300, ps);  // set after the clock of its time
  CO_ASSERT_EQ(get_sim_time() % 1000, 0U);
  CO_ASSERT_EQ(dut.clk_i.value(), 0);
  CO_ASSERT_EQ(co_await read_time(dut, cluster), at_edge - 1);
  co_await Timer(700, ps);
  co_await NextTimeStep();
  CO_ASSERT_EQ(get_sim_time() % 1000, 0U);
  CO_ASSERT_EQ(co_await read_time(dut, cluster), at_edge - 1);
}

TSR_CLUSTER_TEST(phases_are_those_of_a_bench_of_one_tile) {
  for (const unsigned latency : {1U, 7U}) {
    ClusterBench cluster(options(2, sim::Skip::kOn, latency), {kFirst});
    load(cluster);
    const Task<void> task = start_soon(phases(cluster.tile(kFirst), cluster));
    const sim::RunResult result = co_await cluster.run();
    CO_ASSERT_EQ(result.error, "");
    CO_ASSERT_TRUE(task.done());
    task.result();
  }
}

Coro<void> note(Signal<1> clk, std::string& order, char name) {
  for (unsigned i = 0; i < 3; ++i) {
    co_await RisingEdge(clk);
    order += name;
  }
}

TSR_CLUSTER_TEST(tasks_run_in_the_order_of_their_tiles) {
  ClusterBench cluster(options(3, sim::Skip::kOn, 7), {14, 3, 9});
  load(cluster);
  std::string order;
  start_soon(note(cluster.tile(14).clk_i, order, 'c'));
  start_soon(note(cluster.tile(1, 2).clk_i, order, 'b'));
  start_soon(note(cluster.tile(3).clk_i, order, 'a'));
  start_soon(note(cluster.tile(9).clk_i, order, 'B'));
  const sim::RunResult result = co_await cluster.run();
  CO_ASSERT_EQ(result.error, "");
  CO_ASSERT_EQ(order, "abBcabBcabBc");
}

// Tiles with nothing to do --------------------------------------------------------------------------------------------

Coro<void> count_clocks(Dut& dut, std::uint64_t& clocks, unsigned& woken) {
  while (true) {
    co_await RisingEdge(dut.clk_i);
    CO_ASSERT_EQ(dut.cycle_i.value(), clocks);
    ++clocks;
    co_await ReadOnly();
    woken += dut.quiescent_o.value() == 0;
  }
}

/// A host action of a task, and no end before its time.
Coro<void> write_late(ClusterBench& cluster, std::uint64_t& when) {
  const Hold hold = cluster.hold();
  Dut& dut = cluster.tile(0);
  co_await ClockCycles(dut.clk_i, 30);
  cluster.host(0).write(isa::reg::kSemInc, 1);
  when = cluster.cycle();
  co_await ClockCycles(dut.clk_i, 170);
}

TSR_CLUSTER_TEST(a_quiescent_tile_sees_every_clock) {
  for (const sim::Skip skip : {sim::Skip::kOff, sim::Skip::kOn, sim::Skip::kCheck}) {
    ClusterBench cluster(options(2, skip, 7), {0, 15});
    std::uint64_t clocks = 0, when = 0;
    unsigned woken = 0;
    const Task<void> watch = start_soon(count_clocks(cluster.tile(15), clocks, woken)),
                     late = start_soon(write_late(cluster, when));
    const sim::RunResult result = co_await cluster.run();
    watch.cancel();
    CO_ASSERT_EQ(result.error, "");
    CO_ASSERT_TRUE(late.done());
    late.result();
    CO_ASSERT_EQ(result.cycles, 200U);  // nothing was left to do but to hold
    CO_ASSERT_EQ(clocks, 203U);         // to the end of the window of 7
    CO_ASSERT_EQ(woken, 0U);
    CO_ASSERT_EQ(when, 29U);
    CO_ASSERT_TRUE(skip != sim::Skip::kOn || result.skipped_tile_cycles >= 13 * 200U);
  }
}

// What is refused, and ends that are not smooth -----------------------------------------------------------------------

Coro<void> try_forbidden(ClusterBench& cluster) {
  Dut& dut = cluster.tile(kFirst);
  co_await RisingEdge(dut.clk_i);
  CO_EXPECT_THROW(Clock(dut.clk_i, 10, ns).start(), RuntimeError);
  CO_EXPECT_THROW((dut.clk_i = 1), TypeError);
  CO_EXPECT_THROW((dut.rst_ni = 0), TypeError);
  CO_EXPECT_THROW((dut.link_n_valid_i = 1), TypeError);
  CO_EXPECT_THROW((dut.hbm_axi_rvalid = Immediate(1)), TypeError);
  CO_EXPECT_THROW((dut.host_axil_awvalid = 1), TypeError);
  CO_EXPECT_THROW(cluster.hbm(kFirst), RuntimeError);
  CO_EXPECT_THROW(cluster.tile(kSecond), ValueError);
  CO_EXPECT_THROW(cluster.host(kSecond), ValueError);
  try {
    Clock(dut.clk_i, 10, ns).start();
  } catch (const RuntimeError& e) {
    CO_EXPECT_EQ(std::string(e.what()), "A Clock cannot run here: the stepper of the cluster owns the clock.");
  }
  try {
    dut.clk_i = 0;
  } catch (const TypeError& e) {
    CO_EXPECT_EQ(std::string(e.what()), "Attempted setting tile(1,1).clk_i, which the cluster drives");
  }
  {
    const HostPort port = co_await cluster.drive_host(kFirst);
    dut.host_axil_awprot = 0;
    CO_EXPECT_THROW(cluster.host(kFirst), RuntimeError);
  }
  CO_EXPECT_THROW((dut.host_axil_awprot = 0), TypeError);
}

TSR_CLUSTER_TEST(what_the_cluster_owns_is_refused) {
  CO_EXPECT_THROW(ClusterBench(options(1, sim::Skip::kOn, 1), {16}), std::invalid_argument);
  CO_EXPECT_THROW(ClusterBench(options(1, sim::Skip::kOn, 1), {}), ValueError);
  sim::ClusterOptions other = options(1, sim::Skip::kOn, 1);
  other.config = "p8";
  CO_EXPECT_THROW(ClusterBench(other, {0}), ValueError);
  ClusterBench cluster(options(2, sim::Skip::kOn, 7), {kFirst});
  load(cluster);
  const Task<void> task = start_soon(try_forbidden(cluster));
  const sim::RunResult result = co_await cluster.run();
  CO_ASSERT_EQ(result.error, "");
  task.result();
}

TSR_CLUSTER_TEST(a_run_may_be_cut_short) {
  ClusterBench cluster(options(3, sim::Skip::kOn, 7), {kFirst});
  load(cluster);
  unsigned clocks = 0;
  start_soon([](Signal<1> clk, unsigned& n) -> Coro<void> {
    while (true) {
      co_await RisingEdge(clk);
      ++n;
    }
  }(cluster.tile(kFirst).clk_i, clocks));
  bool late = false;
  try {
    co_await with_timeout(cluster.run(), 100, ns);
  } catch (const SimTimeoutError&) {
    late = true;
  }
  CO_ASSERT_TRUE(late);
  CO_ASSERT_EQ(clocks, 99U);  // the timer was set before the clock of 100 ns
  unsigned refused = 0;
  for (unsigned i = 0; i < 2; ++i) {
    try {
      co_await cluster.run();
    } catch (const RuntimeError&) {  // it is about to stop
      ++refused;
    } catch (const std::logic_error&) {  // it did not come to its end
      refused += 10;
    }
    co_await Timer(10, ns);
  }
  CO_ASSERT_EQ(refused, 11U);
  CO_ASSERT_EQ(clocks, 100U);
}

TSR_CLUSTER_TEST(runs_follow_one_another) {
  ClusterBench cluster(options(2, sim::Skip::kOn, 7), {kFirst});
  Dut& dut = cluster.tile(kFirst);
  std::vector<std::uint64_t> values;
  for (unsigned run = 0; run < 3; ++run) {
    co_await Timer(10, ns);
    const Task<void> task = start_soon([](ClusterBench& c, Dut& d, std::vector<std::uint64_t>& seen) -> Coro<void> {
      const HostPort port = co_await c.drive_host(kFirst);
      AxiLiteManager manager(d.clk_i, TSR_AXIL_PINS(d, host_axil));
      co_await manager.write(isa::reg::kSemInc + 4 * 7, 5);
      seen.push_back(co_await manager.read(isa::reg::kSemRead + 4 * 7));
    }(cluster, dut, values));
    const sim::RunResult result = co_await cluster.run();
    CO_ASSERT_EQ(result.error, "");
    CO_ASSERT_TRUE(result.complete);
    CO_ASSERT_TRUE(task.done());
    task.result();
  }
  CO_ASSERT_TRUE((values == std::vector<std::uint64_t>{5, 10, 15}));
}

TSR_CLUSTER_TEST(a_reset_happens_between_two_clocks) {
  sim::ClusterOptions o = options(1, sim::Skip::kOn, 7);
  o.reset_at = 600;
  sim::Cluster plain(o);
  load(plain);
  const sim::RunResult want = plain.run();
  CO_ASSERT_EQ(want.error, "");
  for (const unsigned threads : {1U, 3U}) {
    o.threads = threads;
    ClusterBench cluster(o, {kFirst, kSecond});
    load(cluster);
    std::uint64_t clocks = 0;
    unsigned woken = 0;
    const Task<void> task = start_soon(count_clocks(cluster.tile(kSecond), clocks, woken));
    const sim::RunResult got = co_await cluster.run();
    task.cancel();
    CO_ASSERT_EQ(got.error, "");
    CO_ASSERT_EQ(got.signature, want.signature);
    CO_ASSERT_EQ(got.cycles, want.cycles);
    CO_ASSERT_GE(clocks, want.cycles);
    CO_ASSERT_GT(woken, 0U);
  }
}

/// Run by cluster_failure.py, which reads the report.
TSR_CLUSTER_TEST(fails_on_purpose, {.skip = true}) {
  ClusterBench cluster(options(3, sim::Skip::kOn, 7), {kFirst, kSecond});
  load(cluster);
  start_soon(
      [](Dut& dut) -> Coro<void> {
        co_await ClockCycles(dut.clk_i, 41);
        CO_ASSERT_EQ(dut.cycle_i.value(), 1234U);
      }(cluster.tile(kSecond)),
      "checker");
  co_await cluster.run();
  CO_ASSERT_TRUE(false);  // never comes here
}

}  // namespace
