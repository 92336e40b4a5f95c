// SPDX-License-Identifier: Apache-2.0
/// In-order sequencer of one engine: check, wait for the semaphore, execute or issue; completion in
/// order: semaphore update, then record (one cycle later). An instruction may be issued one cycle
/// after it was taken from `tsr_fetch`; one is taken every other cycle. DOORBELL, DRAIN and HALT
/// wait until every earlier instruction is complete.
/// Errors: earlier instructions complete, the failing one has neither update nor record; stops
/// until started. A start while running drops the instruction that waits, completes those in flight
/// (their errors are dropped) and goes on at the new address. Registers keep their values.
///
/// Three parts: start and stop (`state_e` with its priorities), the instruction that was taken
/// (wait, branch, issue), and those in flight (two FIFOs). Combinational blocks decide, the
/// registers only take over what they decided.
`include "tsr_assert.svh"
module tsr_sequencer
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
  import tsr_if_pkg::*;
#(
  parameter logic [2:0]  Engine = EnginePe,
  parameter int unsigned MaxInFlight = (Engine == EnginePe) ? 8 : 2
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [63:0]      cycle_i,
  input  place_t           place_i,
  // Registers
  input  logic             start_i,
  input  logic [AddrW-1:0] start_pc_i,
  output status_t          status_o,
  output fault_t           fault_o,
  // Instruction fetch
  output logic             fetch_redirect_o,
  output logic [AddrW-1:0] fetch_pc_o,
  output logic             fetch_stop_o,
  input  logic             instr_valid_i,
  output logic             instr_ready_o,
  input  instr_t           instr_i,
  input  logic [AddrW-1:0] instr_pc_i,
  input  logic             instr_err_i,
  // Engine
  output logic             issue_valid_o,
  input  logic             issue_ready_i,
  output instr_t           issue_o,
  input  done_t            done_i,
  // Semaphores: number and count of the one that is waited for; updates
  output logic [7:0]       sem_wait_o,
  input  logic [31:0]      sem_value_i,
  output logic             sem_upd_valid_o,
  input  logic             sem_upd_ready_i,
  output sem_upd_t         sem_upd_o,
  // Doorbells of DMA queues
  output logic             doorbell_req_valid_o,
  input  logic             doorbell_req_ready_i,
  output doorbell_t        doorbell_req_o,
  // Retirement records
  output logic             rec_valid_o,
  output rec_t             rec_o,
  output logic             quiet_o
);
  localparam int unsigned RegW = $clog2(NumRegs);
  // Last address of an instruction.
  localparam logic [AddrW-1:0] HbmLast = 40'(HbmBytes - 64'(InstrBytes));

  // ---- Decode, when an instruction is taken -----------------------------------------------------
  /// Error of an instruction of this engine, without fetch errors. Codes of data instructions are
  /// the engine's business.
  /* verilator lint_off UNUSEDSIGNAL */            // the tag cannot be wrong
  function automatic err_code_t decode(input instr_t i, input logic [7:0] mesh_x,
                                       input logic [7:0] mesh_y);
  /* verilator lint_on UNUSEDSIGNAL */
    logic [NumEngines-1:0] engines;
    logic bad, no_sem;
    engines = opcode_engines(i.opcode);
    bad = instr_unused(i) || operand_reserved(i.dst) || operand_reserved(i.src0) ||
          operand_reserved(i.src1) ||
        !wait_known(i.wait_cond) || !update_known(i.upd_op) || instr_no_reg(i, NumRegs) ||
        (opcode_control(i.opcode) && instr_code_bad(i));
    no_sem = (i.wait_cond != WaitNone && 32'(i.wait_sem) >= NumSems) ||
        (i.upd_op != UpdateNone && 32'(i.upd_sem) >= NumSems);
    if (!engines[Engine]) decode = ErrOpcode;
    else if (bad || no_sem) decode = ErrField;
    else if (i.upd_op != UpdateNone && i.upd_remote && (i.upd_x > mesh_x || i.upd_y > mesh_y))
      decode = ErrTile;
    else if (i.opcode == OpcodeDoorbell && 32'(i.flags[3:0]) >= NumQueues) decode = ErrQueue;
    else decode = ErrOk;
  endfunction

  /// The offset of an operand with its register added.
  function automatic operand_t resolve(input operand_t o, input logic [31:0] value);
    resolve = o;
    if (o.areg_en) resolve.offset = o.offset + value;
    resolve.areg_en = 1'b0;
  endfunction

  /// Result of ALU.
  function automatic logic [31:0] alu(input alu_code_t op, input logic [31:0] a,
                                      input logic [31:0] b);
    case (op)
      AluAdd:  alu = a + b;
      AluSub:  alu = a - b;
      AluMul:  alu = a * b;
      AluMax:  alu = ($signed(a) > $signed(b)) ? a : b;
      AluMin:  alu = ($signed(a) < $signed(b)) ? a : b;
      AluAnd:  alu = a & b;
      AluOr:   alu = a | b;
      AluXor:  alu = a ^ b;
      AluShl:  alu = a << b[4:0];
      default: alu = a >> b[4:0];
    endcase
  endfunction

  /// The condition of BR holds.
  function automatic logic holds(input branch_code_t cond, input logic signed [31:0] a,
                                 input logic signed [31:0] b);
    case (cond)
      BranchAlways: holds = 1'b1;
      BranchEq:     holds = a == b;
      BranchNe:     holds = a != b;
      BranchLt:     holds = a < b;
      BranchGe:     holds = a >= b;
      BranchLe:     holds = a <= b;
      default:      holds = a > b;
    endcase
  endfunction

  // ---- State ------------------------------------------------------------------------------------
  typedef enum logic [2:0] {
    StIdle,                                        // not started since reset
    StRun,                                         // takes instructions
    StHalt,                                        // HALT was executed
    // an instruction failed; what is in flight completes without effect
    StError,
    // started: waits until what is in flight is complete
    StStart,
    // the same, but what is in flight has no effect any more
    StStartDrop
  } state_e;

  /// An instruction in flight: issued or executed, not complete.
  typedef struct packed {
    // complete at once: has no entry among the results
    logic        control;
    logic [7:0]  opcode;
    logic [15:0] tag;
    logic [47:0] start;
    logic [39:0] pc;
    sem_upd_t    upd;
  } flight_t;

  state_e      state_q, state_d;
  logic [39:0] start_pc_q;                         // of the start that waits
  logic [31:0] reg_q [NumRegs];
  logic        cur_valid_q, cur_valid_d;           // an instruction is taken and not issued
  instr_t      cur_q;                              // its register offsets added
  logic [39:0] cur_pc_q;
  err_code_t   cur_code_q;
  fault_t      fault_q;

  // ---- In flight --------------------------------------------------------------------------------
  flight_t     in, old;                            // the one that fires; the oldest
  err_code_t   result_err;                         // answer for the oldest data instruction
  logic [31:0] result_checksum;
  logic        some, room, result_valid, fire, retire, flight_quiet, result_quiet, result_room;
  logic [$clog2(MaxInFlight+1)-1:0] unused_flights, unused_results;
  tsr_fifo #(.Width($bits(flight_t)), .Depth(MaxInFlight)) u_flight (
    .clk_i, .rst_ni, .in_valid_i(fire), .in_ready_o(room), .in_data_i(in),
    .out_valid_o(some), .out_ready_i(retire), .out_data_o(old),
    .count_o(unused_flights), .quiet_o(flight_quiet));
  tsr_fifo #(.Width($bits(err_code_t) + 32), .Depth(MaxInFlight)) u_result (
    .clk_i, .rst_ni, .in_valid_i(done_i.en), .in_ready_o(result_room),
    .in_data_i({done_i.err, done_i.checksum}), .out_valid_o(result_valid),
    .out_ready_i(retire && !old.control),
    .out_data_o({result_err, result_checksum}), .count_o(unused_results), .quiet_o(result_quiet));

  logic        starting, dropping, awake;
  assign starting = state_q == StStart || state_q == StStartDrop;
  assign dropping = state_q == StError || state_q == StStartDrop;
  assign awake = state_q == StRun || starting || some;   // else every signal below is 0

  // ---- The oldest in flight: completes when its result is there, fails with its result ----------
  logic        complete, fail_old;
  assign complete = some && (old.control || result_valid);
  assign fail_old = complete && !old.control && !dropping && result_err != ErrOk;
  assign sem_upd_o = old.upd;
  assign sem_upd_valid_o = complete && !dropping && !fail_old && old.upd.op != UpdateNone;
  assign retire = complete && (!sem_upd_valid_o || sem_upd_ready_i);

  // ---- The instruction that was taken: waits for nobody's ready ---------------------------------
  logic        control, alone, waiting, go, taken, fail_cur;
  logic [31:0] y;
  always_comb begin
    logic [31:0] a, b;
    control = 1'b0;
    alone = 1'b0;
    waiting = 1'b0;
    go = 1'b0;
    taken = 1'b0;
    fail_cur = 1'b0;
    a = 32'd0;
    b = 32'd0;
    y = 32'd0;
    if (cur_valid_q) begin
      if (cur_code_q != ErrOk) begin
        fail_cur = !some;                          // those before it come first
      end else begin
        control = opcode_control(cur_q.opcode);
        alone = opcode_drains(cur_q.opcode);
        waiting = (cur_q.wait_cond == WaitGe && $signed(sem_value_i) < $signed(cur_q.wait_value)) ||
            (cur_q.wait_cond == WaitEq && sem_value_i != cur_q.wait_value);
        go = !waiting && !fail_old && room && !(alone && some);
        if (cur_q.opcode == OpcodeAlu || cur_q.opcode == OpcodeBr) begin
          a = reg_q[RegW'(cur_q.imm1[5:0])];
          b = cur_q.use_imm ? cur_q.imm0 : reg_q[RegW'(cur_q.imm1[13:8])];
          y = alu(cur_q.alu0, a, b);
          taken = cur_q.opcode == OpcodeBr && holds(cur_q.br_cond, a, b);
        end
      end
    end
  end
  assign fire = go && (!control ? issue_ready_i :
                       cur_q.opcode != OpcodeDoorbell || doorbell_req_ready_i);
  assign in = '{upd: '{x: cur_q.upd_x, y: cur_q.upd_y, remote: cur_q.upd_remote,
                       value: cur_q.upd_value,
                       op: cur_q.upd_op, sem: cur_q.upd_sem},
                pc: cur_pc_q, start: cycle_i[47:0], tag: cur_q.tag, opcode: cur_q.opcode,
                control: control};
  assign sem_wait_o = cur_q.wait_sem;
  assign issue_valid_o = go && !control;
  // These two issue nothing.
  assign issue_o = (Engine == EnginePool || Engine == EngineSp) ? '0 : cur_q;
  assign doorbell_req_valid_o = go && cur_q.opcode == OpcodeDoorbell;
  assign doorbell_req_o = '{en: 1'b1, number: cur_q.flags[3:0], count: cur_q.imm0};

  // ---- Start and stop ---------------------------------------------------------------------------
  // Priorities: a start, then the beginning of a start that waited, then an error, then HALT.
  logic        begin_now, begin_bad, branch, fail, halt, load, active;
  assign begin_now = starting && !some;
  // asks for nothing and becomes an instruction with an error
  assign begin_bad = begin_now && start_pc_q[6:0] != 7'd0;
  assign fail = fail_cur || fail_old;
  assign halt = fire && cur_q.opcode == OpcodeHalt;
  assign branch = fire && taken;
  assign instr_ready_o = state_q == StRun && !cur_valid_q;
  assign load = instr_valid_i && instr_ready_o;        // never in the cycle of a redirect
  assign fetch_redirect_o = (begin_now && !begin_bad) || branch;
  assign fetch_pc_o = starting ? start_pc_q :
                      cur_pc_q + {{17{cur_q.imm1[31]}}, cur_q.imm1[31:16], 7'd0};
  assign fetch_stop_o = fail || halt;
  always_comb begin
    state_d = state_q;
    cur_valid_d = cur_valid_q;
    active = start_i || rec_valid_o || fault_q.en;
    if (awake) begin
      if (halt) state_d = StHalt;
      if (fail) state_d = starting ? StStartDrop : StError;
      if (begin_now) state_d = StRun;
      if (load || begin_bad) cur_valid_d = 1'b1;
      else if (fire || fetch_stop_o) cur_valid_d = 1'b0;
      active = active || load || fire || fetch_stop_o || begin_now ||
               (sem_upd_valid_o && sem_upd_ready_i) || !flight_quiet || !result_quiet;
    end
    if (start_i) begin
      state_d = (dropping || fail) ? StStartDrop : StStart;
      cur_valid_d = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      cur_valid_q <= 1'b0;
      rec_valid_o <= 1'b0;
      fault_q.en <= 1'b0;
      reg_q <= '{default: 32'd0};
    end else if (active) begin
      state_q <= state_d;
      cur_valid_q <= cur_valid_d;
      rec_valid_o <= retire && !dropping && !fail_old;
      fault_q.en <= fail && !starting && !start_i;
      if (fail) begin
        fault_q.code <= fail_old ? result_err : cur_code_q;
        fault_q.tag <= fail_old ? old.tag : cur_q.tag;
        fault_q.addr <= fail_old ? old.pc : cur_pc_q;
      end
      if (fire && (cur_q.opcode == OpcodeMovi || cur_q.opcode == OpcodeAlu))
        reg_q[RegW'(cur_q.rd)] <= (cur_q.opcode == OpcodeMovi) ? cur_q.imm0 : y;
    end
  end

  // The instruction before the one that is taken has fired, so the registers of its operands are
  // written.
  always_ff @(posedge clk_i) begin
    if (start_i) start_pc_q <= start_pc_i;
    if (load) begin
      cur_q <= instr_i;
      cur_q.dst <= resolve(instr_i.dst, reg_q[RegW'(instr_i.dst.areg)]);
      cur_q.src0 <= resolve(instr_i.src0, reg_q[RegW'(instr_i.src0.areg)]);
      cur_q.src1 <= resolve(instr_i.src1, reg_q[RegW'(instr_i.src1.areg)]);
      cur_pc_q <= instr_pc_i;
      cur_code_q <= !instr_err_i ? decode(instr_i, place_i.mesh_x, place_i.mesh_y) :
                    (instr_pc_i > HbmLast) ? ErrAddress : ErrAxi;
      if (instr_err_i) cur_q.tag <= 16'd0;
    end else if (begin_bad) begin
      cur_q.tag <= 16'd0;
      cur_pc_q <= start_pc_q;
      cur_code_q <= ErrAddress;
    end
    if (retire) begin
      rec_o <= '{checksum: old.control ? 32'd0 : result_checksum, end_cycle: cycle_i[47:0],
                 start_cycle: old.start,
                      tag: old.tag, opcode: old.opcode};
    end
  end

  // ---- Status -----------------------------------------------------------------------------------
  assign status_o = '{
    busy: awake, halted: state_q == StHalt && !some, waiting: waiting, wait_sem: cur_q.wait_sem,
    // The instruction that waits for its semaphore, else the oldest one that is not complete.
    tag: (some && !waiting) ? old.tag : cur_valid_q ? cur_q.tag : 16'd0,
    wait_value: cur_q.wait_value
  };
  assign fault_o = fault_q;
  assign quiet_o = rst_ni && !active;

  // The record has 48 bits; of the place only the mesh matters.
  logic unused_bits;
  assign unused_bits = ^{cycle_i, place_i};

  // ---- View: signals for people and wave files (scripts/wave.py); nothing reads them ------------
  if (1) begin : view
    /* verilator lint_off UNUSEDSIGNAL */          // for people and wave files
    localparam logic [7:0] NoOpcode = 8'hff;
    opcode_e     opcode, retired_opcode;
    logic [15:0] tag, retired_tag;
    logic        valid, waits, issued, retired, runs;
    logic [7:0]  waits_for;
    /* verilator lint_on UNUSEDSIGNAL */
    // An instruction was taken and not issued; else its fields are NoOpcode and 0.
    assign valid = cur_valid_q;
    assign opcode = opcode_e'(valid ? cur_q.opcode : NoOpcode);
    assign tag = valid ? cur_q.tag : 16'd0;
    assign waits = waiting;
    assign waits_for = waiting ? cur_q.wait_sem : 8'd0;
    assign issued = issue_valid_o && issue_ready_i;
    assign retired = rec_valid_o;
    assign retired_opcode = opcode_e'(rec_o.opcode);   // of the last record
    assign retired_tag = rec_o.tag;
    assign runs = awake;
  end

  `TSR_ASSERT(DoneOfAnInstruction_A, done_i.en -> some && result_room)
  `TSR_ASSERT(TakenWhileRunning_A, cur_valid_q -> state_q == StRun)
endmodule
