// SPDX-License-Identifier: Apache-2.0
#include "mem_bench.hpp"

#include "verilated_save.cpp"  // the run-time library goes without it

namespace mem_test {

namespace {

/// Every variable of the model, as bytes in memory.
class StateImage : public VerilatedSerialize {
 public:
  Bytes bytes;
  StateImage() { m_isOpen = true; }
  ~StateImage() override { close(); }
  void close() override { m_isOpen = false; }
  void flush() override {
    const std::size_t before = bytes.size(), count = static_cast<std::size_t>(m_cp - m_bufp);
    bytes.resize(before + count);
    std::memcpy(bytes.data() + before, m_bufp, count);
    m_cp = m_bufp;
  }
};

Bytes state(Vtsr_serve& dut) {
  StateImage image;
  image << dut;
  image.flush();
  return std::move(image.bytes);
}

template <typename W>
void put(W& port, const Hdr& h) {
  const auto image = h.pack();
  for (unsigned w = 0; w < 4; ++w) port[w] = image[w];
}
template <typename W>
Hdr get(const W& port) {
  return Hdr::unpack({port[0], port[1], port[2], port[3]});
}

std::uint64_t memory_address(unsigned part, std::uint64_t word) { return (std::uint64_t{part} << 18) | (word * 4); }

}  // namespace

void Bench::apply(Image& m, const Packet& p) {
  const Hdr& h = p.h;
  if (h.op == kWrite) {
    for (unsigned n = 0; n < h.len; ++n) m.byte(h.space, h.addr + n) = p.data[n];
    return;
  }
  const unsigned size = h.dtype == kFp32 ? 4 : 2;
  auto& w = m.window(Image::base(h.space, h.addr));
  for (unsigned n = 0; n < h.len; n += size) {
    std::uint8_t* d = &w[h.addr % kSeg + n];
    if (h.dtype == kFp32) {
      std::uint32_t a, b;
      std::memcpy(&a, d, 4);
      std::memcpy(&b, &p.data[n], 4);
      a = combine32(h.op, a, b);
      std::memcpy(d, &a, 4);
    } else {
      std::uint16_t a, b;
      std::memcpy(&a, d, 2);
      std::memcpy(&b, &p.data[n], 2);
      a = combine16(h.op, a, b);
      std::memcpy(d, &a, 2);
    }
  }
}

void Bench::step() {
  drive();
  axi.drive(*dut, cycle);
  if (dut->rst_ni == 0)
    dut->hbm_axi_rvalid = dut->hbm_axi_bvalid = dut->read_csr_rsp_valid_i = dut->write_csr_rsp_valid_i = 0;
  dut->clk_i = 0;
  dut->eval();
  require(edge.empty() || edge == boundary(), "an input reaches an AXI output combinationally");
  const bool live = dut->rst_ni != 0, quiet = dut->quiet_o && live && !dut->hbm_axi_rvalid && !dut->hbm_axi_bvalid;
  // What the model only computes with is written in the first steps; until then it is random (--x-initial unique).
  constexpr std::uint64_t kSettled = 8;
  const bool compare = quiet && rnd(check_quiet) == 0 && cycle >= kSettled;
  const Bytes before = compare ? state(*dut) : Bytes{};
  if (live) sample();
  dut->clk_i = 1;
  dut->eval();
  if (compare) {
    ++quiet_steps;
    dut->clk_i = 0;
    dut->eval();
    const Bytes after = state(*dut);
    if (before != after) {
      const auto at = std::mismatch(before.begin(), before.end(), after.begin()).first - before.begin();
      fail("quiet, but a register changed, byte " + std::to_string(at) + " of the state");
    }
  }
  edge = boundary();
  ++cycle;
}

void Bench::drive() {
  Vtsr_serve& d = *dut;
  const bool live = d.rst_ni != 0;
  // Replies of the other tiles, in any order
  if (play_tiles) {
    for (std::size_t i = 0; i < replies.size();) {
      if (replies[i].first <= cycle) {
        rx_rsp.queue.push_back(std::move(replies[i].second));
        replies[i] = std::move(replies.back());
        replies.pop_back();
      } else {
        ++i;
      }
    }
  }
#define MEM_DRIVE_HEADER(source, port, header)                 \
  d.port##_valid_i = live && source.offer(rng, valid_percent); \
  if (d.port##_valid_i)                                        \
    put(d.header##_i, source.queue.front().h);                 \
  else                                                         \
    for (unsigned w = 0; w < 4; ++w) d.header##_i[w] = static_cast<std::uint32_t>(rng());
#define MEM_DRIVE_PACKET(source, port)                                 \
  {                                                                    \
    const bool fresh = !source.offered;                                \
    MEM_DRIVE_HEADER(source, port, port##_hdr)                         \
    if (d.port##_valid_i && fresh) source.fill(&d.port##_data_i, rng); \
    if (d.port##_valid_i) d.port##_last_i = source.last();             \
  }
  MEM_DRIVE_HEADER(dma_read, dma_read_req, dma_read_req)
  MEM_DRIVE_HEADER(fetch_read, fetch_read_req, fetch_read_req)
  MEM_DRIVE_PACKET(dma_write, dma_write_req)
  MEM_DRIVE_PACKET(sem_write, sem_write_req)
  MEM_DRIVE_PACKET(rx_req, rx_req)
  MEM_DRIVE_PACKET(rx_rsp, rx_rsp)
#undef MEM_DRIVE_HEADER
#undef MEM_DRIVE_PACKET
  d.dma_read_rsp_ready_i = chance(ready_percent);
  d.fetch_read_rsp_ready_i = chance(ready_percent);
  d.write_ack_ready_i = chance(ready_percent);
  d.tx_req_ready_i = !block_tx_req && chance(ready_percent);
  d.tx_rsp_ready_i = !block_tx_rsp && chance(ready_percent);
  std::memcpy(&d.read_sbuf_beat_rd_data_i, sbuf_rd.data(), kBeat);
  std::memcpy(&d.write_sbuf_beat_rd_data_i, sbuf_rmw.data(), kBeat);
  std::memcpy(&d.read_psum_beat_rd_data_i, psum_rd.data(), kBeat);
  std::memcpy(&d.write_psum_beat_rd_data_i, psum_rmw.data(), kBeat);
  // Register bus
  d.read_csr_req_ready_i = chance(csr_percent) && csr_wait[0].empty();
  d.write_csr_req_ready_i = chance(csr_percent) && csr_wait[1].empty();
  d.read_csr_rsp_valid_i = !csr_wait[0].empty() && chance(csr_percent);
  d.write_csr_rsp_valid_i = !csr_wait[1].empty() && chance(csr_percent);
  d.read_csr_rsp_rdata_i = static_cast<std::uint32_t>(rng());
  d.read_csr_rsp_err_i = static_cast<std::uint8_t>(rng() & 1);
  d.write_csr_rsp_err_i = static_cast<std::uint8_t>(rng() & 1);
  if (d.read_csr_rsp_valid_i) {
    d.read_csr_rsp_rdata_i = register_value(csr_wait[0].front());
    d.read_csr_rsp_err_i = csr_wait[0].front() >> 15;
  }
  if (d.write_csr_rsp_valid_i) d.write_csr_rsp_err_i = csr_wait[1].front() >> 15;
}

template <typename T>
void Bench::held(const char* name, bool valid, bool ready, const T& head, const void* data, bool last) {
  Bytes now;
  const Hdr h = get(head);
  for (const std::uint32_t w : h.pack())
    for (unsigned b = 0; b < 4; ++b) now.push_back(static_cast<std::uint8_t>(w >> (8 * b)));
  if (data != nullptr) {
    const auto* p = static_cast<const std::uint8_t*>(data);
    now.insert(now.end(), p, p + kBeat);
  }
  now.push_back(last);
  auto& [stalled, then] = offered[name];
  if (stalled) require(valid && now == then, std::string(name) + " changed while stalled");
  stalled = valid && !ready;
  then = now;
}

void Bench::sample() {
  Vtsr_serve& d = *dut;
  axi.sample(d, cycle);
  memories();
  if (d.dma_read_req_valid_i && d.dma_read_req_ready_o) dma_read.taken();
  if (d.fetch_read_req_valid_i && d.fetch_read_req_ready_o) fetch_read.taken();
  if (d.dma_write_req_valid_i && d.dma_write_req_ready_o) dma_write.taken();
  if (d.sem_write_req_valid_i && d.sem_write_req_ready_o) sem_write.taken();
  if (d.rx_req_valid_i && d.rx_req_ready_o) rx_req.taken();
  if (d.rx_rsp_valid_i && d.rx_rsp_ready_o) rx_rsp.taken();
  register_bus();

  const bool rdr_valid = d.dma_read_rsp_valid_o || d.fetch_read_rsp_valid_o;
  const bool rdr_ready = d.dma_read_rsp_valid_o ? d.dma_read_rsp_ready_i : d.fetch_read_rsp_ready_i;
  held("read_rsp", rdr_valid, rdr_ready, d.read_rsp_hdr_o, &d.read_rsp_data_o, d.read_rsp_last_o);
  held("write_ack", d.write_ack_valid_o, d.write_ack_ready_i, d.write_ack_o, nullptr, true);
  held("tx_req", d.tx_req_valid_o, d.tx_req_ready_i, d.tx_req_hdr_o, &d.tx_req_data_o, d.tx_req_last_o);
  held("tx_rsp", d.tx_rsp_valid_o, d.tx_rsp_ready_i, d.tx_rsp_hdr_o, &d.tx_rsp_data_o, d.tx_rsp_last_o);

  if (rdr_valid) {
    const Hdr h = get(d.read_rsp_hdr_o);
    require(!(d.dma_read_rsp_valid_o && d.fetch_read_rsp_valid_o), "two valids on read_rsp");
    require((h.id >> 4 == kReqFetch) == (d.fetch_read_rsp_valid_o != 0), "read_rsp to the wrong requester");
    if (rdr_ready) {
      ++read_rsp_beats;
      if (first_answer == 0) first_answer = cycle;
      last_answer = cycle;
      if (read_rsp.add(h, &d.read_rsp_data_o, d.read_rsp_last_o)) {
        for (const Hdr& early : read_rsp.heads) {  // the error code may come with a later beat
          Hdr e = early;
          require(e.err == kOk || e.err == h.err, "error withdrawn");
          e.err = h.err;
          require(e.pack() == h.pack(), "header changed inside a packet");
        }
        respond({h, read_rsp.data}, true);
      }
    }
  }
  if (d.write_ack_valid_o && d.write_ack_ready_i) {
    const Hdr h = get(d.write_ack_o);
    require(h.kind == kWrRsp && h.id >> 4 != kReqSem, "what is that on write_ack: " + describe(h));
    respond({h, {}}, false);
  }
  if (d.tx_rsp_valid_o) {
    const Hdr h = get(d.tx_rsp_hdr_o);
    if (d.tx_rsp_ready_i) {
      ++tx_rsp_beats;
      if (first_answer == 0) first_answer = cycle;
      last_answer = cycle;
      if (tx_rsp.add(h, &d.tx_rsp_data_o, d.tx_rsp_last_o)) {
        for (const Hdr& early : tx_rsp.heads) require(early.pack() == h.pack(), "header changed inside a packet");
        respond({h, tx_rsp.data}, h.kind == kRdRsp);
      }
    }
  } else {
    require(tx_rsp.done, "gap inside a response to the network");
  }
  if (d.tx_req_valid_o && d.tx_req_ready_i) {
    const Hdr h = get(d.tx_req_hdr_o);
    if (tx_req.add(h, &d.tx_req_data_o, d.tx_req_last_o)) {
      auto& queue = away[source_index(h)];
      if (queue.empty()) {
        fail("unknown request to the network: " + describe(h));
      } else {
        Away& a = queue.front();
        require(h.pack() == a.p.h.pack(), "request to the network changed: " + describe(h));
        if (h.kind == kWrReq) {
          require(tx_req.data.size() == (a.p.data.size() + kBeat - 1) / kBeat * kBeat &&
                      std::equal(a.p.data.begin(), a.p.data.end(), tx_req.data.begin()),
                  "payload to the network changed");
        } else {
          require(tx_req.data.size() == kBeat, "read request of several beats");
        }
        replies.push_back({cycle + 1 + rnd(reply_max), {a.w.rsp, a.w.data}});
        queue.pop_front();
      }
    }
  }
}

void Bench::respond(const Packet& p, bool read_stream) {
  const Hdr& h = p.h;
  require(h.kind == (read_stream ? kRdRsp : kWrRsp), "response on the wrong stream");
  const auto it = want.find(key(h.kind == kWrRsp, h.dst_x, h.dst_y, h.id));
  if (it == want.end()) return fail("response to nobody: " + describe(h));
  const Want w = it->second;
  want.erase(it);
  ++answered[h.kind == kWrRsp];
  ++codes[h.kind == kWrRsp][h.err];
  ack_latency.push_back(cycle - w.issued);
  if (h.pack() != w.rsp.pack()) fail("response " + describe(h) + "\n  must be " + describe(w.rsp));
  if (h.kind == kRdRsp) {
    require(p.data.size() == std::max<std::size_t>(1, (h.len + kBeat - 1) / kBeat) * kBeat,
            "beats of a read response: " + describe(h));
    if (w.check == Want::Check::kExact && !std::equal(w.data.begin(), w.data.end(), p.data.begin()))
      fail("read data, " + describe(h));
  }
  if (w.window == 0) return;
  auto& count = h.kind == kWrRsp ? writers : readers;
  if (--count[w.window] == 0) count.erase(w.window);
  // Acknowledged means committed.
  if (h.kind == kWrRsp && writers.count(w.window) == 0 && image.window(w.window - 1) != model.window(w.window - 1))
    fail("acknowledged, but " + difference(w.window - 1));
}

void Bench::register_bus() {
  Vtsr_serve& d = *dut;
  if (d.read_csr_rsp_valid_i) csr_wait[0].pop_front();
  if (d.write_csr_rsp_valid_i) csr_wait[1].pop_front();
  if (d.read_csr_req_valid_o && d.read_csr_req_ready_i) {
    require(!d.read_csr_req_we_o, "read bus writes");
    csr_wait[0].push_back(d.read_csr_req_addr_o);
    ++csr_reads;
  }
  if (d.write_csr_req_valid_o && d.write_csr_req_ready_i) {
    require(d.write_csr_req_we_o, "write bus reads");
    csr_wait[1].push_back(d.write_csr_req_addr_o);
    ++csr_writes;
    const auto it = sem_writes.find(d.write_csr_req_wdata_o);
    if (it == sem_writes.end()) return fail("register write that nobody sent, or twice");
    require(it->second.addr == d.write_csr_req_addr_o, "register address");
    sem_writes.erase(it);
  }
}

/// On-chip memories: a read in the cycle of a write sees the old word; data stand until the next read.
void Bench::memories() {
  Vtsr_serve& d = *dut;
  const auto read = [&](bool en, unsigned space, unsigned part, std::uint64_t word, Bytes& to) {
    if (!en) return;
    const std::uint64_t at = memory_address(part, word);
    require(at % kBeat == 0, "misaligned read");
    for (unsigned n = 0; n < kBeat; ++n) to[n] = image.byte(space, at + n);
  };
  const auto write = [&](bool en, unsigned space, unsigned part, std::uint64_t word, const void* data,
                         const void* strobes) {
    if (!en) return;
    const std::uint64_t at = memory_address(part, word);
    require(at % kBeat == 0, "misaligned write");
    const auto* strb = static_cast<const std::uint8_t*>(strobes);
    for (unsigned n = 0; n < kBeat; ++n)
      if ((strb[n / 8] >> (n % 8)) & 1) image.byte(space, at + n) = static_cast<const std::uint8_t*>(data)[n];
    ++mem_write_beats;
    if (first_mem_write == 0) first_mem_write = cycle;
    last_mem_write = cycle;
  };
  read(d.read_sbuf_beat_rd_en_o, kSbuf, d.read_sbuf_beat_rd_part_o, d.read_sbuf_beat_rd_addr_o, sbuf_rd);
  read(d.write_sbuf_beat_rd_en_o, kSbuf, d.write_sbuf_beat_rd_part_o, d.write_sbuf_beat_rd_addr_o, sbuf_rmw);
  read(d.read_psum_beat_rd_en_o, kPsum, d.read_psum_beat_rd_part_o, d.read_psum_beat_rd_addr_o, psum_rd);
  read(d.write_psum_beat_rd_en_o, kPsum, d.write_psum_beat_rd_part_o, d.write_psum_beat_rd_addr_o, psum_rmw);
  write(d.sbuf_beat_wr_en_o, kSbuf, d.sbuf_beat_wr_part_o, d.sbuf_beat_wr_addr_o, &d.sbuf_beat_wr_data_o,
        &d.sbuf_beat_wr_strb_o);
  write(d.psum_beat_wr_en_o, kPsum, d.psum_beat_wr_part_o, d.psum_beat_wr_addr_o, &d.psum_beat_wr_data_o,
        &d.psum_beat_wr_strb_o);
}

/// The AXI outputs, which no input may reach within a cycle.
Bytes Bench::boundary() const {
  Bytes v;
  const auto add = [&v](const auto& x) {
    const auto* p = reinterpret_cast<const std::uint8_t*>(&x);
    v.insert(v.end(), p, p + sizeof x);
  };
  const Vtsr_serve& d = *dut;
  add(d.hbm_axi_awvalid), add(d.hbm_axi_awaddr), add(d.hbm_axi_awlen), add(d.hbm_axi_awid), add(d.hbm_axi_wvalid);
  add(d.hbm_axi_wdata), add(d.hbm_axi_wstrb), add(d.hbm_axi_wlast), add(d.hbm_axi_bready), add(d.hbm_axi_arvalid);
  add(d.hbm_axi_araddr), add(d.hbm_axi_arlen), add(d.hbm_axi_arid), add(d.hbm_axi_rready);
  return v;
}

}  // namespace mem_test
