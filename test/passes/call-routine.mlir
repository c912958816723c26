// RUN: fsc-opt %s --fsc-form-kernels --fsc-separate-results --fsc-bufferize-host --fsc-plan-arena --split-input-file | FileCheck %s
// RUN: fsc-opt %s --fsc-form-kernels --fsc-separate-results --fsc-bufferize-host --fsc-plan-arena --fsc-lower-host --split-input-file | FileCheck %s --check-prefix=LOWER

// Its buffer is released after what reads it last; the caller's is the caller's. What is not used is not wanted.
// CHECK: func.func @main()
// CHECK: %[[X:.*]] = fsc.input 0 : memref<4xf32>
// CHECK: %[[R:.*]]:2 = fsc.call_routine "Unique" {sorted = 0 : i64} places [1] wanted [1, 0, 7, 0] outputs [-1, -1, 1, -1] ins(%[[X]] : memref<4xf32>) -> memref<?xf32>, memref<4xi64>
// CHECK: %[[N:.*]] = memref.dim %[[R]]#0
// CHECK: fsc.output 0[%[[N]]]
// CHECK: fsc.launch
// CHECK-NEXT: fsc.release %[[R]]#0
// CHECK-NOT: fsc.release
// LOWER: llvm.mlir.addressof
// LOWER: %[[F:.*]] = llvm.call %{{.*}} -> !llvm.ptr
// LOWER: llvm.icmp "ne" %[[F]]
// LOWER: %[[S:.*]] = llvm.call %[[F]](%{{.*}}) : !llvm.ptr, (!llvm.ptr, !llvm.ptr) -> i32
// LOWER: llvm.icmp "eq" %[[S]]
func.func @main(%x: tensor<4xf32>) -> (tensor<?xf32>, tensor<4xi64>) {
  %r:4 = fsc.unique(%x) {sorted = 0 : i64} : (tensor<4xf32>) -> (tensor<?xf32>, tensor<?xi64>, tensor<4xi64>, tensor<?xi64>)
  %0 = fsc.relu(%r#0) : (tensor<?xf32>) -> tensor<?xf32>
  return %0, %r#2 : tensor<?xf32>, tensor<4xi64>
}

// -----

// An operand that is absent has no type; strings are numbers, and those of constants a table.
// CHECK: func.func @main()
// CHECK-SAME: fsc.strings = ["b", "a"]
// CHECK: fsc.weight dense<[1, 0, 2, 1]> : tensor<4xi64> : memref<4xi64>
// CHECK: fsc.call_routine "StringConcat" {} places [8, 8] wanted [8] outputs [0]
func.func @main(%x: tensor<4x!fsc.string>) -> tensor<4x!fsc.string> {
  %c = fsc.constant dense<["b", "", "a", "b"]> : tensor<4x!fsc.string>
  %0 = fsc.string_concat(%x, %c) : (tensor<4x!fsc.string>, tensor<4x!fsc.string>) -> tensor<4x!fsc.string>
  return %0 : tensor<4x!fsc.string>
}

// -----

// CHECK: fsc.call_routine "NonMaxSuppression" {center_point_box = 0 : i64} places [1, 1, 0, 1, 0] wanted [7] outputs [0]
func.func @main(%b: tensor<1x6x4xf32>, %s: tensor<1x1x6xf32>, %t: tensor<f32>) -> tensor<?x3xi64> {
  %r = fsc.non_max_suppression(%b, %s, _, %t) : (tensor<1x6x4xf32>, tensor<1x1x6xf32>, tensor<f32>) -> tensor<?x3xi64>
  return %r : tensor<?x3xi64>
}
