// RUN: fsc-opt %s --fsc-lower-host | FileCheck %s

// CHECK-DAG: llvm.func @k(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, i64)
// CHECK-DAG: llvm.func @k.tasks(!llvm.ptr) -> i64
// CHECK: func.func @fsc_run(%{{.*}}: !llvm.ptr) -> i32
func.func @main() attributes {fsc.arena_bytes = 64 : i64, fsc.weights_bytes = 64 : i64} {
  %x = fsc.input 0 : memref<?xf32>
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  // A buffer that the runtime did not give ends the run.
  // CHECK: %[[A:.*]] = llvm.call %{{.*}} -> !llvm.ptr
  // CHECK: llvm.icmp "ne" %[[A]]
  // CHECK: cf.cond_br
  %y = fsc.output 0[%n] : memref<?xf32>
  // CHECK: llvm.call @k.tasks
  // CHECK: llvm.mlir.addressof @k
  // The estimate of a task's time reaches the runtime.
  // CHECK: llvm.mlir.constant(1234 : i64)
  // CHECK: %[[S:.*]] = llvm.call %{{.*}} -> i32
  // CHECK: llvm.icmp "eq" %[[S]]
  fsc.launch @k::@k ins(%x : memref<?xf32>) outs(%y : memref<?xf32>)
  // The arena is made long enough; a negative size of a buffer in it ends the run.
  // CHECK: arith.mulf
  // CHECK: %[[R:.*]] = llvm.call %{{.*}} -> i32
  // CHECK: llvm.icmp "eq" %[[R]]
  // CHECK: arith.cmpi slt, %{{.*}}
  // CHECK: cf.cond_br
  // CHECK: llvm.getelementptr
  %start = arith.constant 0 : index
  %bytes = fsc.bytes[%n] : memref<?xf32>
  %end = arith.addi %start, %bytes : index
  fsc.reserve %end
  %placed = fsc.place %start size %bytes[%n] live 0 to 0 : memref<?xf32>
  fsc.launch @k::@k ins(%x : memref<?xf32>) outs(%placed : memref<?xf32>)
  %ok = arith.constant true
  // CHECK: cf.cond_br
  fsc.check %ok, "never"
  // CHECK: cf.cond_br
  fsc.check %ok, "got {0}" [%n]
  // CHECK: return %{{.*}} : i32
  return
}
// CHECK: module @k.code
module @k attributes {fsc.cost = 1234 : i64, fsc.kernel_index = 0 : i64} {
}
