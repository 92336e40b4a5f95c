// SPDX-License-Identifier: Apache-2.0
/// Semaphores of a tile. Waits read combinationally. One local update per cycle takes effect (round robin; readable
/// in the next cycle); one remote update per cycle moves to the `rsem` output register (one cycle later).
/// The CSR port is always taken and goes first. Coordinates equal to the own tile are local.
module tsr_semaphores
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
#(
    parameter int unsigned NumSrc = NumEngines + NumQueues
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic [7:0]         tile_x_i,
    input  logic [7:0]         tile_y_i,
    input  logic [7:0]         wait_id    [NumSrc],
    output logic [31:0]        wait_value [NumSrc],
    input  logic [NumSrc-1:0]  upd_valid,
    output logic [NumSrc-1:0]  upd_ready,
    input  sem_upd_t           upd        [NumSrc],
    input  logic               csr_we,
    input  logic [2:0]         csr_op,
    input  logic [7:0]         csr_id,
    input  logic [31:0]        csr_wdata,
    output logic [31:0]        csr_rdata,
    output logic               rsem_valid,
    input  logic               rsem_ready,
    output hdr_t               rsem_hdr,
    output logic [DmaBits-1:0] rsem_data,
    output logic               rsem_last,
    output logic               quiet_o
);
  localparam int unsigned SrcW = $clog2(NumSrc);
  localparam int unsigned SemW = $clog2(NumSems);    // users refuse larger numbers

  logic [31:0] sem_q [NumSems];                  // counts where known_q is set, else 0: a memory needs no reset
  logic [NumSems-1:0] known_q;
  logic [SrcW-1:0] loc_sel, rem_sel;
  logic [NumSrc-1:0] is_loc, loc_grant, rem_grant;
  logic loc_any, rem_any, rem_take, rem_room, unused_loc_quiet, unused_rem_quiet;
  logic [SemW-1:0] loc_id;
  logic [31:0] old;
  logic out_valid_q;
  /* verilator lint_off UNUSEDSIGNAL */ // coordinates of a local update
  sem_upd_t out_q, loc_upd;                      // coordinates of a local one do not matter
  /* verilator lint_on UNUSEDSIGNAL */

  function automatic logic [31:0] sem(input logic known, input logic [31:0] value);
    sem = known ? value : 32'd0;
  endfunction

  // ---- choice: one local and one remote update, each in turn ----
  tsr_rr_arb #(.N(NumSrc)) u_local (
    .clk_i, .rst_ni, .req_i(upd_valid & is_loc), .ready_i(!csr_we), .last_i(1'b1), .valid_o(loc_any),
    .grant_o(loc_grant), .index_o(loc_sel), .quiet_o(unused_loc_quiet));
  tsr_rr_arb #(.N(NumSrc)) u_remote (
    .clk_i, .rst_ni, .req_i(upd_valid & ~is_loc), .ready_i(rem_room), .last_i(1'b1), .valid_o(rem_any),
    .grant_o(rem_grant), .index_o(rem_sel), .quiet_o(unused_rem_quiet));
  assign rem_room = !out_valid_q || rsem_ready;
  assign rem_take = rem_any && rem_room;
  assign upd_ready = (csr_we ? '0 : loc_grant) | (rem_room ? rem_grant : '0);
  always_comb begin
    is_loc = '0;
    for (int unsigned s = 0; s < NumSrc; s++) wait_value[s] = sem(known_q[SemW'(wait_id[s])], sem_q[SemW'(wait_id[s])]);
    if (upd_valid != '0) begin
      for (int unsigned s = 0; s < NumSrc; s++)
        is_loc[s] = !upd[s].remote || upd[s].op == UpdateNone || (upd[s].x == tile_x_i && upd[s].y == tile_y_i);
    end
  end
  always_comb begin
    loc_upd = upd[loc_sel];
    if (csr_we) loc_upd = '{x: 8'd0, y: 8'd0, remote: 1'b0, value: csr_wdata, op: csr_op, sem: csr_id};
  end

  // ---- state ----
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      known_q <= '0;
      out_valid_q <= 1'b0;
    end else if (csr_we || upd_valid != '0 || out_valid_q) begin
      if (csr_we || loc_any) begin
        case (loc_upd.op)
          UpdateSet, UpdateInc, UpdateDec: known_q[loc_id] <= 1'b1;
          default: ;
        endcase
      end
      if (rsem_ready) out_valid_q <= 1'b0;
      if (rem_take) begin
        out_valid_q <= 1'b1;
        out_q <= upd[rem_sel];
      end
    end
  end

  assign loc_id = SemW'(loc_upd.sem);
  assign old = sem(known_q[loc_id], sem_q[loc_id]);
  always_ff @(posedge clk_i) begin
    if (csr_we || loc_any) begin
      case (loc_upd.op)
        UpdateSet: sem_q[loc_id] <= loc_upd.value;
        UpdateInc: sem_q[loc_id] <= old + loc_upd.value;
        UpdateDec: sem_q[loc_id] <= old - loc_upd.value;
        default: ;
      endcase
    end
  end

  // ---- outputs ----
  assign csr_rdata = sem(known_q[SemW'(csr_id)], sem_q[SemW'(csr_id)]);
  assign rsem_valid = out_valid_q;
  assign rsem_last = 1'b1;
  assign rsem_data = DmaBits'(out_q.value);
  always_comb begin
    rsem_hdr = '0;
    if (out_valid_q) begin
      rsem_hdr.dst_x = out_q.x;
      rsem_hdr.dst_y = out_q.y;
      rsem_hdr.src_x = tile_x_i;
      rsem_hdr.src_y = tile_y_i;
      rsem_hdr.kind = KindWrReq;
      rsem_hdr.space = SpaceReg;
      rsem_hdr.len = 11'd4;
      rsem_hdr.id = {ReqSem, 4'd0};
      rsem_hdr.addr = 40'(RegSemSet) + ({37'd0, out_q.op - 3'(UpdateSet)} << 10) + (40'(out_q.sem) << 2);
    end
  end
  assign quiet_o = rst_ni && !csr_we && !loc_any && !rem_take && !(out_valid_q && rsem_ready);
endmodule
