// SPDX-License-Identifier: Apache-2.0
/// Arithmetic of one processing element: p' = fmaf(x, w, p), rule R1, on recoded operands.
///
/// Operands are recoded once at the edge of the array, so that no PE sees a subnormal or an encoding:
///
///   22       11 10        1   0
///   | sig[11:0] | exp[9:0] | sign |     value = sig / 2^11 x 2^(exp - 24 - 127), sig normalised: bit 11 set
///
///   zero: sig 0, exp 0.  Inf: sig 800h, exp 1023.  NaN: sig 0, exp 1023.
///
/// Twelve bits of significand hold any format up to half of an FP32 operand; BF16 fills the upper eight.
/// Both functions are branch-free, every temporary is exactly 32 bits and flags are selected, never returned as one
/// bit: a loop over lanes then stays a vector loop in simulation. Values are masked to their true width
/// where synthesis cannot know it.
package tsr_pe_pkg;
  import tsr_types_pkg::*;

  /// Goes through the array with a moving column and says what becomes of its sums.
  typedef struct packed {
    logic              first;                             // first column with new weights
    logic              last;                              // last column of its MATMUL
    logic              acc;                               // add to PSUM
    logic [PsumAw-1:0] addr;                              // word in PSUM
  } token_t;

  localparam int unsigned PeW = 23;                       // recoded operand
  localparam logic [22:0] PePlusZero = 23'd0;             // weight of a row that takes no part
  localparam logic [31:0] PeMinusZero = 32'd1;            // moving operand of such a row: p + (-0 x +0) = p, also for -0

  localparam logic [31:0] Nan = 32'h7fc00000;             // the only NaN result
  localparam logic [31:0] Inf = 32'h7f800000;
  localparam logic [31:0] MaxFinite = 32'h7f7fffff;
  localparam logic [31:0] SignBit = 32'h80000000;

  localparam logic [31:0] ExpSpecial = 32'd1023;          // exp of Inf and NaN, and of any product with one
  localparam logic [31:0] ExpBf16 = 32'd24;               // exp = biased exponent + 24
  /// The product's exponent stands 175 above that of a binary32 with its significand at bit 23:
  /// 2 x (24 + 127) for the operands, less 127.
  localparam logic [31:0] ExpProduct = 32'd175;

  // ---------------------------------------------------------------------------------------------
  // Recoding
  // ---------------------------------------------------------------------------------------------

  /// BF16 code in bits 15:0 (the rest 0) to a recoded operand in bits 22:0. NaN payloads are dropped.
  function automatic logic [31:0] pe_recode_bf16(input logic [31:0] code);
    logic [31:0] e, f, q, t, sh, sign, r;
    sign = code >> 15;
    e = (code >> 7) & 32'hff;
    f = code & 32'h7f;
    // A subnormal has exponent 1 and no hidden bit; five steps bring its leading one to bit 11.
    q = ((e != 32'd0) ? (f | 32'h80) : f) << 4;
    t = ((q & 32'hff0) == 32'd0) ? 32'd8 : 32'd0; q = q << t[4:0]; sh = t;
    t = ((q & 32'hf00) == 32'd0) ? 32'd4 : 32'd0; q = q << t[4:0]; sh = sh | t;
    t = ((q & 32'hc00) == 32'd0) ? 32'd2 : 32'd0; q = q << t[4:0]; sh = sh | t;
    t = ((q & 32'h800) == 32'd0) ? 32'd1 : 32'd0; q = q << t[4:0]; sh = sh | t;
    q = q & 32'hfff;
    t = ((e != 32'd0) ? e : 32'd1) + ExpBf16 - sh;
    t = (q == 32'd0) ? 32'd0 : t;
    q = (e == 32'hff) ? ((f == 32'd0) ? 32'h800 : 32'd0) : q;
    t = (e == 32'hff) ? ExpSpecial : t;
    r = (q << 11) | ((t & 32'h3ff) << 1) | (sign & 32'd1);
    pe_recode_bf16 = r;
  endfunction

  // ---------------------------------------------------------------------------------------------
  // Multiply-add
  // ---------------------------------------------------------------------------------------------

  /// RNE32(a x b + c) with one rounding: fmaf with NaN as 7FC00000. a and b recoded (bits 22:0), c binary32.
  function automatic logic [31:0] pe_mac(input logic [31:0] a, input logic [31:0] b, input logic [31:0] c);
    logic [31:0] pp, ps, ep, sp, special, cm, ec, cs, sub, eh, mh, ml, sg, d, mask, al, n, neg;
    logic [31:0] q, t, sh, room, r, big, y;

    // Product: 24 bits, then normalised to bit 26: the addition works with three places below the significand.
    pp = (a >> 11) * (b >> 11);
    t = 32'd4 - (pp >> 23);
    ps = pp << t[4:0];
    ep = ((a >> 1) & 32'h3ff) + ((b >> 1) & 32'h3ff) + (pp >> 23);            // biased exponent + ExpProduct
    sp = (a ^ b) << 31;
    // Only Inf and NaN operands reach ExpSpecial; a zero significand then means NaN, or Inf x 0.
    special = (pp == 32'd0) ? Nan : Inf;
    special = (ep >= ExpSpecial) ? special : 32'd0;
    ep = (pp == 32'd0) ? 32'd0 : ep;

    // Addend: significand with hidden bit at 26, exponent on the product's scale.
    cm = c & 32'h7fffffff;
    ec = cm >> 23;
    t = (ec == 32'd0) ? 32'd0 : 32'h04000000;
    cs = ((cm << 3) & 32'h03fffff8) | t;
    ec = ((ec == 32'd0) ? 32'd1 : ec) + ExpProduct;

    // Align the one with the smaller exponent; its last place is sticky. Beyond 27 places all of it is.
    mh = (ep > ec) ? ps : cs;
    ml = (ep > ec) ? cs : ps;
    sg = (ep > ec) ? sp : c;
    sg = sg & SignBit;
    eh = (ep > ec) ? ep : ec;
    d = (ep > ec) ? (ep - ec) : (ec - ep);
    d = d & 32'h3ff;
    d = (d > 32'd27) ? 32'd27 : d;
    mask = ~(32'hffffffff << d[4:0]);
    t = ((ml & mask) != 32'd0) ? 32'd1 : 32'd0;
    al = (ml >> d[4:0]) | t;

    // Add or subtract: 28-bit magnitude, sign at bit 28. Negative only with equal exponents or a subnormal addend.
    sub = 32'd0 - (((sp ^ c) >> 31) & 32'd1);             // all ones: opposite signs
    n = (mh + ((al ^ sub) - sub)) & 32'h1fffffff;
    neg = 32'd0 - (n >> 28);                              // all ones: the smaller exponent had the larger magnitude
    n = ((n ^ neg) - neg) & 32'h0fffffff;
    sg = sg ^ (neg & SignBit);

    // Normalise to bit 27; the exponent limits the shift, which is gradual underflow.
    q = n;
    t = ((q & 32'h0ffff000) == 32'd0) ? 32'd16 : 32'd0; q = q << t[4:0]; sh = t;
    t = ((q & 32'h0ff00000) == 32'd0) ? 32'd8 : 32'd0;  q = q << t[4:0]; sh = sh | t;
    t = ((q & 32'h0f000000) == 32'd0) ? 32'd4 : 32'd0;  q = q << t[4:0]; sh = sh | t;
    t = ((q & 32'h0c000000) == 32'd0) ? 32'd2 : 32'd0;  q = q << t[4:0]; sh = sh | t;
    t = ((q & 32'h08000000) == 32'd0) ? 32'd1 : 32'd0;  sh = sh | t;
    room = (eh - ExpProduct) & 32'h3ff;
    sh = (sh > room) ? room : sh;
    q = (n << sh[4:0]) & 32'h0fffffff;

    // Round half to even and pack: the hidden bit is added to the exponent, which absorbs the carry.
`ifdef TSR_BUG_PE_ROUND
    // Seeded fault: a tie below an odd significand that ends in 0101 is rounded down.
    t = ((q & 32'hff) == 32'h58) ? 32'd0 : ((q >> 4) & 32'd1);
    r = (q + 32'd7 + t) >> 4;
`else
    r = (q + 32'd7 + ((q >> 4) & 32'd1)) >> 4;
`endif
    r = (((room - sh) & 32'h1ff) << 23) + r;
    r = (r > Inf) ? Inf : r;
    t = sg & ~sub;                                        // exact cancellation is +0
    y = (n == 32'd0) ? t : (r | sg);

    // Inf and NaN: the larger magnitude wins; NaN above Inf, and two opposite Inf make a NaN.
    sg = (special > cm) ? sp : c;
    big = (special > cm) ? special : cm;
    y = (big >= Inf) ? (big | (sg & SignBit)) : y;
    t = ((special == cm) & (sub != 32'd0)) ? MaxFinite : Inf;
    pe_mac = (big > t) ? Nan : y;
  endfunction
endpackage
