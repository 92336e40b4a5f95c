// SPDX-License-Identifier: Apache-2.0
/// Arithmetic of one processing element: p' = fmaf(x, w, p), rule R1, on recoded operands.
///
/// Operands are recoded once at the edge of the array, so that no PE sees a subnormal or an
/// encoding:
///
///   22       11 10        1   0
///   | sig[11:0] | exp[9:0] | sign |  value = sig / 2^11 x 2^(exp - 24 - 127); sig has bit 11 set
///
///   zero: sig 0, exp 0.  Inf: sig 800h, exp 1023.  NaN: sig 0, exp 1023.
///
/// Twelve bits of significand hold any format up to half of an FP32 operand; BF16 fills the upper
/// eight.
/// Both functions are branch-free, every temporary is exactly 32 bits and flags are selected, never
/// returned as one bit: a loop over lanes then stays a vector loop in simulation. Values are masked
/// to their true width where synthesis cannot know it.
package tsr_pe_pkg;
  import tsr_types_pkg::*;
  import tsr_fp_pkg::*;

  /// Goes through the array with a moving column and says what becomes of its sums.
  typedef struct packed {
    logic              first;                             // first column with new weights
    logic              last;                              // last column of its MATMUL
    logic              acc;                               // add to PSUM
    logic [PsumAw-1:0] addr;                              // word in PSUM
  } token_t;

  localparam int unsigned PeW = 23;                       // recoded operand
  localparam logic [22:0] PePlusZero = 23'd0;             // weight of a row that takes no part
  // moving operand of such a row: p + (-0 x +0) = p, also for -0
  localparam logic [31:0] PeMinusZero = 32'd1;

  localparam logic [31:0] SignBit = 32'h80000000;

  // exp of Inf and NaN, and of any product with one
  localparam logic [31:0] ExpSpecial = 32'd1023;
  localparam logic [31:0] ExpBf16 = 32'd24;               // exp = biased exponent + 24
  /// The product's exponent stands 175 above that of a binary32 with its significand at bit 23:
  /// 2 x (24 + 127) for the operands, less 127.
  localparam logic [31:0] ExpProduct = 32'd175;

  // ---- Recoding ---------------------------------------------------------------------------------

  /// BF16 code in bits 15:0 (the rest 0) to a recoded operand in bits 22:0. NaN payloads are
  /// dropped.
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

  // ---- Multiply-add -----------------------------------------------------------------------------

  /// All ones when a < b, both below 2^31. Conditions as masks: no compiler makes a branch of them.
  function automatic logic [31:0] pe_less(input logic [31:0] a, input logic [31:0] b);
    pe_less = 32'd0 - ((a - b) >> 31);
  endfunction

  /// RNE32(a x b + c) with one rounding: fmaf with NaN as 7FC00000. a and b recoded (bits 22:0), c
  /// binary32.
  /// Shifts by constants stand for masks where they can: a vector loop in simulation keeps few
  /// constants in registers.
  function automatic logic [31:0] pe_mac(input logic [31:0] a, input logic [31:0] b,
                                         input logic [31:0] c);
    logic [31:0] pp, ps, ep, diff, special, cm, ec, cs, sub, eh, mh, ml, sg, d, mask, al, n, neg;
    logic [31:0] q, t, sh, room, r, big, y;

    // Product: 24 bits, then normalised to bit 26: the addition works with three places below the
    // significand.
    pp = (a >> 11) * (b >> 11);
    t = 32'd4 - (pp >> 23);
    ps = pp << t[4:0];
    // biased exponent + ExpProduct
    ep = ((a >> 1) & 32'h3ff) + ((b >> 1) & 32'h3ff) + (pp >> 23);
    // bit 31: signs of product and addend differ
    diff = ((a ^ b) << 31) ^ c;
    // Only Inf and NaN operands reach ExpSpecial; a zero significand then means NaN, or Inf x 0.
    mask = (pp == 32'd0) ? 32'hffffffff : 32'd0;
    special = (Fp32Inf | (mask & 32'h00400000)) & ~pe_less(ep, ExpSpecial);
    ep = ep & ~mask;

    // Addend: significand with hidden bit at 26, exponent on the product's scale.
    cm = c & 32'h7fffffff;
    ec = cm >> 23;
    t = (ec > 32'd1) ? 32'd1 : ec;
    cs = ((c << 9) >> 6) | (t << 26);
    ec = ((ec > 32'd1) ? ec : 32'd1) + ExpProduct;

    // Align the one with the smaller exponent; its last place is sticky. Beyond 27 places all of it
    // is.
    eh = (ep > ec) ? ep : ec;
    d = (ep > ec) ? ec : ep;
    d = (eh - d) & 32'h3ff;
    d = (d > 32'd27) ? 32'd27 : d;
    mask = pe_less(ec, ep);                               // the product has the larger exponent
    t = (ps ^ cs) & mask;
    mh = cs ^ t;
    ml = ps ^ t;
    sg = (c ^ (diff & mask)) & SignBit;
    sub = 32'd0 - (diff >> 31);                           // all ones: opposite signs
    mask = ~(32'hffffffff << d[4:0]);
    t = ((ml & mask) != 32'd0) ? 32'd1 : 32'd0;
    al = (ml >> d[4:0]) | t;

    // Add or subtract: a 28-bit magnitude. Negative only with equal exponents or a subnormal
    // addend.
    n = mh + ((al ^ sub) - sub);
    // all ones: the smaller exponent had the larger magnitude
    neg = 32'd0 - (n >> 31);
    n = ((n ^ neg) - neg) & 32'h0fffffff;
    sg = sg ^ (neg & SignBit);

    // Normalise to bit 27; the exponent limits the shift, which is gradual underflow. (x - 1) >>
    // 31: x is 0.
    q = n;
    t = (((q >> 12) - 32'd1) >> 31) << 4; q = q << t[4:0]; sh = t;
    t = (((q >> 20) - 32'd1) >> 31) << 3; q = q << t[4:0]; sh = sh | t;
    t = (((q >> 24) - 32'd1) >> 31) << 2; q = q << t[4:0]; sh = sh | t;
    t = (((q >> 26) - 32'd1) >> 31) << 1; q = q << t[4:0]; sh = sh | t;
    t = ((q >> 27) - 32'd1) >> 31;        sh = sh | t;
    room = (eh - ExpProduct) & 32'h3ff;
    sh = (sh > room) ? room : sh;
    q = (n << sh[4:0]) & 32'h0fffffff;

    // Round half to even and pack: the hidden bit is added to the exponent, which absorbs the
    // carry.
    r = (q + 32'd7 + ((q >> 4) & 32'd1)) >> 4;
    r = (((room - sh) & 32'h1ff) << 23) + r;
    r = (r > Fp32Inf) ? Fp32Inf : r;
    t = sg & ~sub;                                        // exact cancellation is +0
    y = (n == 32'd0) ? t : (r | sg);

    // Inf and NaN: the larger magnitude wins; NaN above Inf, and two opposite Inf (the limit then
    // is Inf - 1) make a NaN.
    sg = (c ^ (diff & pe_less(cm, special))) & SignBit;
    big = (special > cm) ? special : cm;
    y = y ^ ((y ^ (big | sg)) & ~pe_less(big, Fp32Inf));
    t = ((special == cm) ? sub : 32'd0) + Fp32Inf;
    mask = pe_less(t, big);
    pe_mac = (y & ~mask) | (Fp32Nan & mask);
  endfunction
endpackage
