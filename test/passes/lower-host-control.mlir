// Branches of the host program: addresses and sizes are block arguments, and a failure anywhere ends the run.
// RUN: fsc-opt %s --fsc-lower-host | FileCheck %s

// CHECK: func.func @fsc_run(%{{.*}}: !llvm.ptr) -> i32
func.func @main() attributes {fsc.arena_bytes = 64 : i64, fsc.weights_bytes = 64 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %true = arith.constant true
  %x = fsc.input 0 : memref<4x?xf32>
  %n = memref.dim %x, %c1 : memref<4x?xf32>
  // The address of an element.
  // CHECK: %[[B:.*]] = arith.muli {{.*}} : i64
  // CHECK: llvm.getelementptr %{{.*}}[%[[B]]] : (!llvm.ptr, i64) -> !llvm.ptr, i8
  %e = fsc.element %x[%c1] : memref<4x?xf32> -> memref<?xf32>
  // CHECK: %[[A:.*]] = llvm.call %{{.*}} -> !llvm.ptr
  %a = fsc.allocate[%n] : memref<?xf32>
  // CHECK: "llvm.intr.memcpy"(%[[A]],
  memref.copy %e, %a : memref<?xf32> to memref<?xf32>
  %p = fsc.address %a : memref<?xf32> -> !llvm.ptr
  // CHECK: cf.br ^[[NEXT:.*]](%[[A]], %{{.*}} : !llvm.ptr, index)
  cf.br ^next(%p, %n : !llvm.ptr, index)
// CHECK: ^[[NEXT]](%[[Q:.*]]: !llvm.ptr, %{{.*}}: index):
^next(%q: !llvm.ptr, %m: index):
  // CHECK: fsc.buffer %[[Q]]
  %b = fsc.buffer %q[%m] : !llvm.ptr -> memref<?xf32>
  %y = fsc.output 0[%m] : memref<?xf32>
  // CHECK: llvm.call @k.tasks
  fsc.launch @k::@k ins(%b : memref<?xf32>) outs(%y : memref<?xf32>)
  // CHECK-NOT: fsc.release
  fsc.release %b : memref<?xf32>
  // CHECK: cf.cond_br
  fsc.check %true, "never"
  // CHECK: return %{{.*}} : i32
  return
}
module @k attributes {fsc.kernel_index = 0 : i64} {
}
