// SPDX-License-Identifier: Apache-2.0
/// Control and status registers: the register map of docs/isa.md for the host (AXI4-Lite) and for the two servers.
///
/// Three users (host writes and reads apart) share one access per cycle, round robin. Latency from an access taken
/// (`csr_ready` or the grant of a complete host access) to its effect and to the sampling of read data 1 cycle, to
/// `csr_rvalid`, `bvalid` or `rvalid` 2. AW, W and AR are held in one register each; ready falls while one is full.
/// Errors (SLVERR, `csr_err`): no such register, access of the wrong direction, misaligned, not all write strobes.
/// Doorbells of the host, the servers and the five sequencers leave one per cycle at `db_*_o`, a register; an access
/// goes first. An error stays until a start (or a write of Q_SIZE), which beats a new error; it raises the interrupt,
/// which IRQ_CLEAR alone lowers too; a new error beats IRQ_CLEAR.
/// `quiet_o` takes the AXI4-Lite valids as 0 and the readys as 1: it is decoded from registers and inner inputs.
module tsr_csr
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic [7:0]            tile_x_i,
  input  logic [7:0]            tile_y_i,
  input  logic [7:0]            mesh_x_i,
  input  logic [7:0]            mesh_y_i,
  output logic                  irq_o,
  output logic                  quiet_o,
  // Host
  input  logic [15:0]           host_axil_awaddr,
  input  logic [2:0]            host_axil_awprot,
  input  logic                  host_axil_awvalid,
  output logic                  host_axil_awready,
  input  logic [31:0]           host_axil_wdata,
  input  logic [3:0]            host_axil_wstrb,
  input  logic                  host_axil_wvalid,
  output logic                  host_axil_wready,
  output logic [1:0]            host_axil_bresp,
  output logic                  host_axil_bvalid,
  input  logic                  host_axil_bready,
  input  logic [15:0]           host_axil_araddr,
  input  logic [2:0]            host_axil_arprot,
  input  logic                  host_axil_arvalid,
  output logic                  host_axil_arready,
  output logic [31:0]           host_axil_rdata,
  output logic [1:0]            host_axil_rresp,
  output logic                  host_axil_rvalid,
  input  logic                  host_axil_rready,
  // Read server
  input  logic                  rd_csr_valid_i,
  output logic                  rd_csr_ready_o,
  input  logic                  rd_csr_we_i,
  input  logic [15:0]           rd_csr_addr_i,
  input  logic [31:0]           rd_csr_wdata_i,
  output logic                  rd_csr_rvalid_o,
  output logic [31:0]           rd_csr_rdata_o,
  output logic                  rd_csr_err_o,
  // Write server
  input  logic                  wr_csr_valid_i,
  output logic                  wr_csr_ready_o,
  input  logic                  wr_csr_we_i,
  input  logic [15:0]           wr_csr_addr_i,
  input  logic [31:0]           wr_csr_wdata_i,
  output logic                  wr_csr_rvalid_o,
  output logic [31:0]           wr_csr_rdata_o,
  output logic                  wr_csr_err_o,
  // Semaphores
  output logic                  sem_we_o,
  output logic [2:0]            sem_op_o,
  output logic [7:0]            sem_id_o,
  output logic [31:0]           sem_wdata_o,
  input  logic [31:0]           sem_rdata_i,
  // Engines: start pulse with its address, status, errors, doorbells
  output logic [NumEngines-1:0] start_o,
  output logic [AddrW-1:0]      start_pc_o [NumEngines],
  input  logic [NumEngines-1:0] eng_running_i,
  input  logic [NumEngines-1:0] eng_halted_i,
  input  logic [NumEngines-1:0] eng_waiting_i,
  input  logic [7:0]            eng_wait_sem_i [NumEngines],
  input  logic [31:0]           eng_wait_value_i [NumEngines],
  input  logic [15:0]           eng_tag_i [NumEngines],
  input  logic [NumEngines-1:0] eng_err_valid_i,
  input  err_code_t             eng_err_code_i [NumEngines],
  input  logic [15:0]           eng_err_tag_i [NumEngines],
  input  logic [AddrW-1:0]      eng_err_pc_i [NumEngines],
  input  logic [NumEngines-1:0] db_valid_i,
  output logic [NumEngines-1:0] db_ready_o,
  input  logic [3:0]            db_queue_i [NumEngines],
  input  logic [31:0]           db_count_i [NumEngines],
  // DMA queues: set-up (size_we: pulse), doorbells, status, errors
  output logic [AddrW-1:0]      q_base_o [NumQueues],
  output logic [15:0]           q_size_o [NumQueues],
  output logic [NumQueues-1:0]  q_size_we_o,
  output logic                  db_valid_o,
  output logic [3:0]            db_queue_o,
  output logic [31:0]           db_count_o,
  input  logic [NumQueues-1:0]  q_busy_i,
  input  logic [NumQueues-1:0]  q_waiting_i,
  input  logic [7:0]            q_wait_sem_i [NumQueues],
  input  logic [31:0]           q_wait_value_i [NumQueues],
  input  logic [15:0]           q_tag_i [NumQueues],
  input  logic [31:0]           q_done_i [NumQueues],
  input  logic [NumQueues-1:0]  q_err_valid_i,
  input  err_code_t             q_err_code_i [NumQueues],
  input  logic [15:0]           q_err_tag_i [NumQueues],
  input  logic [AddrW-1:0]      q_err_addr_i [NumQueues]
);
  localparam int unsigned QueueW = $clog2(NumQueues);
  localparam logic [1:0]  RespOkay = 2'b00, RespSlverr = 2'b10;

  // ---- Host channels ------------------------------------------------------------------------------------
  logic        aw_valid_q, w_valid_q, ar_valid_q, b_valid_q, r_valid_q;
  logic [15:0] aw_addr_q, ar_addr_q;
  logic [31:0] w_data_q, r_data_q;
  logic        w_whole_q, b_err_q, r_err_q;

  // ---- One access per cycle -----------------------------------------------------------------------------
  localparam int unsigned HostWr = 0, HostRd = 1, ServerRd = 2, ServerWr = 3;
  logic [3:0]  req, grant, user_q;                     // one bit for each user
  logic [1:0]  unused_index;
  logic        any, acc_valid_q, acc_we_q, acc_bad_q, arb_quiet;
  logic [15:0] acc_addr_q;
  logic [31:0] acc_data_q;

  assign req[HostWr] = aw_valid_q && w_valid_q && !b_valid_q;
  assign req[HostRd] = ar_valid_q && !r_valid_q;
  assign req[ServerRd] = rd_csr_valid_i;
  assign req[ServerWr] = wr_csr_valid_i;
  tsr_rr_arb #(.N(4)) u_arb (
    .clk_i, .rst_ni, .req_i(req), .ready_i(1'b1), .last_i(1'b1), .valid_o(any), .grant_o(grant),
    .index_o(unused_index),
    .quiet_o(arb_quiet)
  );
  assign rd_csr_ready_o = grant[ServerRd];
  assign wr_csr_ready_o = grant[ServerWr];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      acc_valid_q <= 1'b0;
    end else begin
      acc_valid_q <= any;
      if (any) begin
        user_q <= grant;
        acc_bad_q <= grant[HostWr] && !w_whole_q;
        acc_we_q <= grant[HostWr] || (grant[ServerRd] && rd_csr_we_i) || (grant[ServerWr] && wr_csr_we_i);
        acc_addr_q <= grant[HostWr] ? aw_addr_q : grant[HostRd] ? ar_addr_q :
                      grant[ServerRd] ? rd_csr_addr_i : wr_csr_addr_i;
        acc_data_q <= grant[HostWr] ? w_data_q : grant[ServerRd] ? rd_csr_wdata_i : wr_csr_wdata_i;
      end
    end
  end

  // ---- Address: the register with the number of its engine, queue or semaphore taken out -------------------
  logic              is_queue, is_sem, we;
  logic [2:0]        eng;
  logic [QueueW-1:0] queue;
  logic [15:0]       which;

  // A queue or semaphore beyond those of this configuration keeps its number, so that no register has its address.
  assign is_queue = reg_of_queue(acc_addr_q) && 32'(reg_queue(acc_addr_q)) < NumQueues;
  assign is_sem = reg_of_semaphore(acc_addr_q) && 32'(reg_semaphore(acc_addr_q)) < NumSems;
  assign eng = reg_of_engine(acc_addr_q) ? reg_engine(acc_addr_q) : 3'd0;
  assign queue = QueueW'(reg_queue(acc_addr_q));
  assign which = (is_queue || is_sem || reg_of_engine(acc_addr_q)) ? reg_first(acc_addr_q) : acc_addr_q;
  assign we = acc_valid_q && acc_we_q && !acc_bad_q;

  // ---- Registers ------------------------------------------------------------------------------------------
  logic [AddrW-1:0]      start_pc_q [NumEngines];
  logic [AddrW-1:0]      base_q [NumQueues];
  logic [15:0]           size_q [NumQueues];
  err_code_t             eng_code_q [NumEngines];
  logic [15:0]           eng_tag_q [NumEngines];
  logic [39:0]           eng_pc_q [NumEngines];
  err_code_t             queue_code_q [NumQueues];
  logic [15:0]           queue_tag_q [NumQueues];
  logic [39:0]           queue_addr_q [NumQueues];
  logic [NumEngines-1:0] start;
  logic [NumQueues-1:0]  size_we;
  logic                  clear, ring_csr, news;
  logic [31:0]           irq;

  always_comb begin
    start = '0;
    size_we = '0;
    clear = 1'b0;
    ring_csr = 1'b0;
    if (we) begin
      if (which == RegEngStart) start[eng] = acc_data_q[0];
      if (which == RegQSize) size_we[queue] = 1'b1;
      clear = (which == RegIrqClear);
      ring_csr = (which == RegQDoorbell);
    end
  end
  assign sem_we_o = we && (which == RegSemSet || which == RegSemInc || which == RegSemDec);
  assign sem_op_o = (which == RegSemSet) ? UpdateSet : (which == RegSemInc) ? UpdateInc : UpdateDec;
  assign sem_id_o = is_sem ? reg_semaphore(acc_addr_q) : 8'd0;
  assign sem_wdata_o = acc_data_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      start_pc_q <= '{default: '0};
      base_q <= '{default: '0};
      size_q <= '{default: '0};
    end else if (we) begin
      case (which)
        RegEngPc:   start_pc_q[eng][31:0] <= acc_data_q;
        RegEngPcHi: start_pc_q[eng][39:32] <= acc_data_q[7:0];
        RegQBase:   base_q[queue][31:0] <= acc_data_q;
        RegQBaseHi: base_q[queue][39:32] <= acc_data_q[7:0];
        RegQSize:   size_q[queue] <= acc_data_q[15:0];
        default: ;
      endcase
    end
  end

  // ---- Sticky errors --------------------------------------------------------------------------------------
  logic [NumEngines-1:0] eng_irq_q;
  logic [NumQueues-1:0]  queue_irq_q;
  assign news = clear || start != '0 || size_we != '0 || eng_err_valid_i != '0 || q_err_valid_i != '0;
  for (genvar e = 0; e < NumEngines; e++) begin : gen_eng
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        eng_irq_q[e] <= 1'b0;
        eng_code_q[e] <= ErrOk;
        eng_tag_q[e] <= '0;
        eng_pc_q[e] <= '0;
      end else if (news) begin
        if (start[e]) begin
          eng_irq_q[e] <= 1'b0;
          eng_code_q[e] <= ErrOk;
          eng_tag_q[e] <= '0;
          eng_pc_q[e] <= '0;
        end else if (eng_err_valid_i[e]) begin
          eng_irq_q[e] <= (eng_err_code_i[e] != ErrOk);
          eng_code_q[e] <= eng_err_code_i[e];
          eng_tag_q[e] <= eng_err_tag_i[e];
          eng_pc_q[e] <= 40'(eng_err_pc_i[e]);
        end else if (clear && acc_data_q[e]) begin
          eng_irq_q[e] <= 1'b0;
        end
      end
    end
    assign irq[e] = eng_irq_q[e];
  end
  for (genvar q = 0; q < NumQueues; q++) begin : gen_queue
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        queue_irq_q[q] <= 1'b0;
        queue_code_q[q] <= ErrOk;
        queue_tag_q[q] <= '0;
        queue_addr_q[q] <= '0;
      end else if (news) begin
        if (size_we[q]) begin
          queue_irq_q[q] <= 1'b0;
          queue_code_q[q] <= ErrOk;
          queue_tag_q[q] <= '0;
          queue_addr_q[q] <= '0;
        end else if (q_err_valid_i[q]) begin
          queue_irq_q[q] <= (q_err_code_i[q] != ErrOk);
          queue_code_q[q] <= q_err_code_i[q];
          queue_tag_q[q] <= q_err_tag_i[q];
          queue_addr_q[q] <= 40'(q_err_addr_i[q]);
        end else if (clear && acc_data_q[8+q]) begin
          queue_irq_q[q] <= 1'b0;
        end
      end
    end
    assign irq[8+q] = queue_irq_q[q];
  end
  assign irq[7:NumEngines] = '0;
  assign irq[31:8+NumQueues] = '0;

  // ---- Doorbells ------------------------------------------------------------------------------------------
  logic [NumEngines-1:0] ring_grant;
  logic [2:0]            ring_eng;
  logic                  ring_any, ring_quiet, ring_valid_q;
  logic [3:0]            ring_queue_q;
  logic [31:0]           ring_count_q;

  tsr_rr_arb #(.N(NumEngines)) u_ring (
    .clk_i, .rst_ni, .req_i(db_valid_i), .ready_i(!ring_csr), .last_i(1'b1), .valid_o(ring_any), .grant_o(ring_grant),
    .index_o(ring_eng), .quiet_o(ring_quiet)
  );
  assign db_ready_o = ring_csr ? '0 : ring_grant;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ring_valid_q <= 1'b0;
    end else begin
      ring_valid_q <= ring_csr || ring_any;
      if (ring_csr || ring_any) begin
        ring_queue_q <= ring_csr ? 4'(queue) : db_queue_i[ring_eng];
        ring_count_q <= ring_csr ? acc_data_q : db_count_i[ring_eng];
      end
    end
  end

  // ---- Read data and errors -------------------------------------------------------------------------------
  logic        bad, failed, busy;                      // busy: a doorbell on its way is work of its queue
  logic [31:0] value;

  always_comb begin
    value = 32'd0;
    bad = 1'b0;
    busy = 1'b0;
    failed = 1'b0;
    if (acc_valid_q && acc_we_q) begin
      case (which)
        RegEngPc, RegEngPcHi, RegEngStart, RegQBase, RegQBaseHi, RegQSize, RegQDoorbell, RegIrqClear, RegSemSet,
        RegSemInc, RegSemDec: bad = acc_bad_q;
        default: bad = 1'b1;
      endcase
    end else if (acc_valid_q) begin
      failed = reg_of_engine(acc_addr_q) ? eng_code_q[eng] != ErrOk : queue_code_q[queue] != ErrOk;
      busy = q_busy_i[queue] || (ring_valid_q && ring_queue_q == 4'(queue) && ring_count_q != 32'd0);
      case (which)
        RegId:           value = Identity;
        RegPosition:     value = {mesh_y_i, mesh_x_i, tile_y_i, tile_x_i};
        RegIrq:          value = irq;
        RegSemRead:      value = sem_rdata_i;
        RegEngPc:        value = start_pc_q[eng][31:0];
        RegEngPcHi:      value = 32'(start_pc_q[eng][39:32]);
        RegEngStatus:    value = {eng_tag_i[eng], eng_waiting_i[eng] ? eng_wait_sem_i[eng] : 8'd0, 3'd0,
                                  failed && !eng_running_i[eng], eng_waiting_i[eng], failed, eng_halted_i[eng], eng_running_i[eng]};
        RegEngErr:       value = {eng_tag_q[eng], 12'd0, eng_code_q[eng]};
        RegEngErrPc:     value = eng_pc_q[eng][31:0];
        RegEngErrPcHi:   value = 32'(eng_pc_q[eng][39:32]);
        RegEngWaitValue: value = eng_waiting_i[eng] ? eng_wait_value_i[eng] : 32'd0;
        RegQBase:        value = base_q[queue][31:0];
        RegQBaseHi:      value = 32'(base_q[queue][39:32]);
        RegQSize:        value = 32'(size_q[queue]);
        RegQDone:        value = q_done_i[queue];
        RegQStatus:      value = {busy ? q_tag_i[queue] : 16'd0, q_waiting_i[queue] ? q_wait_sem_i[queue] : 8'd0, 3'd0,
                                  failed && !busy, q_waiting_i[queue], failed, 1'b0, busy};
        RegQErr:         value = {queue_tag_q[queue], 12'd0, queue_code_q[queue]};
        RegQErrAddr:     value = queue_addr_q[queue][31:0];
        RegQErrAddrHi:   value = 32'(queue_addr_q[queue][39:32]);
        RegQWaitValue:   value = q_waiting_i[queue] ? q_wait_value_i[queue] : 32'd0;
        default:         bad = 1'b1;
      endcase
    end
  end

  // ---- Answers --------------------------------------------------------------------------------------------
  logic [1:0]  answer_q;                               // to the write server, to the read server
  logic        answer_err_q;
  logic [31:0] answer_data_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_valid_q <= 1'b0;
      w_valid_q <= 1'b0;
      ar_valid_q <= 1'b0;
      b_valid_q <= 1'b0;
      r_valid_q <= 1'b0;
      answer_q <= '0;
    end else begin
      if (grant[HostWr]) begin
        aw_valid_q <= 1'b0;
        w_valid_q <= 1'b0;
      end
      if (grant[HostRd]) ar_valid_q <= 1'b0;
      if (host_axil_awvalid && !aw_valid_q) aw_valid_q <= 1'b1;
      if (host_axil_wvalid && !w_valid_q) w_valid_q <= 1'b1;
      if (host_axil_arvalid && !ar_valid_q) ar_valid_q <= 1'b1;
      if (host_axil_bready) b_valid_q <= 1'b0;
      if (host_axil_rready) r_valid_q <= 1'b0;
      if (acc_valid_q && user_q[HostWr]) b_valid_q <= 1'b1;
      if (acc_valid_q && user_q[HostRd]) r_valid_q <= 1'b1;
      answer_q <= acc_valid_q ? user_q[ServerWr:ServerRd] : 2'b00;
    end
  end
  always_ff @(posedge clk_i) begin
    if (host_axil_awvalid && !aw_valid_q) aw_addr_q <= host_axil_awaddr;
    if (host_axil_wvalid && !w_valid_q) begin
      w_data_q <= host_axil_wdata;
      w_whole_q <= (host_axil_wstrb == 4'hf);
    end
    if (host_axil_arvalid && !ar_valid_q) ar_addr_q <= host_axil_araddr;
    if (acc_valid_q) begin
      if (user_q[HostWr]) b_err_q <= bad;
      if (user_q[HostRd]) begin
        r_err_q <= bad;
        r_data_q <= value;
      end
      if (user_q[ServerWr:ServerRd] != 2'b00) begin
        answer_err_q <= bad;
        answer_data_q <= value;
      end
    end
  end

  // ---- Outputs --------------------------------------------------------------------------------------------
  assign host_axil_awready = !aw_valid_q;
  assign host_axil_wready = !w_valid_q;
  assign host_axil_arready = !ar_valid_q;
  assign host_axil_bvalid = b_valid_q;
  assign host_axil_bresp = b_err_q ? RespSlverr : RespOkay;
  assign host_axil_rvalid = r_valid_q;
  assign host_axil_rresp = r_err_q ? RespSlverr : RespOkay;
  assign host_axil_rdata = r_data_q;
  assign rd_csr_rvalid_o = answer_q[0];
  assign wr_csr_rvalid_o = answer_q[1];
  assign rd_csr_rdata_o = answer_data_q;
  assign wr_csr_rdata_o = answer_data_q;
  assign rd_csr_err_o = answer_err_q;
  assign wr_csr_err_o = answer_err_q;
  assign start_o = start;
  assign start_pc_o = start_pc_q;
  assign q_base_o = base_q;
  assign q_size_o = size_q;
  assign q_size_we_o = size_we;
  assign db_valid_o = ring_valid_q;
  assign db_queue_o = ring_queue_q;
  assign db_count_o = ring_count_q;
  assign irq_o = (irq != 32'd0);
  assign quiet_o = rst_ni && arb_quiet && !acc_valid_q && answer_q == 2'b00 && !b_valid_q && !r_valid_q && ring_quiet &&
                   !ring_valid_q && eng_err_valid_i == '0 && q_err_valid_i == '0;

  logic unused_prot;
  assign unused_prot = ^{host_axil_awprot, host_axil_arprot};

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni && acc_valid_q) begin
      OneUser_A: assert ($onehot(user_q));
      AnswerRoom_A: assert (!(user_q[HostWr] && b_valid_q) && !(user_q[HostRd] && r_valid_q));
    end
  end
`endif
endmodule
