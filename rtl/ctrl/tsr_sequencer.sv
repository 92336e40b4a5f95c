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
    /* verilator lint_off UNUSEDSIGNAL */
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
  localparam logic [39:0] HbmLast = 40'(HbmBytes - 64'(InstrBytes));   // last address of an instruction
  typedef struct packed {logic ctl; logic [39:0] pc; logic [47:0] start; sem_upd_t upd; logic [15:0] tag; logic [7:0] op;} ent_t;
  ent_t ent_q [MaxInFlight];
  logic [35:0] res_q [MaxInFlight];               // results of data instructions: err, checksum
  logic [PtrW-1:0] er_q, ew_q, rr_q, rw_q;
  logic [PtrW:0] en_q, rn_q;
  logic [31:0] reg_q [NumRegs];
  instr_t cur_q;
  logic [39:0] cur_pc_q, spc_q;
  logic cur_v_q, cur_ferr_q, run_q, halt_q, err_q, spend_q, far, no_reg, no_sem;
  ent_t head;
  logic is_ctl, ok, go, complete, fire, retire, fail_head, fail_cur, allowed, rsv, taken;
  logic [31:0] a, b, y;
  logic [3:0] code;

  function automatic logic no_such_reg(input logic [5:0] n);
    no_such_reg = 32'(n) >= NumRegs;
  endfunction

  // ---- decode ----
  always_comb begin
    is_ctl = cur_q.opcode <= OpcodeHalt;
    allowed = is_ctl || (Engine == EnginePe && (cur_q.opcode == OpcodeLdweights || cur_q.opcode == OpcodeMatmul)) ||
        (Engine == EngineAct && cur_q.opcode == OpcodeActivate) ||
        (Engine == EngineDve && cur_q.opcode >= OpcodeTensorCopy && cur_q.opcode <= OpcodeTensorReduce);
    rsv = |{cur_q.rsv0, cur_q.rsv1, cur_q.rsv2, cur_q.dst.rsv0, cur_q.dst.rsv1, cur_q.dst.rsv2, cur_q.src0.rsv0,
            cur_q.src0.rsv1, cur_q.src0.rsv2, cur_q.src1.rsv0, cur_q.src1.rsv1, cur_q.src1.rsv2} ||
        cur_q.wait_cond > WaitEq || cur_q.upd_op > UpdateDec ||
        (cur_q.opcode == OpcodeAlu && cur_q.alu0 > AluShr) || (cur_q.opcode == OpcodeBr && cur_q.br_cond > BranchGt);
    no_reg = (cur_q.dst.areg_en && no_such_reg(cur_q.dst.areg)) || (cur_q.src0.areg_en && no_such_reg(cur_q.src0.areg)) ||
        (cur_q.src1.areg_en && no_such_reg(cur_q.src1.areg)) ||
        ((cur_q.opcode == OpcodeMovi || cur_q.opcode == OpcodeAlu) && no_such_reg(cur_q.rd)) ||
        ((cur_q.opcode == OpcodeBr || cur_q.opcode == OpcodeAlu) &&
         (no_such_reg(cur_q.imm1[5:0]) || (!cur_q.use_imm && no_such_reg(cur_q.imm1[13:8]))));
    no_sem = (cur_q.wait_cond != WaitNone && 32'(cur_q.wait_sem) >= NumSems) ||
        (cur_q.upd_op != UpdateNone && 32'(cur_q.upd_sem) >= NumSems);
    far = cur_q.upd_op != UpdateNone && cur_q.upd_remote && (cur_q.upd_x > mesh_x_i || cur_q.upd_y > mesh_y_i);
    if (cur_ferr_q) code = (cur_pc_q[6:0] != 7'd0 || cur_pc_q > HbmLast) ? ErrAddress : ErrAxi;
    else if (!allowed) code = ErrOpcode;
    else if (rsv || no_reg || no_sem) code = ErrField;
    else if (far) code = ErrTile;
    else if (cur_q.opcode == OpcodeDoorbell && 32'(cur_q.flags[3:0]) >= NumQueues) code = ErrQueue;
    else code = ErrOk;
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

  // ---- issue and retirement ----
  assign head = ent_q[er_q];
  assign ok = cur_q.wait_cond == WaitNone || (cur_q.wait_cond == WaitGe && $signed(wait_value) >= $signed(cur_q.wait_value)) ||
      (cur_q.wait_cond == WaitEq && wait_value == cur_q.wait_value);
  assign go = cur_v_q && run_q && code == ErrOk && ok && en_q != (PtrW + 1)'(MaxInFlight) &&
      (en_q == '0 || !(cur_q.opcode == OpcodeDoorbell || cur_q.opcode == OpcodeDrain || cur_q.opcode == OpcodeHalt));
  assign issue_valid = go && !is_ctl;
  assign db_valid = go && cur_q.opcode == OpcodeDoorbell;
  assign fire = go && (is_ctl ? (cur_q.opcode != OpcodeDoorbell || db_ready) : issue_ready);
  assign fail_cur = cur_v_q && run_q && code != ErrOk && en_q == '0;
  assign fail_head = en_q != '0 && !head.ctl && rn_q != '0 && res_q[rr_q][35:32] != ErrOk && !err_q;
  assign complete = en_q != '0 && (head.ctl || rn_q != '0);
`ifdef TSR_BUG_SEM_ORDER
  // Seeded bug: the update does not wait until the writes of the instruction are committed.
  logic given_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || retire) given_q <= 1'b0;
    else if (upd_valid && upd_ready) given_q <= 1'b1;
  end
  assign upd_valid = en_q != '0 && !err_q && !fail_head && !given_q && head.upd.op != UpdateNone;
`else
  assign upd_valid = complete && !err_q && !fail_head && head.upd.op != UpdateNone;
`endif
  assign upd = head.upd;
  assign retire = complete && (!upd_valid || upd_ready);
  assign wait_id = cur_q.wait_sem;
  assign instr_ready = run_q && !cur_v_q && !spend_q;
  always_comb begin
    issue_instr = cur_q;
    if (cur_q.dst.areg_en) issue_instr.dst.offset = cur_q.dst.offset + reg_q[RegW'(cur_q.dst.areg)];
    if (cur_q.src0.areg_en) issue_instr.src0.offset = cur_q.src0.offset + reg_q[RegW'(cur_q.src0.areg)];
    if (cur_q.src1.areg_en) issue_instr.src1.offset = cur_q.src1.offset + reg_q[RegW'(cur_q.src1.areg)];
    issue_instr.dst.areg_en = 1'b0;
    issue_instr.src0.areg_en = 1'b0;
    issue_instr.src1.areg_en = 1'b0;
  end
  assign db_queue = cur_q.flags[3:0];
  assign db_count = cur_q.imm0;
  logic start_now, start_bad, branch;
  assign start_now = spend_q && en_q == '0;
  assign start_bad = start_now && spc_q[6:0] != 7'd0;  // asks for nothing, becomes an instruction with an error
  assign branch = fire && cur_q.opcode == OpcodeBr && taken;
  assign fetch_redirect = (start_now && !start_bad) || branch;
  assign fetch_pc = start_now ? spc_q : cur_pc_q + {{17{cur_q.imm1[31]}}, cur_q.imm1[31:16], 7'd0};
  assign fetch_stop = fail_cur || fail_head || (fire && cur_q.opcode == OpcodeHalt);

  always_ff @(posedge clk_i) begin
    if (retire)
      rec_data_o <= '{checksum: head.ctl ? 32'd0 : res_q[rr_q][31:0], end_cycle: cycle_i[47:0], start_cycle: head.start,
                      tag: head.tag, opcode: head.op};
    if (!rst_ni) begin
      {cur_v_q, run_q, halt_q, err_q, spend_q, rec_valid_o, err_valid} <= '0;
      {er_q, ew_q, rr_q, rw_q} <= '0;
      en_q <= '0;
      rn_q <= '0;
      for (int unsigned r = 0; r < NumRegs; r++) reg_q[r] <= 32'd0;
    end else begin
      rec_valid_o <= retire && !err_q && !fail_head;
      err_valid <= (fail_cur || fail_head) && !spend_q && !start_i;
      if (fail_cur || fail_head) begin
        err_code <= fail_head ? res_q[rr_q][35:32] : code;
        err_tag <= fail_head ? head.tag : cur_ferr_q ? 16'd0 : cur_q.tag;
        err_pc <= fail_head ? head.pc : cur_pc_q;
      end
      if (fire) begin
        ent_q[ew_q] <= '{ctl: is_ctl, pc: cur_pc_q, start: cycle_i[47:0], tag: cur_q.tag, op: cur_q.opcode,
            upd: '{x: cur_q.upd_x, y: cur_q.upd_y, remote: cur_q.upd_remote, value: cur_q.upd_value, op: cur_q.upd_op, sem: cur_q.upd_sem}};
        ew_q <= (ew_q == PtrW'(MaxInFlight - 1)) ? '0 : ew_q + 1'b1;
        cur_v_q <= 1'b0;
        if (cur_q.opcode == OpcodeMovi) reg_q[RegW'(cur_q.rd)] <= cur_q.imm0;
        if (cur_q.opcode == OpcodeAlu) reg_q[RegW'(cur_q.rd)] <= y;
      end
      if (instr_valid && instr_ready && !fetch_redirect) begin
        cur_v_q <= 1'b1;
        cur_q <= instr;
        cur_pc_q <= instr_pc;
        cur_ferr_q <= instr_err;
      end
      if (done_valid) begin
        res_q[rw_q] <= {done_err, done_checksum};
        rw_q <= (rw_q == PtrW'(MaxInFlight - 1)) ? '0 : rw_q + 1'b1;
      end
      if (retire) begin
        er_q <= (er_q == PtrW'(MaxInFlight - 1)) ? '0 : er_q + 1'b1;
        if (!head.ctl) rr_q <= (rr_q == PtrW'(MaxInFlight - 1)) ? '0 : rr_q + 1'b1;
      end
      en_q <= en_q + (PtrW + 1)'(fire) - (PtrW + 1)'(retire);
      rn_q <= rn_q + (PtrW + 1)'(done_valid) - (PtrW + 1)'(retire && !head.ctl);
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
          cur_ferr_q <= 1'b1;
          cur_pc_q <= spc_q;
        end
      end
    end
  end

  // ---- status ----
  assign running_o = run_q || spend_q || en_q != '0;
  assign halted_o = halt_q && !running_o;
  assign waiting_o = cur_v_q && run_q && code == ErrOk && !ok;
  assign wait_sem_o = waiting_o ? cur_q.wait_sem : 8'd0;
  assign wait_value_o = waiting_o ? cur_q.wait_value : 32'd0;
  // The instruction that waits for its semaphore, else the oldest one that is not complete.
  assign head_tag_o = waiting_o ? cur_q.tag : en_q != '0 ? head.tag : (cur_v_q && !cur_ferr_q) ? cur_q.tag : 16'd0;
  assign quiet_o = rst_ni && !fire && !retire && !(upd_valid && upd_ready) && !fetch_stop && !(instr_valid && instr_ready) && !done_valid && !start_i &&
      !start_now && !rec_valid_o && !err_valid;
endmodule
