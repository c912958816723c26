// RUN: fsc-opt %s --fsc-plan-arena --fsc-verify-arena --split-input-file | FileCheck %s

module @k { func.func @k() { return } }

// %0 is over when %2 begins, so they share a place; %1 is in use at the same time as both.
// CHECK-LABEL: func.func @shares_places_of_buffers_that_are_over
// CHECK-SAME: fsc.arena_bytes = 128
func.func @shares_places_of_buffers_that_are_over() {
  %x = fsc.input 0 : memref<16xf32>
  %y = fsc.output 0[] : memref<16xf32>
  // CHECK: fsc.arena 0 size 64 live 0 to 1
  %0 = fsc.allocate[] : memref<16xf32>
  fsc.launch @k::@k ins(%x : memref<16xf32>) outs(%0 : memref<16xf32>)
  // CHECK: fsc.arena 64 size 64 live 1 to 2
  %1 = fsc.allocate[] : memref<16xf32>
  fsc.launch @k::@k ins(%0 : memref<16xf32>) outs(%1 : memref<16xf32>)
  // CHECK: fsc.arena 0 size 64 live 2 to 3
  %2 = fsc.allocate[] : memref<16xf32>
  fsc.launch @k::@k ins(%1 : memref<16xf32>) outs(%2 : memref<16xf32>)
  fsc.launch @k::@k ins(%2 : memref<16xf32>) outs(%y : memref<16xf32>)
  return
}

// -----

module @k { func.func @k() { return } }

// A view keeps the buffer under it alive.
// CHECK-LABEL: func.func @follows_views
func.func @follows_views() {
  %x = fsc.input 0 : memref<16xf32>
  %y = fsc.output 0[] : memref<16xf32>
  // CHECK: fsc.arena 0 size 64 live 0 to 2
  %0 = fsc.allocate[] : memref<16xf32>
  fsc.launch @k::@k ins(%x : memref<16xf32>) outs(%0 : memref<16xf32>)
  %v = fsc.buffer_view %0[] : memref<16xf32> -> memref<4x4xf32>
  // CHECK: fsc.arena 64 size 64 live 1 to 2
  %1 = fsc.allocate[] : memref<16xf32>
  fsc.launch @k::@k ins(%x : memref<16xf32>) outs(%1 : memref<16xf32>)
  fsc.launch @k::@k ins(%1, %v : memref<16xf32>, memref<4x4xf32>) outs(%y : memref<16xf32>)
  return
}

// -----

module @k { func.func @k() { return } }

// CHECK-LABEL: func.func @releases_dynamic_buffers_after_their_last_use
func.func @releases_dynamic_buffers_after_their_last_use(%n: index) {
  %x = fsc.input 0 : memref<?xf32>
  // CHECK: %[[A:.*]] = fsc.allocate
  %0 = fsc.allocate[%n] : memref<?xf32>
  fsc.launch @k::@k ins(%x : memref<?xf32>) outs(%0 : memref<?xf32>)
  %y = fsc.output 0[%n] : memref<?xf32>
  // CHECK: fsc.launch @k::@k ins(%[[A]]
  // CHECK-NEXT: fsc.release %[[A]]
  fsc.launch @k::@k ins(%0 : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}
