// RUN: fsc-opt %s --fsc-plan-arena --fsc-verify-arena --split-input-file | FileCheck %s

module @k { func.func @k() { return } }

// %0 is over when %2 begins: both lie at the start. %1 lies above whichever of the two is larger.
// CHECK-LABEL: func.func @shares_places_whatever_the_sizes
// CHECK-SAME: fsc.arena_bytes = 0
func.func @shares_places_whatever_the_sizes() {
  // CHECK: %[[N:.*]] = memref.dim
  // CHECK: %[[TWICE:.*]] = arith.muli %[[N]]
  // CHECK: %[[A:.*]] = fsc.bytes[%[[N]]] : memref<?xf32>
  // CHECK: %[[B:.*]] = fsc.bytes[%[[TWICE]]] : memref<?xf32>
  // CHECK-DAG: arith.addi %{{.*}}, %[[A]]
  // CHECK-DAG: arith.addi %{{.*}}, %[[B]]
  // CHECK: arith.maxsi
  // CHECK: fsc.reserve
  %x = fsc.input 0 : memref<?xf32>
  %c0 = arith.constant 0 : index
  %two = arith.constant 2 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  // CHECK: fsc.place %{{.*}} size %[[A]][%[[N]]] live 0 to 1 : memref<?xf32>
  %0 = fsc.allocate[%n] : memref<?xf32>
  fsc.launch @k::@k ins(%x : memref<?xf32>) outs(%0 : memref<?xf32>)
  // The size of a buffer is the one that it was made with.
  %m = memref.dim %0, %c0 : memref<?xf32>
  // CHECK: fsc.place %{{.*}} size %[[A]][%[[N]]] live 1 to 2 : memref<?xf32>
  %1 = fsc.allocate[%m] : memref<?xf32>
  fsc.launch @k::@k ins(%0 : memref<?xf32>) outs(%1 : memref<?xf32>)
  %twice = arith.muli %n, %two : index
  // CHECK: fsc.place %{{.*}} size %[[B]][%[[TWICE]]] live 2 to 3 : memref<?xf32>
  %2 = fsc.allocate[%twice] : memref<?xf32>
  fsc.launch @k::@k ins(%1 : memref<?xf32>) outs(%2 : memref<?xf32>)
  %y = fsc.output 0[%n] : memref<?xf32>
  fsc.launch @k::@k ins(%2 : memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

module @k { func.func @k() { return } }

// The formula begins behind the buffers of static size.
// CHECK-LABEL: func.func @begins_behind_static_buffers
// CHECK-SAME: fsc.arena_bytes = 64
func.func @begins_behind_static_buffers(%n: index) {
  // CHECK: %[[START:.*]] = arith.constant 64 : index
  // CHECK: fsc.arena 0 size 64
  // CHECK: fsc.place %[[START]]
  %0 = fsc.allocate[] : memref<16xf32>
  fsc.launch @k::@k ins() outs(%0 : memref<16xf32>)
  %1 = fsc.allocate[%n] : memref<?xf32>
  fsc.launch @k::@k ins(%0 : memref<16xf32>) outs(%1 : memref<?xf32>)
  return
}

// -----

module @k { func.func @k() { return } }

// Equal symbols are equal sizes: one fsc.bytes. Ranges bound the arena, which is there from the start.
// CHECK-LABEL: func.func @knows_symbols_and_their_ranges
// CHECK-SAME: fsc.arena_bytes = 4096
func.func @knows_symbols_and_their_ranges() attributes {
    fsc.arguments = [{fsc.dims = ["seq"]}, {fsc.dims = ["seq"]}], fsc.ranges = {seq = array<i64: 1, 512>}} {
  // CHECK: fsc.bytes
  // CHECK-NOT: fsc.bytes
  %c0 = arith.constant 0 : index
  %x = fsc.input 0 : memref<?xf32>
  %y = fsc.input 1 : memref<?xf32>
  %n = memref.dim %x, %c0 : memref<?xf32>
  %m = memref.dim %y, %c0 : memref<?xf32>
  %0 = fsc.allocate[%n] : memref<?xf32>
  fsc.launch @k::@k ins(%x : memref<?xf32>) outs(%0 : memref<?xf32>)
  %1 = fsc.allocate[%m] : memref<?xf32>
  fsc.launch @k::@k ins(%0 : memref<?xf32>) outs(%1 : memref<?xf32>)
  return
}

// -----

module @k { func.func @k() { return } }

// A size that the run computes is not known when it begins; nor is one planned that a branch alone needs.
// CHECK-LABEL: func.func @leaves_out_what_data_and_branches_decide
func.func @leaves_out_what_data_and_branches_decide(%n: index, %go: i1) {
  // CHECK-NOT: fsc.place
  // CHECK-NOT: fsc.reserve
  // CHECK: fsc.allocate[%{{.*}}] : memref<?xf32>
  // CHECK: fsc.release
  %c0 = arith.constant 0 : index
  %0 = fsc.allocate[] : memref<1xi64>
  fsc.launch @k::@k ins() outs(%0 : memref<1xi64>)
  %wide = memref.load %0[%c0] : memref<1xi64>
  %size = arith.index_cast %wide : i64 to index
  %1 = fsc.allocate[%size] : memref<?xf32>
  fsc.launch @k::@k ins() outs(%1 : memref<?xf32>)
  // CHECK: scf.if
  // CHECK: fsc.allocate
  // CHECK: fsc.release
  scf.if %go {
    %2 = fsc.allocate[%n] : memref<?xf32>
    fsc.launch @k::@k ins() outs(%2 : memref<?xf32>)
  }
  return
}
