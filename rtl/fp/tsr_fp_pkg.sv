// SPDX-License-Identifier: Apache-2.0
/// Binary32 arithmetic and casts, one lane per call: round to nearest even, gradual underflow,
/// every NaN result the canonical quiet NaN of its type (7FC00000, in bfloat16 7FC0).
///
/// All functions are combinational and branch-free. Every temporary is 32 bits wide (fp32_fma: also
/// 64) and every condition selects between two values, so that a loop over lanes stays a vector
/// loop in simulation; differences are masked to their true width where synthesis cannot know it.
///
/// Rounding, common to all: q holds the significand with its hidden bit at 27 and four bits below
/// the last place, the lowest one sticky. `(q + 7 + q[4]) >> 4` rounds; adding the exponent field
/// to it with the hidden bit included absorbs the carry and makes subnormal results need no case of
/// their own.
package tsr_fp_pkg;
  import tsr_isa_pkg::*;

  localparam logic [31:0] Fp32Nan = 32'h7fc00000;  // canonical quiet NaN
  localparam logic [31:0] Fp32Inf = 32'h7f800000;

  // ---- Addition ---------------------------------------------------------------------------------

  /// a + b, exactly the host's float addition apart from the NaN code.
  function automatic logic [31:0] fp32_add(input logic [31:0] a, input logic [31:0] b);
    logic [31:0] ma, mb, hi, lo, eh, el, sh, sl, d, sub, sg, n, q, t, lz, r, y;
    ma = a & 32'h7fffffff;
    mb = b & 32'h7fffffff;
    // larger magnitude: the difference is never negative
    hi = (ma >= mb) ? a : b;
    lo = (ma >= mb) ? b : a;
    sg = hi & 32'h80000000;
    sub = (a ^ b) & 32'h80000000;
    eh = (hi >> 23) & 32'hff;
    el = (lo >> 23) & 32'hff;
    sh = (hi & 32'h007fffff) | ((eh != 32'd0) ? 32'h00800000 : 32'd0);
    sl = (lo & 32'h007fffff) | ((el != 32'd0) ? 32'h00800000 : 32'd0);
    eh = (eh != 32'd0) ? eh : 32'd1;
    el = (el != 32'd0) ? el : 32'd1;
    d = eh - el;                                   // 0 .. 254
    d = (d > 32'd27) ? 32'd27 : d;
    sh = sh << 3;
    sl = sl << 3;
    t = ~(32'hffffffff << d[4:0]);
    t = ((sl & t) != 32'd0) ? 32'd1 : 32'd0;
    sl = (sl >> d[4:0]) | t;
    n = (sub != 32'd0) ? (sh - sl) : (sh + sl);
    n = n & 32'h0fffffff;                          // 28 bits
    q = n;
    t = ((q & 32'h0ffff000) == 32'd0) ? 32'd16 : 32'd0; q = q << t[4:0]; lz = t;
    t = ((q & 32'h0ff00000) == 32'd0) ? 32'd8  : 32'd0; q = q << t[4:0]; lz = lz | t;
    t = ((q & 32'h0f000000) == 32'd0) ? 32'd4  : 32'd0; q = q << t[4:0]; lz = lz | t;
    t = ((q & 32'h0c000000) == 32'd0) ? 32'd2  : 32'd0; q = q << t[4:0]; lz = lz | t;
    t = ((q & 32'h08000000) == 32'd0) ? 32'd1  : 32'd0; lz = lz | t;
    lz = (lz > eh) ? eh : lz;                      // gradual underflow stops the normalisation
    q = (n << lz[4:0]) & 32'h0fffffff;
    r = (q + 32'd7 + ((q >> 4) & 32'd1)) >> 4;
    r = (((eh - lz) & 32'h1ff) << 23) + r;
    r = (r > Fp32Inf) ? Fp32Inf : r;
    t = (sub != 32'd0) ? 32'd0 : sg;               // x - x = +0, -0 + -0 = -0
    y = (n == 32'd0) ? t : (r | sg);
    hi = hi & 32'h7fffffff;
    lo = lo & 32'h7fffffff;
    y = (hi == Fp32Inf) ? (Fp32Inf | sg) : y;
    t = ((lo == Fp32Inf) & (sub != 32'd0)) ? 32'h7f7fffff : Fp32Inf;   // Inf - Inf
    fp32_add = (hi > t) ? Fp32Nan : y;
  endfunction

  /// a - b.
  function automatic logic [31:0] fp32_sub(input logic [31:0] a, input logic [31:0] b);
    fp32_sub = fp32_add(a, b ^ 32'h80000000);
  endfunction

  // ---- Multiplication ---------------------------------------------------------------------------

  /// Left shift that brings the leading one of a 24-bit value to bit 23 (24 .. 31 mean zero).
  function automatic logic [31:0] fp_lead24(input logic [31:0] v);
    logic [31:0] q, t, lz;
    q = v;
    t = ((q & 32'h00ffff00) == 32'd0) ? 32'd16 : 32'd0; q = q << t[4:0]; lz = t;
    t = ((q & 32'h00ff0000) == 32'd0) ? 32'd8  : 32'd0; q = q << t[4:0]; lz = lz | t;
    t = ((q & 32'h00f00000) == 32'd0) ? 32'd4  : 32'd0; q = q << t[4:0]; lz = lz | t;
    t = ((q & 32'h00c00000) == 32'd0) ? 32'd2  : 32'd0; q = q << t[4:0]; lz = lz | t;
    t = ((q & 32'h00800000) == 32'd0) ? 32'd1  : 32'd0; lz = lz | t;
    fp_lead24 = lz;
  endfunction

  /// a x b, exactly the host's float multiplication apart from the NaN code.
  function automatic logic [31:0] fp32_mul(input logic [31:0] a, input logic [31:0] b);
    logic [31:0] ma, mb, ea, eb, fa, fb, z, sg, e, d, ph, pm, pl, t, q, r, y;
    ma = a & 32'h7fffffff;
    mb = b & 32'h7fffffff;
    sg = (a ^ b) & 32'h80000000;
    ea = ma >> 23;
    eb = mb >> 23;
    fa = (ma & 32'h007fffff) | ((ea != 32'd0) ? 32'h00800000 : 32'd0);
    fb = (mb & 32'h007fffff) | ((eb != 32'd0) ? 32'h00800000 : 32'd0);
    ea = (ea != 32'd0) ? ea : 32'd1;
    eb = (eb != 32'd0) ? eb : 32'd1;
    t = fp_lead24(fa); fa = (fa << t[4:0]) & 32'h00ffffff; ea = ea - t;
    t = fp_lead24(fb); fb = (fb << t[4:0]) & 32'h00ffffff; eb = eb - t;
    // 24 x 24 bits from four 12 x 12 products: 48 bits = {ph[23:0], pl[23:0]}
    ph = (fa >> 12) * (fb >> 12);
    pm = (fa >> 12) * (fb & 32'hfff) + (fa & 32'hfff) * (fb >> 12);
    pl = (fa & 32'hfff) * (fb & 32'hfff) + ((pm & 32'hfff) << 12);
    ph = (ph + (pm >> 12) + (pl >> 24)) & 32'h00ffffff;
    pl = pl & 32'h00ffffff;
    t = ((pl & 32'h000fffff) != 32'd0) ? 32'd1 : 32'd0;
    q = (ph << 4) | (pl >> 20) | t;                // 28 bits, leading one at 27 or 26
    t = ((q & 32'h08000000) == 32'd0) ? 32'd1 : 32'd0;
    q = q << t[4:0];
    e = ea + eb - 32'd126 - t + 32'd512;           // exponent field + 512: never negative
    d = (e < 32'd513) ? (32'd513 - e) : 32'd0;     // right shift of a subnormal result
    d = (d > 32'd29) ? 32'd29 : d;
    e = (e < 32'd513) ? 32'd513 : e;
    t = ~(32'hffffffff << d[4:0]);
    t = ((q & t) != 32'd0) ? 32'd1 : 32'd0;
    q = (q >> d[4:0]) | t;
    r = (q + 32'd7 + ((q >> 4) & 32'd1)) >> 4;
    e = (e - 32'd513) & 32'h3ff;
    e = (e > 32'd254) ? 32'd254 : e;               // overflow: 254 + hidden bit = Inf field
    r = (e << 23) + r;
    r = (r > Fp32Inf) ? Fp32Inf : r;
    y = ((ma == 32'd0) | (mb == 32'd0)) ? 32'd0 : r;
    z = (ma > mb) ? ma : mb;                       // larger and smaller magnitude
    t = (ma > mb) ? mb : ma;
    y = (z == Fp32Inf) ? Fp32Inf : y;
    t = (t == 32'd0) ? 32'h7f7fffff : Fp32Inf;     // 0 x Inf
    fp32_mul = (z > t) ? Fp32Nan : (y | sg);
  endfunction

  // ---- Fused multiply-add -----------------------------------------------------------------------

  /// a x b + c with one rounding: the C function fmaf apart from the NaN code.
  function automatic logic [31:0] fp32_fma(input logic [31:0] a, input logic [31:0] b,
                                           input logic [31:0] c);
    logic [31:0] ma, mb, mc, ea, eb, ec, fa, fb, fc, sp, sc, sg, ep, eh, d, t, lz, q, r, y, pz, pn,
                 pi;
    logic [63:0] p, k, hi, lo, n, m;
    ma = a & 32'h7fffffff;
    mb = b & 32'h7fffffff;
    mc = c & 32'h7fffffff;
    sp = (a ^ b) & 32'h80000000;
    sc = c & 32'h80000000;
    ea = ma >> 23;
    eb = mb >> 23;
    ec = mc >> 23;
    fa = (ma & 32'h007fffff) | ((ea != 32'd0) ? 32'h00800000 : 32'd0);
    fb = (mb & 32'h007fffff) | ((eb != 32'd0) ? 32'h00800000 : 32'd0);
    fc = (mc & 32'h007fffff) | ((ec != 32'd0) ? 32'h00800000 : 32'd0);
    ea = (ea != 32'd0) ? ea : 32'd1;
    eb = (eb != 32'd0) ? eb : 32'd1;
    ec = (ec != 32'd0) ? ec : 32'd1;
    t = fp_lead24(fa); fa = (fa << t[4:0]) & 32'h00ffffff; ea = ea - t;
    t = fp_lead24(fb); fb = (fb << t[4:0]) & 32'h00ffffff; eb = eb - t;
    t = fp_lead24(fc); fc = (fc << t[4:0]) & 32'h00ffffff; ec = ec - t;
    // product and addend with the leading one at bit 62; exponent + 512 (never negative), zero = 0
    p = 64'(fa) * 64'(fb);
    t = ((p & 64'h0000_8000_0000_0000) == 64'd0) ? 32'd1 : 32'd0;
    p = (p << t[0]) << 15;
    ep = ea + eb - 32'd126 - t + 32'd512;
    ep = (p == 64'd0) ? 32'd0 : (ep & 32'h7ff);
    k = 64'(fc) << 39;
    ec = (mc == 32'd0) ? 32'd0 : ((ec + 32'd512) & 32'h7ff);
    // product has the larger magnitude
    pz = ((ep > ec) | ((ep == ec) & (p >= k))) ? 32'd1 : 32'd0;
    hi = (pz != 32'd0) ? p : k;
    lo = (pz != 32'd0) ? k : p;
    eh = (pz != 32'd0) ? ep : ec;
    sg = (pz != 32'd0) ? sp : sc;
    d = (pz != 32'd0) ? (ep - ec) : (ec - ep);
    d = (d > 32'd63) ? 32'd63 : d;
    m = ~(64'hffff_ffff_ffff_ffff << d[5:0]);
    m = ((lo & m) != 64'd0) ? 64'd1 : 64'd0;
    lo = (lo >> d[5:0]) | m;
    n = (sp != sc) ? (hi - lo) : (hi + lo);
    hi = n;
    lz = 32'd0;
    t = ((hi & 64'hffff_ffff_0000_0000) == 64'd0) ? 32'd32 : 32'd0; hi = hi << t[5:0]; lz = lz | t;
    t = ((hi & 64'hffff_0000_0000_0000) == 64'd0) ? 32'd16 : 32'd0; hi = hi << t[5:0]; lz = lz | t;
    t = ((hi & 64'hff00_0000_0000_0000) == 64'd0) ? 32'd8  : 32'd0; hi = hi << t[5:0]; lz = lz | t;
    t = ((hi & 64'hf000_0000_0000_0000) == 64'd0) ? 32'd4  : 32'd0; hi = hi << t[5:0]; lz = lz | t;
    t = ((hi & 64'hc000_0000_0000_0000) == 64'd0) ? 32'd2  : 32'd0; hi = hi << t[5:0]; lz = lz | t;
    t = ((hi & 64'h8000_0000_0000_0000) == 64'd0) ? 32'd1  : 32'd0; hi = hi << t[5:0]; lz = lz | t;
    m = ((hi & 64'h0000_001f_ffff_ffff) != 64'd0) ? 64'd1 : 64'd0;
    q = 32'(hi >> 36) | m[31:0];                   // 28 bits, leading one at 27
    eh = eh + 32'd1 - lz;
    t = (eh < 32'd513) ? (32'd513 - eh) : 32'd0;   // right shift of a subnormal result
    d = (t > 32'd29) ? 32'd29 : t;
    eh = (eh < 32'd513) ? 32'd513 : eh;
    t = ~(32'hffffffff << d[4:0]);
    t = ((q & t) != 32'd0) ? 32'd1 : 32'd0;
    q = (q >> d[4:0]) | t;
    r = (q + 32'd7 + ((q >> 4) & 32'd1)) >> 4;
    eh = (eh - 32'd513) & 32'h7ff;
    eh = (eh > 32'd254) ? 32'd254 : eh;
    r = (eh << 23) + r;
    r = (r > Fp32Inf) ? Fp32Inf : r;
    t = (sp != sc) ? 32'd0 : sp;                   // exact zero: +0 unless both terms are -0
    y = (n == 64'd0) ? t : (r | sg);
    // Inf and NaN: pn = NaN in the product, pi = Inf product, both as masks
    t = (ma > mb) ? ma : mb;
    r = (ma > mb) ? mb : ma;
    pn = ((t > Fp32Inf) | ((t == Fp32Inf) & (r == 32'd0)) | (mc > Fp32Inf)) ? 32'hffffffff : 32'd0;
    pi = (t == Fp32Inf) ? 32'hffffffff : 32'd0;
    pn = pn | (((mc == Fp32Inf) & (sp != sc)) ? pi : 32'd0);
    y = (mc == Fp32Inf) ? (Fp32Inf | sc) : y;
    y = (pi != 32'd0) ? (Fp32Inf | sp) : y;
    fp32_fma = (pn != 32'd0) ? Fp32Nan : y;
  endfunction

  // ---- Selection and casts ----------------------------------------------------------------------

  /// Maps a code to an unsigned number that grows with its value; -0 stands below +0.
  function automatic logic [31:0] fp_order(input logic [31:0] a);
    fp_order = ((a & 32'h80000000) != 32'd0) ? ~a : (a | 32'h80000000);
  endfunction

  /// NaN when either operand is one, else `sel`.
  function automatic logic [31:0] fp_nan_wins(input logic [31:0] a, input logic [31:0] b,
                                              input logic [31:0] sel);
    logic [31:0] ma, mb, m;
    ma = a & 32'h7fffffff;
    mb = b & 32'h7fffffff;
    m = (ma > mb) ? ma : mb;
    fp_nan_wins = (m > Fp32Inf) ? Fp32Nan : sel;
  endfunction

  function automatic logic [31:0] fp32_max(input logic [31:0] a, input logic [31:0] b);
    fp32_max = fp_nan_wins(a, b, (fp_order(a) > fp_order(b)) ? a : b);
  endfunction

  function automatic logic [31:0] fp32_min(input logic [31:0] a, input logic [31:0] b);
    fp32_min = fp_nan_wins(a, b, (fp_order(a) < fp_order(b)) ? a : b);
  endfunction

  /// max(a, +0).
  function automatic logic [31:0] fp32_relu(input logic [31:0] a);
    fp32_relu = fp_nan_wins(a, 32'd0, ((a & 32'h80000000) != 32'd0) ? 32'd0 : a);
  endfunction

  /// a with every NaN replaced by the canonical one.
  function automatic logic [31:0] fp32_canonical(input logic [31:0] a);
    fp32_canonical = ((a & 32'h7fffffff) > Fp32Inf) ? Fp32Nan : a;
  endfunction

  // ---- Elements of the types in isa.json --------------------------------------------------------

  /// Format with `exponent` and `fraction` bits, element in the low bits of `raw`, to FP32: exact,
  /// a NaN canonical. `exponent` and `fraction` are constants at every call, so that of the cases
  /// one remains and its shifts are wires.
  function automatic logic [31:0] fp_widen(input logic [31:0] raw, input logic [31:0] exponent,
                                           input logic [31:0] fraction);
    logic [31:0] top, m, e, f, t, r;
    top = raw << (32'd31 - exponent - fraction);   // sign in bit 31
    if (exponent == 32'd8) begin
      r = top;
    end else begin
      m = (top & 32'h7fffffff) >> (32'd8 - exponent);  // fraction from bit 22 down
      e = m >> 23;
      f = (m & 32'h007fffff) | ((e != 32'd0) ? 32'h00800000 : 32'd0);
      t = fp_lead24(f);                            // a subnormal number is a normal one of FP32
      r = (((e != 32'd0) ? e : 32'd1) + (32'd128 - (32'd1 << (exponent - 32'd1))) - 32'd1 -
           t) << 23;
      r = r + ((f << t[4:0]) & 32'h00ffffff);      // the hidden bit adds 1 to the exponent
      r = (f == 32'd0) ? 32'd0 : r;
      r = (e == (32'd1 << exponent) - 32'd1) ? (Fp32Inf | m) : r;
      r = r | (top & 32'h80000000);
    end
    fp_widen = fp32_canonical(r);
  endfunction

  /// FP32 to the format with `exponent` and `fraction` bits (constants, as above), in the low bits:
  /// one rounding to nearest even, overflow to Inf, gradual underflow, a NaN canonical.
  function automatic logic [31:0] fp_narrow(input logic [31:0] a, input logic [31:0] exponent,
                                            input logic [31:0] fraction);
    logic [31:0] drop, half, inf, bias, e, f, d, r;
    drop = 32'd23 - fraction;
    inf = ((32'd1 << exponent) - 32'd1) << fraction;
    if (exponent == 32'd8) begin
      // the carry of the rounding moves into the exponent
      half = (32'd1 << drop) >> 1;
      r = (a + half - 32'd1 + ((a >> drop) & 32'd1)) >> drop;
    end else begin
      bias = 32'd128 - (32'd1 << (exponent - 32'd1));  // difference of the two biases
      e = (a >> 23) & 32'hff;
      f = (a & 32'h007fffff) | ((e != 32'd0) ? 32'h00800000 : 32'd0);
      d = (e > bias) ? 32'd0 : (bias + 32'd1 - e); // a subnormal result drops more bits
      d = drop + d;
      // nothing is left of less than half the least number
      d = (d > 32'd25) ? 32'd25 : d;
      half = (32'd1 << d[4:0]) >> 1;
      r = (f + half - 32'd1 + ((f >> d[4:0]) & 32'd1)) >> d[4:0];
      e = (e > bias) ? (e - bias - 32'd1) : 32'd0;
      r = r + (e << fraction);
      r = (r > inf) ? inf : r;
      r = r | ((a >> 31) << (exponent + fraction));
    end
    fp_narrow = ((a & 32'h7fffffff) > Fp32Inf) ? (inf | ((32'd1 << fraction) >> 1)) : r;
  endfunction

  /// FP32 value of the element of type `code` in the low bits of `raw`; a NaN becomes canonical.
  function automatic logic [31:0] fp_unpack(input dtype_code_t code, input logic [31:0] raw);
    fp_unpack = raw;
    for (int unsigned t = 0; t < NumFloats; t++) begin
      fp_unpack = (code == FloatCode[t]) ? fp_widen(raw, FloatExponent[t], FloatFraction[t]) :
                  fp_unpack;
    end
  endfunction

  /// FP32 value as an element of type `code`, in the low bits; FP32 passes as it is.
  function automatic logic [31:0] fp_pack(input dtype_code_t code, input logic [31:0] a);
    fp_pack = a;
    for (int unsigned t = 0; t < NumFloats; t++) begin
      if (FloatFraction[t] != 32'd23) begin
        fp_pack = (code == FloatCode[t]) ? fp_narrow(a, FloatExponent[t], FloatFraction[t]) :
                  fp_pack;
      end
    end
  endfunction

endpackage
