// SPDX-License-Identifier: Apache-2.0
/// In-order sequencer of one engine: check, wait for the semaphore, execute or issue; completion in order: semaphore
/// update, then record (one cycle later). An instruction may be issued one cycle after it was taken from `tsr_fetch`;
/// one is taken every other cycle. DOORBELL, DRAIN and HALT wait until every earlier instruction is complete.
/// Errors: earlier instructions complete, the failing one has neither update nor record; stops until started. A start
/// while running drops the instruction that waits, completes those in flight (their errors are dropped) and goes on at
/// the new address. Registers keep their values.
module tsr_sequencer
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;
#(
    parameter logic [2:0] Engine = EnginePe,
    parameter int unsigned MaxInFlight = (Engine == EnginePe) ? 8 : 2
) (
    input  logic        clk_i, rst_ni,
    /* verilator lint_off UNUSEDSIGNAL */ // the record has 48 bits
    input  logic [63:0] cycle_i,                    // low 48 bits go to the record
    /* verilator lint_on UNUSEDSIGNAL */
    input  logic [7:0]  mesh_x_i, mesh_y_i,         // size of the mesh less one
    input  logic        start_i,
    input  logic [39:0] start_pc_i,
    output logic        fetch_redirect,
    output logic [39:0] fetch_pc,
    output logic        fetch_stop,
    input  logic        instr_valid,
    output logic        instr_ready,
    input  instr_t      instr,
    input  logic [39:0] instr_pc,
    input  logic        instr_err,
    output logic        issue_valid,
    input  logic        issue_ready,
    output instr_t      issue_instr,
    input  logic        done_valid,
    input  logic [31:0] done_checksum,
    input  logic [3:0]  done_err,
    output logic [7:0]  wait_id,
    input  logic [31:0] wait_value,
    output logic        upd_valid,
    input  logic        upd_ready,
    output sem_upd_t    upd,
    output logic        db_valid,
    input  logic        db_ready,
    output logic [3:0]  db_queue,
    output logic [31:0] db_count,
    output logic        rec_valid_o,
    output rec_t        rec_data_o,
    output logic        err_valid,
    output logic [3:0]  err_code,
    output logic [15:0] err_tag,
    output logic [39:0] err_pc,
    output logic        running_o, halted_o, waiting_o,
    output logic [7:0]  wait_sem_o,
    output logic [31:0] wait_value_o,
    output logic [15:0] head_tag_o,
    output logic        quiet_o
);
  localparam int unsigned PtrW = $clog2(MaxInFlight);
  localparam int unsigned RegW = $clog2(NumRegs);
  localparam logic [PtrW-1:0] LastPtr = PtrW'(MaxInFlight - 1);
  localparam logic [39:0] HbmLast = 40'(HbmBytes - 64'(InstrBytes));   // last address of an instruction

  // ---- Decode, when an instruction is taken -----------------------------------------------------------------
  function automatic logic no_such_reg(input logic [5:0] n);
    no_such_reg = 32'(n) >= NumRegs;
  endfunction

  /// Error of an instruction of this engine, without fetch errors.
  /* verilator lint_off UNUSEDSIGNAL */            // immediates and tags cannot be wrong
  function automatic logic [3:0] decode(input instr_t i, input logic [7:0] mesh_x, input logic [7:0] mesh_y);
  /* verilator lint_on UNUSEDSIGNAL */
    logic allowed, rsv, no_reg, no_sem;
    allowed = i.opcode <= OpcodeHalt ||
        (Engine == EnginePe && (i.opcode == OpcodeLdweights || i.opcode == OpcodeMatmul)) ||
        (Engine == EngineAct && i.opcode == OpcodeActivate) ||
        (Engine == EngineDve && i.opcode >= OpcodeTensorCopy && i.opcode <= OpcodeTensorReduce);
    rsv = |{i.rsv0, i.rsv1, i.rsv2, i.dst.rsv0, i.dst.rsv1, i.dst.rsv2, i.src0.rsv0, i.src0.rsv1, i.src0.rsv2, i.src1.rsv0,
            i.src1.rsv1, i.src1.rsv2} || i.wait_cond > WaitEq || i.upd_op > UpdateDec ||
        (i.opcode == OpcodeAlu && i.alu0 > AluShr) || (i.opcode == OpcodeBr && i.br_cond > BranchGt);
    no_reg = (i.dst.areg_en && no_such_reg(i.dst.areg)) || (i.src0.areg_en && no_such_reg(i.src0.areg)) ||
        (i.src1.areg_en && no_such_reg(i.src1.areg)) ||
        ((i.opcode == OpcodeMovi || i.opcode == OpcodeAlu) && no_such_reg(i.rd)) ||
        ((i.opcode == OpcodeBr || i.opcode == OpcodeAlu) &&
         (no_such_reg(i.imm1[5:0]) || (!i.use_imm && no_such_reg(i.imm1[13:8]))));
    no_sem = (i.wait_cond != WaitNone && 32'(i.wait_sem) >= NumSems) ||
        (i.upd_op != UpdateNone && 32'(i.upd_sem) >= NumSems);
    if (!allowed) decode = ErrOpcode;
    else if (rsv || no_reg || no_sem) decode = ErrField;
    else if (i.upd_op != UpdateNone && i.upd_remote && (i.upd_x > mesh_x || i.upd_y > mesh_y)) decode = ErrTile;
    else if (i.opcode == OpcodeDoorbell && 32'(i.flags[3:0]) >= NumQueues) decode = ErrQueue;
    else decode = ErrOk;
  endfunction

  /// The offset of an operand with its register added.
  function automatic operand_t resolve(input operand_t o, input logic [31:0] value);
    resolve = o;
    if (o.areg_en) resolve.offset = o.offset + value;
    resolve.areg_en = 1'b0;
  endfunction

  logic [31:0] reg_q [NumRegs];
  instr_t      cur_q;                             // taken, not issued; register offsets added
  logic [39:0] cur_pc_q, spc_q;
  logic [3:0]  cur_code_q;
  logic        cur_v_q, run_q, halt_q, err_q, spend_q;

  // ---- Instructions in flight: issued or executed, not complete; results of the data instructions ------------
  logic [MaxInFlight-1:0] ctl_q;
  sem_upd_t    upd_q [MaxInFlight];
  logic [39:0] pc_q [MaxInFlight];
  logic [47:0] start_q [MaxInFlight];
  logic [15:0] tag_q [MaxInFlight];
  logic [7:0]  op_q [MaxInFlight];
  logic [31:0] sum_q [MaxInFlight];
  logic [3:0]  bad_q [MaxInFlight];
  logic [PtrW-1:0] er_q, ew_q, rr_q, rw_q;
  logic [PtrW:0]   en_q, rn_q;

  // ---- What may happen: waits for nobody's ready ---------------------------------------------------------------
  logic        fire, branch, load, retire, active;
  logic        awake, is_ctl, go, taken, start_now, start_bad, fail_cur, fail_head, complete, due;
  logic [31:0] a, b, y;

`ifdef TSR_BUG_SEM_ORDER
  logic given_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || retire) given_q <= 1'b0;
    else if (upd_valid && upd_ready) given_q <= 1'b1;
  end
`endif
  assign awake = run_q || spend_q || en_q != '0;      // else every signal below is 0
  always_comb begin
    is_ctl = 1'b0;
    go = 1'b0;
    waiting_o = 1'b0;
    taken = 1'b0;
    a = 32'd0;
    b = 32'd0;
    y = 32'd0;
    start_now = 1'b0;
    start_bad = 1'b0;
    fail_cur = 1'b0;
    fail_head = 1'b0;
    complete = 1'b0;
    due = 1'b0;
    upd_valid = 1'b0;
    instr_ready = 1'b0;
    fetch_pc = spc_q;
    if (awake) begin
      // A misaligned start asks for nothing and becomes an instruction with an error.
      start_now = spend_q && en_q == '0;
      start_bad = start_now && spc_q[6:0] != 7'd0;
      instr_ready = run_q && !cur_v_q && !spend_q;
      fail_cur = cur_v_q && cur_code_q != ErrOk && en_q == '0;
      complete = en_q != '0 && (ctl_q[er_q] || rn_q != '0);
      fail_head = complete && !ctl_q[er_q] && !err_q && bad_q[rr_q] != ErrOk;
`ifdef TSR_BUG_SEM_ORDER
      // Seeded bug: the update does not wait until the writes of the instruction are committed.
      due = en_q != '0 && !given_q;
`else
      due = complete;
`endif
      upd_valid = due && !err_q && !fail_head && upd.op != UpdateNone;
      if (cur_v_q && cur_code_q == ErrOk) begin
        is_ctl = cur_q.opcode <= OpcodeHalt;
        waiting_o = (cur_q.wait_cond == WaitGe && $signed(wait_value) < $signed(cur_q.wait_value)) ||
            (cur_q.wait_cond == WaitEq && wait_value != cur_q.wait_value);
        go = !waiting_o && !fail_head && en_q != (PtrW + 1)'(MaxInFlight) &&
            (en_q == '0 || !(cur_q.opcode == OpcodeDoorbell || cur_q.opcode == OpcodeDrain || cur_q.opcode == OpcodeHalt));
        if (cur_q.opcode == OpcodeAlu || cur_q.opcode == OpcodeBr) begin
          a = reg_q[RegW'(cur_q.imm1[5:0])];
          b = cur_q.use_imm ? cur_q.imm0 : reg_q[RegW'(cur_q.imm1[13:8])];
          case (cur_q.alu0)
            AluAdd: y = a + b;
            AluSub: y = a - b;
            AluMul: y = a * b;
            AluMax: y = ($signed(a) > $signed(b)) ? a : b;
            AluMin: y = ($signed(a) < $signed(b)) ? a : b;
            AluAnd: y = a & b;
            AluOr: y = a | b;
            AluXor: y = a ^ b;
            AluShl: y = a << b[4:0];
            default: y = a >> b[4:0];
          endcase
          case (cur_q.br_cond)
            BranchAlways: taken = 1'b1;
            BranchEq: taken = a == b;
            BranchNe: taken = a != b;
`ifdef TSR_BUG_BRANCH
            BranchLt: taken = a < b;
`else
            BranchLt: taken = $signed(a) < $signed(b);
`endif
            BranchGe: taken = $signed(a) >= $signed(b);
            BranchLe: taken = $signed(a) <= $signed(b);
            default: taken = $signed(a) > $signed(b);
          endcase
        end
        if (cur_q.opcode == OpcodeBr && !start_now) fetch_pc = cur_pc_q + {{17{cur_q.imm1[31]}}, cur_q.imm1[31:16], 7'd0};
      end
    end
  end
  assign wait_id = cur_q.wait_sem;
  assign issue_valid = go && !is_ctl;
  assign issue_instr = (Engine == EnginePool || Engine == EngineSp) ? '0 : cur_q;   // these two issue nothing
  assign db_valid = go && cur_q.opcode == OpcodeDoorbell;
  assign db_queue = cur_q.flags[3:0];
  assign db_count = cur_q.imm0;
  assign upd = upd_q[er_q];

  // ---- What happens in this cycle --------------------------------------------------------------------------------

  always_comb begin
    fire = 1'b0;
    branch = 1'b0;
    retire = 1'b0;
    load = 1'b0;
    fetch_redirect = 1'b0;
    fetch_stop = 1'b0;
    if (awake) begin
      fire = go && (is_ctl ? (cur_q.opcode != OpcodeDoorbell || db_ready) : issue_ready);
      branch = fire && cur_q.opcode == OpcodeBr && taken;
      retire = complete && (!upd_valid || upd_ready);
      fetch_redirect = (start_now && !start_bad) || branch;
      fetch_stop = fail_cur || fail_head || (fire && cur_q.opcode == OpcodeHalt);
      load = instr_valid && instr_ready;               // never in the cycle of a redirect: that needs cur_v or spend
    end
    active = fire || load || retire || (upd_valid && upd_ready) || fetch_stop || start_now || done_valid || start_i ||
        rec_valid_o || err_valid;
  end

  // ---- State: nothing changes unless `active` -------------------------------------------------------------------
  function automatic logic [PtrW-1:0] next(input logic [PtrW-1:0] p);
    next = (p == LastPtr) ? '0 : p + 1'b1;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {cur_v_q, run_q, halt_q, err_q, spend_q, rec_valid_o, err_valid} <= '0;
      {er_q, ew_q, rr_q, rw_q} <= '0;
      en_q <= '0;
      rn_q <= '0;
      reg_q <= '{default: 32'd0};
    end else if (active) begin
      rec_valid_o <= retire && !err_q && !fail_head;
      err_valid <= (fail_cur || fail_head) && !spend_q && !start_i;
      if (fail_cur || fail_head) begin
        err_code <= fail_head ? bad_q[rr_q] : cur_code_q;
        err_tag <= fail_head ? tag_q[er_q] : cur_q.tag;
        err_pc <= fail_head ? pc_q[er_q] : cur_pc_q;
      end
      if (fire) begin
        ctl_q[ew_q] <= is_ctl;
        upd_q[ew_q] <= '{x: cur_q.upd_x, y: cur_q.upd_y, remote: cur_q.upd_remote, value: cur_q.upd_value, op: cur_q.upd_op,
                         sem: cur_q.upd_sem};
        pc_q[ew_q] <= cur_pc_q;
        start_q[ew_q] <= cycle_i[47:0];
        tag_q[ew_q] <= cur_q.tag;
        op_q[ew_q] <= cur_q.opcode;
        ew_q <= next(ew_q);
        cur_v_q <= 1'b0;
        if (cur_q.opcode == OpcodeMovi) reg_q[RegW'(cur_q.rd)] <= cur_q.imm0;
        if (cur_q.opcode == OpcodeAlu) reg_q[RegW'(cur_q.rd)] <= y;
      end
      if (load) begin
        // The instruction before has fired, so its register is written.
        cur_v_q <= 1'b1;
        cur_q <= instr;
        cur_q.dst <= resolve(instr.dst, reg_q[RegW'(instr.dst.areg)]);
        cur_q.src0 <= resolve(instr.src0, reg_q[RegW'(instr.src0.areg)]);
        cur_q.src1 <= resolve(instr.src1, reg_q[RegW'(instr.src1.areg)]);
        cur_pc_q <= instr_pc;
        cur_code_q <= decode(instr, mesh_x_i, mesh_y_i);
        if (instr_err) begin
          cur_code_q <= (instr_pc > HbmLast) ? ErrAddress : ErrAxi;
          cur_q.tag <= 16'd0;
        end
      end
      if (done_valid) begin
        sum_q[rw_q] <= done_checksum;
        bad_q[rw_q] <= done_err;
        rw_q <= next(rw_q);
      end
      if (retire) begin
        rec_data_o <= '{checksum: ctl_q[er_q] ? 32'd0 : sum_q[rr_q], end_cycle: cycle_i[47:0], start_cycle: start_q[er_q],
                        tag: tag_q[er_q], opcode: op_q[er_q]};
        er_q <= next(er_q);
        if (!ctl_q[er_q]) rr_q <= next(rr_q);
      end
      en_q <= en_q + (PtrW + 1)'(fire) - (PtrW + 1)'(retire);
      rn_q <= rn_q + (PtrW + 1)'(done_valid) - (PtrW + 1)'(retire && !ctl_q[er_q]);
      if (fetch_stop) begin
        run_q <= 1'b0;
        cur_v_q <= 1'b0;
        if (fail_cur || fail_head) err_q <= 1'b1;
        else halt_q <= 1'b1;
      end
      if (start_i) begin
        spend_q <= 1'b1;
        spc_q <= start_pc_i;
        run_q <= 1'b0;
        cur_v_q <= 1'b0;
      end else if (start_now) begin
        {spend_q, halt_q, err_q} <= '0;
        run_q <= 1'b1;
        if (start_bad) begin
          cur_v_q <= 1'b1;
          cur_code_q <= ErrAddress;
          cur_q.tag <= 16'd0;
          cur_pc_q <= spc_q;
        end
      end
    end
  end

  // ---- Status: semaphore and value count while waiting ---------------------------------------------------------
  assign running_o = awake;
  assign halted_o = halt_q && !running_o;
  assign wait_sem_o = cur_q.wait_sem;
  assign wait_value_o = cur_q.wait_value;
  // The instruction that waits for its semaphore, else the oldest one that is not complete.
  assign head_tag_o = (en_q != '0 && !waiting_o) ? tag_q[er_q] : cur_v_q ? cur_q.tag : 16'd0;
  assign quiet_o = rst_ni && !active;

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      if (done_valid) DoneOfAnInstruction_A: assert (rn_q < en_q);
      if (cur_v_q) TakenWhileRunning_A: assert (run_q && !spend_q);
    end
  end
`endif
endmodule
