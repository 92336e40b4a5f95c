// SPDX-License-Identifier: Apache-2.0
/// Register writes (semaphores, control registers), one at a time over the register bus.
///
/// Latency from the packet to `csr_req_valid_o` 1 cycle, from `csr_rsp_valid_i` to the
/// acknowledgement 1 cycle. A refused packet (err in the header) is swallowed and acknowledged.
/// Errors: ErrRegister when the bus answers with an error.
`include "tsr_assert.svh"
module tsr_wr_reg
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
  import tsr_srv_pkg::*;
(
  input  logic     clk_i,
  input  logic     rst_ni,
  input  logic     in_valid_i,
  output logic     in_ready_o,
  input  pkt_t     in_i,
  input  logic     in_remote_i,
  output logic     csr_req_valid_o,
  input  logic     csr_req_ready_i,
  output csr_req_t csr_req_o,
  input  logic     csr_rsp_valid_i,
  input  csr_rsp_t csr_rsp_i,
  output logic     ack_valid_o,
  input  logic     ack_ready_i,
  output hdr_t     ack_o,
  output logic     ack_remote_o,
  output logic     quiet_o
);
  typedef enum logic [1:0] {
    StIdle = 2'd0,
    StAsk  = 2'd1,
    StWait = 2'd2,
    StAck  = 2'd3
  } state_e;
  state_e      state_q;
  hdr_t        hdr_q;
  logic [31:0] data_q;
  logic        remote_q, take, move;

  assign in_ready_o = (state_q == StIdle);
  assign take = in_valid_i && in_ready_o;
  assign move = (take && in_i.last) || (state_q == StAsk && csr_req_ready_i) ||
                (state_q == StWait && csr_rsp_valid_i) ||
                (state_q == StAck && ack_ready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
    end else if (move) begin
      unique case (state_q)
        StIdle:  state_q <= (in_i.hdr.err == ErrOk) ? StAsk : StAck;
        StAsk:   state_q <= StWait;
        StWait:  state_q <= StAck;
        default: state_q <= StIdle;
      endcase
    end
  end
  always_ff @(posedge clk_i) begin
    if (take) begin
      hdr_q <= response(in_i.hdr, KindWrRsp, in_i.hdr.err);
      data_q <= in_i.data[31:0];
      remote_q <= in_remote_i;
    end
    if (state_q == StWait && csr_rsp_valid_i && csr_rsp_i.err) hdr_q.err <= ErrRegister;
  end

  assign csr_req_valid_o = (state_q == StAsk);
  assign csr_req_o = '{we: 1'b1, addr: hdr_q.addr[15:0], wdata: data_q};
  assign ack_valid_o = (state_q == StAck);
  assign ack_o = hdr_q;
  assign ack_remote_o = remote_q;
  assign quiet_o = !take && !move;

  logic unused;
  assign unused = (^in_i.data) ^ (^csr_rsp_i.rdata);

  `TSR_ASSERT(RegisterResponseExpected_A, csr_rsp_valid_i -> state_q == StWait)
endmodule
