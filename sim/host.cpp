// SPDX-License-Identifier: Apache-2.0
#include "sim/host.hpp"

#include "tsr_isa.hpp"

namespace tessera::sim {

bool starts_work(std::uint16_t address) {
  const auto place = isa::reg::find(address);
  return place && (place->reg == isa::reg::kEngStart || place->reg == isa::reg::kQDoorbell);
}

void Host::note(unsigned resp) {
  if (resp == 0) return;
  if (errors++ == 0) first_error_address = actions_.front().address;
}

bool Host::step(std::uint64_t cycle, const AxilOutputs& tile) {
  if (actions_.empty()) return false;
  Action& action = actions_.front();
  if (!busy_) {  // show the request from the next cycle on
    busy_ = true;
    if (action.is_write) {
      out_.awvalid = out_.wvalid = 1;
      out_.awaddr = action.address;
      out_.wdata = action.data;
    } else {
      out_.arvalid = 1;
      out_.araddr = action.address;
    }
    return true;
  }
  const bool aw = out_.awvalid && tile.awready, w = out_.wvalid && tile.wready, ar = out_.arvalid && tile.arready;
  if (aw) out_.awvalid = 0;
  if (w) out_.wvalid = 0;
  if (ar) out_.arvalid = 0;
  if (w && first_write == ~0ULL && starts_work(action.address)) first_write = cycle;
  const bool b = action.is_write && tile.bvalid, r = !action.is_write && tile.rvalid;
  if (b || r) {
    note(b ? tile.bresp : tile.rresp);
    const ReadCallback done = std::move(action.done);
    actions_.pop_front();
    busy_ = false;
    if (r && done) done(tile.rdata, tile.rresp);
  }
  return aw || w || ar || b || r;
}

}  // namespace tessera::sim
