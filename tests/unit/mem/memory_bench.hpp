// SPDX-License-Identifier: Apache-2.0
/// What SBUF and PSUM share: rows of the lane engines and beats of the servers, at random in every cycle, against a
/// plain array. Rules: docs/interfaces.md, memories. Read data hold until the next read of their port; a read in the
/// cycle of a write returns the old word; of the writes of one cycle a beat wins over DVE, DVE over ACT.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tessera/test.hpp"

namespace memory {

using namespace tessera;

constexpr unsigned kWords = 64;  // a small window makes collisions frequent
constexpr unsigned kBeatWords = 2;

/// Rows of words; a row holds a word of every partition.
class Model {
 public:
  explicit Model(unsigned partitions) : rows_(kWords, std::vector<std::uint32_t>(partitions)) {}
  std::vector<std::uint32_t>& operator[](unsigned word) { return rows_[word]; }
  [[nodiscard]] std::uint64_t beat(unsigned word, unsigned part) const {
    return rows_[word][part] | (std::uint64_t{rows_[word + 1][part]} << 32);
  }
  void put(unsigned word, unsigned part, std::uint32_t data, unsigned strb) {
    std::uint32_t& old = rows_[word][part];
    for (unsigned b = 0; b < 4; ++b)
      if ((strb >> b & 1U) != 0) old = (old & ~(0xffU << 8 * b)) | (data & (0xffU << 8 * b));
  }

 private:
  std::vector<std::vector<std::uint32_t>> rows_;
};

/// A port that reads rows: what it must show, once it has read.
template <class En, class Addr, class Row>
struct RowRead {
  En en;
  Addr addr;
  Row row;
  std::optional<std::vector<std::uint32_t>> shown{};

  void drive(SplitMix64& draw, bool on, unsigned align = 1) {
    enabled = on;
    word = static_cast<unsigned>(draw.below(kWords / align)) * align;
    en = on;
    addr = word;
  }
  /// The enable and the address are those of another port.
  void follow(const RowRead& other, unsigned offset) { enabled = other.enabled, word = other.word + offset; }
  void check() const {
    if (!shown) return;
    for (unsigned p = 0; p < shown->size(); ++p)
      CO_ASSERT_EQ(row[static_cast<int>(p)].value().to_unsigned(), (*shown)[p]);
  }
  void take(Model& model) {
    if (enabled) shown = model[word];
  }

  bool enabled = false;  // in the present cycle
  unsigned word = 0;
};
template <class En, class Addr, class Row>
RowRead(En, Addr, Row) -> RowRead<En, Addr, Row>;

/// A port that writes rows.
template <class En, class Addr, class Strb, class Part, class Count, class Row>
struct RowWrite {
  En en;
  Addr addr;
  Strb strb;
  Part part;
  Count count;
  Row row;

  void drive(SplitMix64& draw, bool on, unsigned partitions) {
    enabled = on;
    word = static_cast<unsigned>(draw.below(kWords));
    bytes = static_cast<unsigned>(draw.below(16));
    first = static_cast<unsigned>(draw.below(partitions));
    number = 1 + static_cast<unsigned>(draw.below(partitions - first));
    en = on, addr = word, strb = bytes, part = first, count = number;
    values.resize(partitions);
    for (unsigned p = 0; p < partitions; ++p)
      row[static_cast<int>(p)] = values[p] = static_cast<std::uint32_t>(draw.bits(32));
  }
  void take(Model& model) const {
    for (unsigned p = first; enabled && p < first + number; ++p) model.put(word, p, values[p], bytes);
  }

  bool enabled = false;  // in the present cycle
  unsigned word = 0, bytes = 0, first = 0, number = 0;
  std::vector<std::uint32_t> values{};
};
template <class En, class Addr, class Strb, class Part, class Count, class Row>
RowWrite(En, Addr, Strb, Part, Count, Row) -> RowWrite<En, Addr, Strb, Part, Count, Row>;

/// A port that reads beats of one partition.
template <class En, class Addr, class Part, class Data>
struct BeatRead {
  En en;
  Addr addr;
  Part part;
  Data data;

  void drive(SplitMix64& draw, bool on, unsigned partitions) {
    enabled = on;
    word = static_cast<unsigned>(draw.below(kWords / kBeatWords)) * kBeatWords;
    from = static_cast<unsigned>(draw.below(partitions));
    en = on, addr = word, part = from;
  }
  void check() const {
    if (shown) CO_ASSERT_EQ(data.value().to_unsigned(), *shown);
  }
  void take(const Model& model) {
    if (enabled) shown = model.beat(word, from);
  }

  bool enabled = false;  // in the present cycle
  unsigned word = 0, from = 0;
  std::optional<std::uint64_t> shown{};
};
template <class En, class Addr, class Part, class Data>
BeatRead(En, Addr, Part, Data) -> BeatRead<En, Addr, Part, Data>;

/// The port that writes beats.
template <class En, class Addr, class Part, class Data, class Strb>
struct BeatWrite {
  En en;
  Addr addr;
  Part part;
  Data data;
  Strb strb;

