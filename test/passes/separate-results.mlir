// RUN: fsc-opt %s --fsc-form-kernels --cse --fsc-separate-results --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @copies_an_argument_that_is_returned
func.func @copies_an_argument_that_is_returned(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: fsc.kernel <pointwise> ins(%arg0
  // CHECK: fsc.identity
  return %x : tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @gives_a_value_returned_twice_two_kernels
func.func @gives_a_value_returned_twice_two_kernels(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: %[[A:.*]] = fsc.kernel
  // CHECK: fsc.relu
  // CHECK: %[[B:.*]] = fsc.kernel
  // CHECK: fsc.identity
  // CHECK: return %[[A]], %[[B]]
  %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %0 : tensor<4xf32>, tensor<4xf32>
}


// -----

// CHECK-LABEL: func.func @keeps_equal_results_apart
func.func @keeps_equal_results_apart(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: fsc.relu
  // CHECK: fsc.identity
  // CHECK-NOT: fsc.relu
  %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @copies_a_view
func.func @copies_a_view(%x: tensor<?x3xf32>) -> tensor<?xf32> {
  // CHECK: fsc.view
  // CHECK: tensor.dim
  // CHECK: fsc.identity
  %s = fsc.constant dense<-1> : tensor<1xi64>
  %0 = fsc.reshape(%x, %s) : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @leaves_a_kernels_result
func.func @leaves_a_kernels_result(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NOT: fsc.identity
  %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// CHECK-LABEL: func.func @gives_each_branch_a_kernel
func.func @gives_each_branch_a_kernel(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<?xf32> {
  // CHECK: fsc.if
  // CHECK: %[[A:.*]] = fsc.kernel
  // CHECK: fsc.relu
  // CHECK: %[[B:.*]] = fsc.kernel
  // CHECK: fsc.identity({{.*}}) : (tensor<4xf32>) -> tensor<?xf32>
  // CHECK: fsc.yield %[[B]] : tensor<?xf32>
  // CHECK: } else {
  // CHECK: %[[C:.*]] = fsc.kernel
  // CHECK: fsc.concat
  // CHECK-NOT: fsc.identity
  // CHECK: fsc.yield %[[C]] : tensor<?xf32>
  %r = fsc.if %c : tensor<i1> -> tensor<?xf32> then {
    %0 = fsc.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>
    fsc.yield %0 : tensor<4xf32>
  } else {
    %1 = fsc.concat(%x, %x) {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<?xf32>
    fsc.yield %1 : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// The loop overwrites its initial value, which is the function's; the second value is carried on as it is.
// CHECK-LABEL: func.func @copies_what_a_loop_overwrites
func.func @copies_what_a_loop_overwrites(%n: index, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: %[[A:.*]] = fsc.kernel
  // CHECK: fsc.identity
  // CHECK: %[[B:.*]] = fsc.kernel
  // CHECK: fsc.identity
  // CHECK: fsc.loop {{.*}} carry(%[[A]], %[[B]]
  // CHECK: ^bb0(%{{.*}}: tensor<i64>, %{{.*}}: tensor<4xf32>, %[[Q:.*]]: tensor<4xf32>):
  // CHECK: %[[N:.*]] = fsc.kernel
  // CHECK: fsc.identity
  // CHECK: fsc.yield %{{.*}}, %[[N]], %[[Q]]
  %true = arith.constant true
  %r:2 = fsc.loop times(%n : index) carry(%x, %x : tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>, tensor<4xf32> {
  ^bb0(%i: tensor<i64>, %p: tensor<4xf32>, %q: tensor<4xf32>):
    fsc.yield %true, %q, %q : i1, tensor<4xf32>, tensor<4xf32>
  }
  return %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
}
