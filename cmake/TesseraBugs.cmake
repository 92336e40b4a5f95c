# SPDX-License-Identifier: Apache-2.0
# Seeded faults: names for `./tessera demo --bug NAME` and the macros that switch them on in rtl/. One fault per build.
set(TSR_BUGS
  pe-round=TSR_BUG_PE_ROUND                # a tie is rounded down in the PE adder
  psum-accumulate=TSR_BUG_PSUM_ACC         # PSUM addition loses the last place
  sbuf-address=TSR_BUG_SBUF_ADDR           # a DMA write goes to the neighbouring beat
  dve-cast=TSR_BUG_DVE_CAST                # casts round ties away from zero
  dma-accumulate=TSR_BUG_DMA_ACC           # DMA add replaces a word
  semaphore-order=TSR_BUG_SEM_ORDER        # an engine updates a semaphore before its writes are committed
  dma-order=TSR_BUG_DMA_SEM                # a queue updates a semaphore before its last writes are acknowledged
  router=TSR_BUG_ROUTER                    # a packet does not hold its virtual channel
  credit=TSR_BUG_CREDIT                    # a credit is lost
  write-strobe=TSR_BUG_WSTRB               # the last byte of a packet is not written
  dma-stride=TSR_BUG_DMA_STRIDE            # negative steps of the third level are taken as positive
  branch=TSR_BUG_BRANCH)                   # a signed comparison is done unsigned
set(TSR_BUG "" CACHE STRING "Seeded fault of the hardware; empty: none")
set(TSR_BUG_DEFINE "")
foreach(bug ${TSR_BUGS})
  if(TSR_BUG AND bug MATCHES "^${TSR_BUG}=(.*)$")
    set(TSR_BUG_DEFINE ${CMAKE_MATCH_1})
  endif()
endforeach()
if(TSR_BUG AND NOT TSR_BUG_DEFINE)
  message(FATAL_ERROR "TSR_BUG: there is no seeded fault '${TSR_BUG}'; there are: ${TSR_BUGS}")
endif()