  void drive(bool on, unsigned to_word, unsigned to_part, std::uint64_t new_value, unsigned new_bytes) {
    enabled = on, word = to_word, into = to_part, value = new_value, bytes = new_bytes;
    en = on, addr = word, part = into, data = value, strb = bytes;
  }
  void take(Model& model) const {
    if (!enabled) return;
    model.put(word, into, static_cast<std::uint32_t>(value), bytes & 15U);
    model.put(word + 1, into, static_cast<std::uint32_t>(value >> 32), bytes >> 4);
  }

  bool enabled = false;  // in the present cycle
  unsigned word = 0, into = 0, bytes = 0;
  std::uint64_t value = 0;
};
template <class En, class Addr, class Part, class Data, class Strb>
BeatWrite(En, Addr, Part, Data, Strb) -> BeatWrite<En, Addr, Part, Data, Strb>;

/// The ports that both memories have, in the order in which they count: reads see the words from before the writes of
/// their cycle, later writes win.
template <class Row, class Write, class Read, class Beat>
struct Ports {
  Row act_read, dve_read;
  Write act_write, dve_write;
  Read read_server, write_server;
  Beat beat_write;
  unsigned partitions;

  template <class On>
  void drive(SplitMix64& draw, On on) {
    act_read.drive(draw, on());
    dve_read.drive(draw, on());
    act_write.drive(draw, on(), partitions);
    dve_write.drive(draw, on(), partitions);
    read_server.drive(draw, on(), partitions);
    write_server.drive(draw, on(), partitions);
    const auto word = static_cast<unsigned>(draw.below(kWords / kBeatWords)) * kBeatWords;
    const auto part = static_cast<unsigned>(draw.below(partitions)), strb = static_cast<unsigned>(draw.below(256));
    beat_write.drive(on(), word, part, draw.next(), strb);
  }
  void check() const { act_read.check(), dve_read.check(), read_server.check(), write_server.check(); }
  void take_reads(Model& model) {
    act_read.take(model), dve_read.take(model), read_server.take(model), write_server.take(model);
  }
  void take_writes(Model& model) const { act_write.take(model), dve_write.take(model), beat_write.take(model); }
  [[nodiscard]] bool any() const {
    return act_read.enabled || dve_read.enabled || act_write.enabled || dve_write.enabled || read_server.enabled ||
           write_server.enabled || beat_write.enabled;
  }
};
template <class Row, class Write, class Read, class Beat>
Ports(Row, Row, Write, Write, Read, Read, Beat, unsigned) -> Ports<Row, Write, Read, Beat>;

/// The ports of memory `m` (sbuf or psum).
#define MEMORY_PORTS(dut, m)                                                                                           \
  memory::Ports {                                                                                                      \
    memory::RowRead{(dut).act_##m##_row_rd_en_i, (dut).act_##m##_row_rd_addr_i, (dut).act_##m##_row_o},                \
        memory::RowRead{(dut).dve_##m##_row_rd_en_i, (dut).dve_##m##_row_rd_addr_i, (dut).dve_##m##_row_o},            \
        memory::RowWrite{(dut).act_##m##_row_wr_en_i,   (dut).act_##m##_row_wr_addr_i,  (dut).act_##m##_row_wr_strb_i, \
                         (dut).act_##m##_row_wr_part_i, (dut).act_##m##_row_wr_count_i, (dut).act_wr_row_i},           \
        memory::RowWrite{(dut).dve_##m##_row_wr_en_i,   (dut).dve_##m##_row_wr_addr_i,  (dut).dve_##m##_row_wr_strb_i, \
                         (dut).dve_##m##_row_wr_part_i, (dut).dve_##m##_row_wr_count_i, (dut).dve_wr_row_i},           \
        memory::BeatRead{(dut).read_##m##_beat_rd_en_i, (dut).read_##m##_beat_rd_addr_i,                               \
                         (dut).read_##m##_beat_rd_part_i, (dut).read_##m##_beat_rd_data_o},                            \
        memory::BeatRead{(dut).write_##m##_beat_rd_en_i, (dut).write_##m##_beat_rd_addr_i,                             \
                         (dut).write_##m##_beat_rd_part_i, (dut).write_##m##_beat_rd_data_o},                          \
        memory::BeatWrite{(dut).m##_beat_wr_en_i, (dut).m##_beat_wr_addr_i, (dut).m##_beat_wr_part_i,                  \
                          (dut).m##_beat_wr_data_i, (dut).m##_beat_wr_strb_i},                                         \
        static_cast<unsigned>((dut).act_wr_row_i.size())                                                               \
  }

/// Every word is written once, beat by beat: reset is over then.
template <class D, class P>
Coro<void> fill(D& dut, P& ports, Model& model, SplitMix64& draw) {
  Clock(dut.clk_i, 10, ns).start();
  ports.drive(draw, [] { return false; });
  dut.rst_ni = 0;
  co_await ClockCycles(dut.clk_i, 2);
  dut.rst_ni = 1;
  for (unsigned word = 0; word < kWords; word += kBeatWords) {
    for (unsigned part = 0; part < ports.partitions; ++part) {
      ports.beat_write.drive(true, word, part, draw.next(), 0xff);
      ports.beat_write.take(model);
      co_await RisingEdge(dut.clk_i);
    }
  }
}

}  // namespace memory
