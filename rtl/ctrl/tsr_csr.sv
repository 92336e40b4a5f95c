// SPDX-License-Identifier: Apache-2.0
/// Control and status registers: the register map of docs/isa.md for the host (AXI4-Lite) and for
/// the two servers.
///
/// Four users (host writes, host reads, two servers) share one access per cycle, round robin.
/// Latency from an access taken (`csr_req_ready` or the grant of a complete host access) to its
/// effect and to the sampling of read data 1 cycle, to `csr_rsp_valid`, `bvalid` or `rvalid` 2. AW,
/// W and AR are held in one register each; ready falls while one is full. Errors (SLVERR, `err`):
/// no such register, access of the wrong direction, misaligned, not all write strobes. Doorbells of
/// the host, the servers and the sequencers (`doorbell_req`) leave one per cycle at `doorbell`, a
/// register; an access goes first. An error stays until a start (or a write of Q_SIZE), which beats
/// a new error; it raises the interrupt, which IRQ_CLEAR alone lowers too; a new error beats
/// IRQ_CLEAR. `quiet_o` takes the AXI4-Lite valids as 0 and the readys as 1: it is decoded from
/// registers and inner inputs.
`include "tsr_assert.svh"
module tsr_csr
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  place_t                place_i,
  output logic                  irq_o,
  output logic                  quiet_o,
  // Host
  input  axil_req_t             host_axil_i,
  output axil_rsp_t             host_axil_o,
  // Servers
  input  logic [NumServers-1:0] csr_req_valid_i,
  output logic [NumServers-1:0] csr_req_ready_o,
  input  csr_req_t              csr_req_i [NumServers],
  output logic [NumServers-1:0] csr_rsp_valid_o,
  output csr_rsp_t              csr_rsp_o [NumServers],
  // Semaphores: an update by a register, the count of the semaphore that it names
  output logic                  reg_sem_upd_valid_o,
  output sem_upd_t              reg_sem_upd_o,
  input  logic [31:0]           reg_sem_value_i,
  // Engines: start pulse with its address, status, errors, doorbells
  output logic [NumEngines-1:0] engine_start_o,
  output logic [AddrW-1:0]      engine_start_pc_o [NumEngines],
  input  status_t               engine_status_i [NumEngines],
  input  fault_t                engine_fault_i [NumEngines],
  input  logic [NumEngines-1:0] doorbell_req_valid_i,
  output logic [NumEngines-1:0] doorbell_req_ready_o,
  input  doorbell_t             doorbell_req_i [NumEngines],
  // DMA queues: set-up, doorbells, status, errors
  output queue_setup_t          queue_setup_o [NumQueues],
  output doorbell_t             doorbell_o,
  input  status_t               queue_status_i [NumQueues],
  input  logic [31:0]           queue_done_i [NumQueues],
  input  fault_t                queue_fault_i [NumQueues]
);
  localparam int unsigned QueueW = $clog2(NumQueues);
  localparam logic [1:0]  RespOkay = 2'b00, RespSlverr = 2'b10;

  // ---- Host channels ----------------------------------------------------------------------------
  logic        aw_valid_q, w_valid_q, ar_valid_q, b_valid_q, r_valid_q;
  logic [15:0] aw_addr_q, ar_addr_q;
  logic [31:0] w_data_q, r_data_q;
  logic        w_whole_q, b_err_q, r_err_q;

  // ---- One access per cycle ---------------------------------------------------------------------
  localparam int unsigned HostWr = 0, HostRd = 1, Servers = 2, NumUsers = Servers + NumServers;
  logic [NumUsers-1:0] req, grant, user_q;             // one bit for each user
  logic [1:0]  unused_index;
  logic        any, acc_valid_q, acc_we_q, acc_bad_q, arb_quiet;
  logic [15:0] acc_addr_q;
  logic [31:0] acc_data_q;

  assign req[HostWr] = aw_valid_q && w_valid_q && !b_valid_q;
  assign req[HostRd] = ar_valid_q && !r_valid_q;
  assign req[Servers+:NumServers] = csr_req_valid_i;
  tsr_rr_arb #(.N(NumUsers)) u_arb (
    .clk_i, .rst_ni, .req_i(req), .ready_i(1'b1), .last_i(1'b1), .valid_o(any), .grant_o(grant),
    .index_o(unused_index),
    .quiet_o(arb_quiet)
  );
  assign csr_req_ready_o = grant[Servers+:NumServers];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      acc_valid_q <= 1'b0;
    end else begin
      acc_valid_q <= any;
      if (any) begin
        user_q <= grant;
        acc_bad_q <= grant[HostWr] && !w_whole_q;
        acc_we_q <= grant[HostWr] || (csr_req_ready_o[ServerRead] && csr_req_i[ServerRead].we) ||
                    (csr_req_ready_o[ServerWrite] && csr_req_i[ServerWrite].we);
        acc_addr_q <= grant[HostWr] ? aw_addr_q : grant[HostRd] ? ar_addr_q :
                      csr_req_ready_o[ServerRead] ? csr_req_i[ServerRead].addr :
                      csr_req_i[ServerWrite].addr;
        acc_data_q <= grant[HostWr] ? w_data_q :
                      csr_req_ready_o[ServerRead] ? csr_req_i[ServerRead].wdata :
                      csr_req_i[ServerWrite].wdata;
      end
    end
  end

  // ---- Address: the register with the number of its engine, queue or semaphore taken out --------
  logic              is_queue, is_sem, we;
  logic [2:0]        eng;
  logic [QueueW-1:0] queue;
  logic [15:0]       which;

  // A queue or semaphore beyond those of this configuration keeps its number, so that no register
  // has its address.
  assign is_queue = reg_of_queue(acc_addr_q) && 32'(reg_queue(acc_addr_q)) < NumQueues;
  assign is_sem = reg_of_semaphore(acc_addr_q) && 32'(reg_semaphore(acc_addr_q)) < NumSems;
  assign eng = reg_of_engine(acc_addr_q) ? reg_engine(acc_addr_q) : 3'd0;
  assign queue = QueueW'(reg_queue(acc_addr_q));
  assign which =
      (is_queue || is_sem || reg_of_engine(acc_addr_q)) ? reg_first(acc_addr_q) : acc_addr_q;
  assign we = acc_valid_q && acc_we_q && !acc_bad_q;

  // ---- Registers --------------------------------------------------------------------------------
  logic [AddrW-1:0]      start_pc_q [NumEngines];
  queue_setup_t          setup_q [NumQueues];          // restart is 0
  fault_t                engine_fault_q [NumEngines], queue_fault_q [NumQueues];
  logic [NumEngines-1:0] start;
  logic [NumQueues-1:0]  restart;
  logic                  clear, bell_csr, faults, news;
  logic [31:0]           irq;

  always_comb begin
    start = '0;
    restart = '0;
    clear = 1'b0;
    bell_csr = 1'b0;
    if (we) begin
      if (which == RegEngStart) start[eng] = acc_data_q[0];
      if (which == RegQSize) restart[queue] = 1'b1;
      clear = (which == RegIrqClear);
      bell_csr = (which == RegQDoorbell);
    end
  end
  assign reg_sem_upd_valid_o =
      we && (which == RegSemSet || which == RegSemInc || which == RegSemDec);
  assign reg_sem_upd_o = '{
    x: 8'd0, y: 8'd0, remote: 1'b0, value: acc_data_q,
    op: (which == RegSemSet) ? UpdateSet : (which == RegSemInc) ? UpdateInc : UpdateDec,
    sem: is_sem ? reg_semaphore(acc_addr_q) : 8'd0
  };

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      start_pc_q <= '{default: '0};
      setup_q <= '{default: '0};
    end else if (we) begin
      case (which)
        RegEngPc:   start_pc_q[eng][31:0] <= acc_data_q;
        RegEngPcHi: start_pc_q[eng][39:32] <= acc_data_q[7:0];
        RegQBase:   setup_q[queue].base[31:0] <= acc_data_q;
        RegQBaseHi: setup_q[queue].base[39:32] <= acc_data_q[7:0];
        RegQSize:   setup_q[queue].size <= acc_data_q[15:0];
        default: ;
      endcase
    end
  end

  // ---- Sticky errors ----------------------------------------------------------------------------
  logic [NumEngines-1:0] engine_irq_q;
  logic [NumQueues-1:0]  queue_irq_q;
  always_comb begin
    faults = 1'b0;
    for (int unsigned e = 0; e < NumEngines; e++) faults = faults || engine_fault_i[e].en;
    for (int unsigned q = 0; q < NumQueues; q++) faults = faults || queue_fault_i[q].en;
  end
  assign news = clear || start != '0 || restart != '0 || faults;
  for (genvar e = 0; e < NumEngines; e++) begin : gen_engine
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        engine_irq_q[e] <= 1'b0;
        engine_fault_q[e] <= '0;
      end else if (news) begin
        if (start[e]) begin
          engine_irq_q[e] <= 1'b0;
          engine_fault_q[e] <= '0;
        end else if (engine_fault_i[e].en) begin
          engine_irq_q[e] <= (engine_fault_i[e].code != ErrOk);
          engine_fault_q[e] <= engine_fault_i[e];
        end else if (clear && acc_data_q[e]) begin
          engine_irq_q[e] <= 1'b0;
        end
      end
    end
    assign irq[e] = engine_irq_q[e];
  end
  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        queue_irq_q[q] <= 1'b0;
        queue_fault_q[q] <= '0;
      end else if (news) begin
        if (restart[q]) begin
          queue_irq_q[q] <= 1'b0;
          queue_fault_q[q] <= '0;
        end else if (queue_fault_i[q].en) begin
          queue_irq_q[q] <= (queue_fault_i[q].code != ErrOk);
          queue_fault_q[q] <= queue_fault_i[q];
        end else if (clear && acc_data_q[8+q]) begin
          queue_irq_q[q] <= 1'b0;
        end
      end
    end
    assign irq[8+q] = queue_irq_q[q];
  end
  assign irq[7:NumEngines] = '0;
  assign irq[31:8+NumQueues] = '0;

  // ---- Doorbells --------------------------------------------------------------------------------
  logic [NumEngines-1:0] bell_grant;
  logic [2:0]            bell_engine;
  logic                  bell_any, bell_quiet;
  doorbell_t             bell_q;

  tsr_rr_arb #(.N(NumEngines)) u_bell (
    .clk_i, .rst_ni, .req_i(doorbell_req_valid_i), .ready_i(!bell_csr), .last_i(1'b1),
    .valid_o(bell_any),
    .grant_o(bell_grant), .index_o(bell_engine), .quiet_o(bell_quiet)
  );
  assign doorbell_req_ready_o = bell_csr ? '0 : bell_grant;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      bell_q.en <= 1'b0;
    end else if (bell_csr) begin
      bell_q <= '{en: 1'b1, number: 4'(queue), count: acc_data_q};
    end else if (bell_any) begin
      bell_q <= doorbell_req_i[bell_engine];
    end else begin
      bell_q.en <= 1'b0;
    end
  end

  // ---- Read data and errors ---------------------------------------------------------------------
  logic        bad, failed;
  logic [31:0] value;
  status_t     unit;                               // of the engine or queue that the address names
  fault_t      fault;

  always_comb begin
    value = 32'd0;
    bad = 1'b0;
    failed = 1'b0;
    unit = '0;
    fault = '0;
    if (acc_valid_q && acc_we_q) begin
      case (which)
        RegEngPc, RegEngPcHi, RegEngStart, RegQBase, RegQBaseHi, RegQSize, RegQDoorbell,
        RegIrqClear,
        RegSemSet, RegSemInc, RegSemDec: bad = acc_bad_q;
        default: bad = 1'b1;
      endcase
    end else if (acc_valid_q) begin
      unit = reg_of_engine(acc_addr_q) ? engine_status_i[eng] : queue_status_i[queue];
      fault = reg_of_engine(acc_addr_q) ? engine_fault_q[eng] : queue_fault_q[queue];
      failed = fault.en;
      // A doorbell on its way is work of its queue.
      if (reg_of_queue(acc_addr_q))
        unit.busy = unit.busy || (bell_q.en && bell_q.number == 4'(queue) && bell_q.count != 32'd0);
      case (which)
        RegId:         value = Identity;
        RegPosition:   value = {place_i.mesh_y, place_i.mesh_x, place_i.y, place_i.x};
        RegIrq:        value = irq;
        RegSemRead:    value = reg_sem_value_i;
        RegEngPc:      value = start_pc_q[eng][31:0];
        RegEngPcHi:    value = 32'(start_pc_q[eng][39:32]);
        RegQBase:      value = setup_q[queue].base[31:0];
        RegQBaseHi:    value = 32'(setup_q[queue].base[39:32]);
        RegQSize:      value = 32'(setup_q[queue].size);
        RegQDone:      value = queue_done_i[queue];
        RegEngStatus, RegQStatus:
          value = {unit.busy ? unit.tag : 16'd0, unit.waiting ? unit.wait_sem : 8'd0, 3'd0,
                   failed && !unit.busy, unit.waiting, failed, unit.halted, unit.busy};
        RegEngErr, RegQErr:             value = {fault.tag, 12'd0, fault.code};
        RegEngErrPc, RegQErrAddr:       value = fault.addr[31:0];
        RegEngErrPcHi, RegQErrAddrHi:   value = 32'(fault.addr[39:32]);
        RegEngWaitValue, RegQWaitValue: value = unit.waiting ? unit.wait_value : 32'd0;
        default:       bad = 1'b1;
      endcase
    end
  end

  // ---- Answers ----------------------------------------------------------------------------------
  logic [NumServers-1:0] csr_rsp_valid_q;
  csr_rsp_t    csr_rsp_q;                                  // of both servers

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_valid_q <= 1'b0;
      w_valid_q <= 1'b0;
      ar_valid_q <= 1'b0;
      b_valid_q <= 1'b0;
      r_valid_q <= 1'b0;
      csr_rsp_valid_q <= '0;
    end else begin
      if (grant[HostWr]) begin
        aw_valid_q <= 1'b0;
        w_valid_q <= 1'b0;
      end
      if (grant[HostRd]) ar_valid_q <= 1'b0;
      if (host_axil_i.awvalid && !aw_valid_q) aw_valid_q <= 1'b1;
      if (host_axil_i.wvalid && !w_valid_q) w_valid_q <= 1'b1;
      if (host_axil_i.arvalid && !ar_valid_q) ar_valid_q <= 1'b1;
      if (host_axil_i.bready) b_valid_q <= 1'b0;
      if (host_axil_i.rready) r_valid_q <= 1'b0;
      if (acc_valid_q && user_q[HostWr]) b_valid_q <= 1'b1;
      if (acc_valid_q && user_q[HostRd]) r_valid_q <= 1'b1;
      csr_rsp_valid_q <= acc_valid_q ? user_q[Servers+:NumServers] : '0;
    end
  end
  always_ff @(posedge clk_i) begin
    if (host_axil_i.awvalid && !aw_valid_q) aw_addr_q <= host_axil_i.awaddr;
    if (host_axil_i.wvalid && !w_valid_q) begin
      w_data_q <= host_axil_i.wdata;
      w_whole_q <= (host_axil_i.wstrb == 4'hf);
    end
    if (host_axil_i.arvalid && !ar_valid_q) ar_addr_q <= host_axil_i.araddr;
    if (acc_valid_q) begin
      if (user_q[HostWr]) b_err_q <= bad;
      if (user_q[HostRd]) begin
        r_err_q <= bad;
        r_data_q <= value;
      end
      if (user_q[Servers+:NumServers] != '0) csr_rsp_q <= '{err: bad, rdata: value};
    end
  end

  // ---- Outputs ----------------------------------------------------------------------------------
  assign host_axil_o = '{
    awready: !aw_valid_q, wready: !w_valid_q, bresp: b_err_q ? RespSlverr : RespOkay,
    bvalid: b_valid_q,
    arready: !ar_valid_q, rresp: r_err_q ? RespSlverr : RespOkay, rvalid: r_valid_q, rdata: r_data_q
  };
  assign csr_rsp_valid_o = csr_rsp_valid_q;
  assign csr_rsp_o = '{default: csr_rsp_q};
  assign engine_start_o = start;
  assign engine_start_pc_o = start_pc_q;
  for (genvar q = 0; q < NumQueues; q++) begin : gen_setup
    assign queue_setup_o[q] = '{restart: restart[q], size: setup_q[q].size, base: setup_q[q].base};
  end
  assign doorbell_o = bell_q;
  assign irq_o = (irq != 32'd0);
  assign quiet_o = rst_ni && arb_quiet && !acc_valid_q && csr_rsp_valid_q == '0 &&
                   !b_valid_q && !r_valid_q && bell_quiet && !bell_q.en && !faults;

  logic unused_prot;
  assign unused_prot = ^{host_axil_i.awprot, host_axil_i.arprot};

  `TSR_ASSERT(OneUser_A, acc_valid_q -> $onehot(user_q))
  `TSR_ASSERT(AnswerRoom_A, acc_valid_q ->
              !(user_q[HostWr] && b_valid_q) && !(user_q[HostRd] && r_valid_q))
endmodule
