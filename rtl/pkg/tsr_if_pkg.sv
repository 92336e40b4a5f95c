// SPDX-License-Identifier: Apache-2.0
/// Interfaces between the blocks of a tile. A stream is `name` with `name_valid` and `name_ready`
/// beside it; a port that is taken in every cycle carries its enable. Several ports of a kind are
/// an array, its index one of the lists below.
///
/// In a packed type the widest field stands lowest: taking it out costs no shift in simulation.
/// Rows of P words are no field of any type, they stay unpacked arrays: packed, every lane would be
/// cut out of one very wide word. Nor are they arrays of rows: a port that is a part of an array is
/// a copy of it in simulation.
package tsr_if_pkg;
  import tsr_cfg_pkg::*;
  import tsr_isa_pkg::*;
  import tsr_types_pkg::*;

  // ---- Indices of arrays of ports; a bench sees their names (scripts/flat_ports.py) -------------
  // who sends read requests
  localparam int unsigned ReaderDma = 0, ReaderFetch = 1, NumReaders = 2;
  // who sends write requests
  localparam int unsigned WriterDma = 0, WriterSem = 1, NumWriters = 2;
  // message classes of the network
  localparam int unsigned ClassReq = 0, ClassRsp = 1, NumClasses = 2;
  // request of this tile, of another
  localparam int unsigned SideLocal = 0, SideRemote = 1, NumSides = 2;
  // users of beat reads and registers
  localparam int unsigned ServerRead = 0, ServerWrite = 1, NumServers = 2;
  // engines with row ports of both memories
  localparam int unsigned LaneAct = 0, LaneDve = 1, NumLaneEngines = 2;

  /// Own coordinates, and the last column and row of the mesh. Constant while running.
  typedef struct packed {
    logic [7:0] mesh_y;
    logic [7:0] mesh_x;
    logic [7:0] y;
    logic [7:0] x;
  } place_t;

  /// One beat of a packet; the header stands with every beat, the payload is dense.
  typedef struct packed {
    logic               last;
    logic [DmaBits-1:0] data;
    hdr_t               hdr;
  } pkt_t;

  // ---- Links ------------------------------------------------------------------------------------
  /// Ports of a router: towards the four neighbours, and the network interface of the own tile.
  typedef enum logic [2:0] {DirN = 3'd0, DirE = 3'd1, DirS = 3'd2, DirW = 3'd3, DirL = 3'd4} dir_e;
  localparam int unsigned NumDirs = 5;             // of dir_e
  localparam int unsigned NumLinks = 4;            // those that lead to neighbours: the first ones
  /// The axis of each link and the sign in which it grows: the neighbour is at (x + step_x, y +
  /// step_y).
  function automatic int step_x(input int unsigned link);
    step_x = (link == int'(DirE)) ? 1 : (link == int'(DirW)) ? -1 : 0;
  endfunction
  function automatic int step_y(input int unsigned link);
    step_y = (link == int'(DirS)) ? 1 : (link == int'(DirN)) ? -1 : 0;
  endfunction
  /// The port of the neighbour to which this link leads.
  function automatic int unsigned opposite(input int unsigned link);
    opposite = link ^ (NumLinks / 2);
  endfunction

  localparam int unsigned LinkVcW = 2;             // bits of a virtual channel, as in link_t
  localparam int unsigned LinkVcs = 1 << LinkVcW;

  // begin generated: links (isa/boundary.json, scripts/gen_boundary.py --write)
  /// One flit.
  typedef struct packed {
    logic [1:0]             vc;
    logic                   head;
    logic                   tail;
    logic [8*LinkBytes-1:0] data;
  } link_t;

  /// One flit of that VC has left the receiver's buffer.
  typedef struct packed {
    logic [1:0] vc;
  } credit_t;
  // end generated

  // ---- Memories ---------------------------------------------------------------------------------
  // word address in a partition of either
  localparam int unsigned RowAw = (SbufAw > PsumAw) ? SbufAw : PsumAw;

  // data: logic [31:0] name_row [P], one cycle later
  typedef struct packed {
    logic             en;
    logic [RowAw-1:0] addr;
  } row_rd_t;

  // data: logic [31:0] name_row [P], in the same cycle
  typedef struct packed {
    logic             en;
    logic [3:0]       strb;                        // bytes of every word
    logic [7:0]       part;                        // first partition
    logic [7:0]       count;                       // partitions
    logic [RowAw-1:0] addr;
  } row_wr_t;

  // data: logic [DmaBits-1:0] name_data, one cycle later
  typedef struct packed {
    logic             en;
    logic [PartW-1:0] part;
    logic [RowAw-1:0] addr;                        // multiple of DmaWords
  } beat_rd_t;

  typedef struct packed {
    logic                en;
    logic [PartW-1:0]    part;
    logic [RowAw-1:0]    addr;                     // multiple of DmaWords
    logic [DmaBytes-1:0] strb;
    logic [DmaBits-1:0]  data;
  } beat_wr_t;

  // ---- Units: engines and DMA queues ------------------------------------------------------------
  // These types fit 64 bits: most are put together in every cycle.
  typedef struct packed {
    logic        busy;
    logic        halted;                           // an engine executed HALT
    logic        waiting;                          // for a semaphore
    logic [7:0]  wait_sem;                         // which; only while waiting
    logic [15:0] tag;                              // of the instruction or descriptor at work
    logic [31:0] wait_value;                       // what it waits for; only while waiting
  } status_t;

  typedef struct packed {
    logic             en;                          // new in this cycle
    err_code_t        code;
    logic [15:0]      tag;
    // of the instruction; what a descriptor could not reach
    logic [AddrW-1:0] addr;
  } fault_t;

  typedef struct packed {
    logic        en;
    err_code_t   err;                              // ErrOk: the instruction is complete
    logic [31:0] checksum;
  } done_t;                                        // answer of an engine, in the order of issue

  typedef struct packed {
    // the size was written: begin at the head of the ring
    logic             restart;
    logic [15:0]      size;                        // descriptors in the ring
    logic [AddrW-1:0] base;
  } queue_setup_t;

  typedef struct packed {
    logic        en;
    logic [3:0]  number;
    logic [31:0] count;                            // descriptors more
  } doorbell_t;

  // ---- Registers --------------------------------------------------------------------------------
  typedef struct packed {
    logic        we;
    logic [15:0] addr;
    logic [31:0] wdata;
  } csr_req_t;

  typedef struct packed {
    logic        err;
    logic [31:0] rdata;
  } csr_rsp_t;

  // ---- AXI: field names and widths of the standard; every channel has its own valid and ready ---
  // begin generated: axi (isa/boundary.json, scripts/gen_boundary.py --write)
  /// What the manager drives: AXI4 manager to this tile's HBM channel.
  typedef struct packed {
    logic [3:0]            awid;
    logic [7:0]            awlen;
    logic [2:0]            awsize;
    logic [1:0]            awburst;
    logic                  awvalid;
    logic                  wlast;
    logic                  wvalid;
    logic                  bready;
    logic [3:0]            arid;
    logic [7:0]            arlen;
    logic [2:0]            arsize;
    logic [1:0]            arburst;
    logic                  arvalid;
    logic                  rready;
    logic [39:0]           awaddr;
    logic [39:0]           araddr;
    logic [DmaBytes-1:0]   wstrb;
    logic [8*DmaBytes-1:0] wdata;
  } axi_req_t;

  /// What the subordinate drives: AXI4 manager to this tile's HBM channel.
  typedef struct packed {
    logic                  awready;
    logic                  wready;
    logic [3:0]            bid;
    logic [1:0]            bresp;
    logic                  bvalid;
    logic                  arready;
    logic [3:0]            rid;
    logic [1:0]            rresp;
    logic                  rlast;
    logic                  rvalid;
    logic [8*DmaBytes-1:0] rdata;
  } axi_rsp_t;

  /// What the manager drives: AXI4-Lite subordinate: the host.
  typedef struct packed {
    logic [15:0] awaddr;
    logic [2:0]  awprot;
    logic        awvalid;
    logic [3:0]  wstrb;
    logic        wvalid;
    logic        bready;
    logic [15:0] araddr;
    logic [2:0]  arprot;
    logic        arvalid;
    logic        rready;
    logic [31:0] wdata;
  } axil_req_t;

  /// What the subordinate drives: AXI4-Lite subordinate: the host.
  typedef struct packed {
    logic        awready;
    logic        wready;
    logic [1:0]  bresp;
    logic        bvalid;
    logic        arready;
    logic [1:0]  rresp;
    logic        rvalid;
    logic [31:0] rdata;
  } axil_rsp_t;
  // end generated
endpackage
