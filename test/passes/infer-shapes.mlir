// RUN: fsc-opt %s --fsc-infer-shapes --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @refines_through_ops_and_the_signature
// CHECK-SAME: -> tensor<2x4xf32>
func.func @refines_through_ops_and_the_signature(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) -> tensor<?x?xf32> {
  // CHECK: fsc.matmul{{.*}} -> tensor<2x4xf32>
  // CHECK: fsc.relu{{.*}} -> tensor<2x4xf32>
  %0 = fsc.matmul(%x, %w) : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<?x?xf32>
  %1 = fsc.relu(%0) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %1 : tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func.func @keeps_what_was_known_before
func.func @keeps_what_was_known_before(%x: tensor<?xf32>) -> tensor<8xf32> {
  // CHECK: fsc.exp{{.*}} -> tensor<8xf32>
  %0 = fsc.exp(%x) : (tensor<?xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// Sizes that are not known cancel: [n, 6] as [n, 2, -1].
// CHECK-LABEL: func.func @follows_a_size_through_shape_arithmetic
func.func @follows_a_size_through_shape_arithmetic(%x: tensor<?x6xf32>) -> tensor<?x?x?xf32> {
  %zero = fsc.constant dense<0> : tensor<1xi64>
  %rest = fsc.constant dense<[2, 3]> : tensor<2xi64>
  %s = fsc.shape(%x) : (tensor<?x6xf32>) -> tensor<2xi64>
  %n = fsc.gather(%s, %zero) : (tensor<2xi64>, tensor<1xi64>) -> tensor<1xi64>
  %shape = fsc.concat(%n, %rest) {axis = 0 : i64} : (tensor<1xi64>, tensor<2xi64>) -> tensor<3xi64>
  // CHECK: fsc.reshape{{.*}} -> tensor<?x2x3xf32>
  %0 = fsc.reshape(%x, %shape) : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x?x?xf32>
  return %0 : tensor<?x?x?xf32>
}

// -----

// CHECK-LABEL: func.func @refines_branches
func.func @refines_branches(%c: tensor<i1>, %x: tensor<2x3xf32>) -> tensor<?x?xf32> {
  // CHECK: fsc.if %{{.*}} -> tensor<?x3xf32>
  // CHECK: fsc.concat{{.*}} -> tensor<4x3xf32>
  %r = fsc.if %c : tensor<i1> -> tensor<?x?xf32> then {
    %0 = fsc.concat(%x, %x) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<?x?xf32>
    fsc.yield %0 : tensor<?x?xf32>
  } else {
    fsc.yield %x : tensor<2x3xf32>
  }
  // CHECK: return %{{.*}} : tensor<?x3xf32>
  return %r : tensor<?x?xf32>
}

// -----

// CHECK-LABEL: func.func @takes_a_branch_that_is_known
func.func @takes_a_branch_that_is_known(%x: tensor<2xf32>) -> tensor<?xf32> {
  // CHECK-NOT: fsc.if
  // CHECK: %[[R:.*]] = fsc.neg
  // CHECK-NOT: fsc.relu
  // CHECK: return %[[R]] : tensor<2xf32>
  %c = fsc.constant dense<false> : tensor<i1>
  %r = fsc.if %c : tensor<i1> -> tensor<?xf32> then {
    %0 = fsc.relu(%x) : (tensor<2xf32>) -> tensor<2xf32>
    fsc.yield %0 : tensor<2xf32>
  } else {
    %1 = fsc.neg(%x) : (tensor<2xf32>) -> tensor<2xf32>
    fsc.yield %1 : tensor<2xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @leaves_a_number_that_no_memory_holds
func.func @leaves_a_number_that_no_memory_holds(%x: tensor<2xf32>) -> tensor<?x2xf32> {
  // CHECK: fsc.loop {{.*}} -> tensor<?x2xf32>
  %n = fsc.constant dense<9223372036854775807> : tensor<i64>
  %r = fsc.loop times(%n : tensor<i64>) carry() -> tensor<?x2xf32> {
  ^bb0(%i: tensor<i64>):
    %t = fsc.constant dense<true> : tensor<i1>
    fsc.yield %t, %x : tensor<i1>, tensor<2xf32>
  }
  return %r : tensor<?x2xf32>
}

// -----

// The number of iterations is known; a carried value keeps the type that holds for all of them.
// CHECK-LABEL: func.func @counts_iterations
func.func @counts_iterations(%x: tensor<2xf32>) -> (tensor<?xf32>, tensor<?x?xf32>) {
  // CHECK: fsc.loop {{.*}} -> tensor<?xf32>, tensor<3x2xf32>
  %n = fsc.constant dense<3> : tensor<i64>
  %r:2 = fsc.loop times(%n : tensor<i64>) carry(%x : tensor<2xf32>) -> tensor<?xf32>, tensor<?x?xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<?xf32>):
    %t = fsc.constant dense<true> : tensor<i1>
    %0 = fsc.concat(%a, %x) {axis = 0 : i64} : (tensor<?xf32>, tensor<2xf32>) -> tensor<?xf32>
    %1 = fsc.relu(%x) : (tensor<2xf32>) -> tensor<?xf32>
    fsc.yield %t, %0, %1 : tensor<i1>, tensor<?xf32>, tensor<?xf32>
  }
  return %r#0, %r#1 : tensor<?xf32>, tensor<?x?xf32>
}
