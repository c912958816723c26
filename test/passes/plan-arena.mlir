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
func.func @releases_dynamic_buffers_after_their_last_use() {
  %x = fsc.input 0 : memref<?xf32>
  %c0 = arith.constant 0 : index
  %counted = fsc.allocate[] : memref<1xi64>
  fsc.launch @k::@k ins(%x : memref<?xf32>) outs(%counted : memref<1xi64>)
  %wide = memref.load %counted[%c0] : memref<1xi64>
  %n = arith.index_cast %wide : i64 to index
  // CHECK: %[[A:.*]] = fsc.allocate
  %0 = fsc.allocate[%n] : memref<?xf32>
  fsc.launch @k::@k ins(%x : memref<?xf32>) outs(%0 : memref<?xf32>)
  %y = fsc.output 0[%n] : memref<?xf32>
  // CHECK: fsc.launch @k::@k ins(%[[A]]
  // CHECK-NEXT: fsc.release %[[A]]
  fsc.launch @k::@k ins(%0 : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

// A buffer from around a loop lives through all of it, one made inside only where it is used.
module @k { func.func @k() { return } }

// CHECK-LABEL: func.func @keeps_buffers_through_a_loop
func.func @keeps_buffers_through_a_loop() {
  // CHECK: fsc.arena {{.*}} live 0 to 2
  // CHECK: scf.while
  // CHECK: fsc.arena {{.*}} live 1 to 2
  %true = arith.constant true
  %x = fsc.input 0 : memref<4xf32>
  %around = fsc.allocate[] : memref<4xf32>
  fsc.launch @k::@k ins(%x : memref<4xf32>) outs(%around : memref<4xf32>)
  %0 = scf.while (%go = %true) : (i1) -> i1 {
    scf.condition(%go) %go : i1
  } do {
  ^bb0(%go: i1):
    %inside = fsc.allocate[] : memref<4xf32>
    fsc.launch @k::@k ins(%around : memref<4xf32>) outs(%inside : memref<4xf32>)
    %y = fsc.output 0[] : memref<4xf32>
    fsc.launch @k::@k ins(%inside : memref<4xf32>) outs(%y : memref<4xf32>)
    scf.yield %go : i1
  }
  return
}

// -----

// What is handed on is not released; who receives it does so, in the loop.
module @k { func.func @k() { return } }

// CHECK-LABEL: func.func @releases_what_is_received
func.func @releases_what_is_received(%n: index) {
  // CHECK: %[[A:.*]] = fsc.allocate
  // CHECK-NOT: fsc.release %[[A]]
  // CHECK: scf.while
  // CHECK: %[[B:.*]] = fsc.buffer
  // CHECK: fsc.launch
  // CHECK-NEXT: fsc.release %[[B]]
  // CHECK: scf.yield
  // CHECK: %[[C:.*]] = fsc.buffer
  // CHECK-NEXT: fsc.release %[[C]]
  %true = arith.constant true
  %a = fsc.allocate[%n] : memref<?xf32>
  %p = fsc.address %a : memref<?xf32> -> !llvm.ptr
  %0:2 = scf.while (%go = %true, %q = %p) : (i1, !llvm.ptr) -> (i1, !llvm.ptr) {
    scf.condition(%go) %go, %q : i1, !llvm.ptr
  } do {
  ^bb0(%go: i1, %q: !llvm.ptr):
    %b = fsc.buffer %q[%n] {owned} : !llvm.ptr -> memref<?xf32>
    %c = fsc.allocate[%n] : memref<?xf32>
    fsc.launch @k::@k ins(%b : memref<?xf32>) outs(%c : memref<?xf32>)
    %r = fsc.address %c : memref<?xf32> -> !llvm.ptr
    scf.yield %go, %r : i1, !llvm.ptr
  }
  %last = fsc.buffer %0#1[%n] {owned} : !llvm.ptr -> memref<?xf32>
  return
}
