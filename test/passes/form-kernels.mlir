// RUN: fsc-opt %s --fsc-form-kernels --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @wraps_every_op
func.func @wraps_every_op(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK: %[[E:.*]] = tensor.empty() : tensor<2x4xf32>
  // CHECK: %[[K:.*]] = fsc.kernel <row> ins(%{{.*}} : tensor<2x4xf32>) outs(%[[E]] : tensor<2x4xf32>)
  // CHECK: fsc.softmax
  // CHECK: return %[[K]]
  %0 = fsc.softmax(%x) : (tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func.func @computes_dynamic_sizes_in_front_of_the_kernel
func.func @computes_dynamic_sizes_in_front_of_the_kernel(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[N:.*]] = tensor.dim
  // CHECK: %[[M:.*]] = tensor.dim
  // CHECK: %[[SUM:.*]] = arith.addi %[[N]], %[[M]]
  // CHECK: tensor.empty(%[[SUM]])
  %0 = fsc.concat(%x, %y) {axis = 0 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// The arithmetic on shapes is followed: no kernel computes it.
// CHECK-LABEL: func.func @follows_shape_arithmetic_into_a_view
func.func @follows_shape_arithmetic_into_a_view(%x: tensor<?x2x3xf32>) -> tensor<?x6xf32> {
  %c = fsc.constant dense<0> : tensor<1xi64>
  %six = fsc.constant dense<6> : tensor<1xi64>
  // CHECK-NOT: fsc.shape
  // CHECK: %[[N:.*]] = tensor.dim %arg0
  // CHECK: fsc.view %arg0[%[[N]]] : tensor<?x2x3xf32> -> tensor<?x6xf32>
  %s = fsc.shape(%x) : (tensor<?x2x3xf32>) -> tensor<3xi64>
  %n = fsc.gather(%s, %c) : (tensor<3xi64>, tensor<1xi64>) -> tensor<1xi64>
  %shape = fsc.concat(%n, %six) {axis = 0 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %0 = fsc.reshape(%x, %shape) : (tensor<?x2x3xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}

// -----

// Small constants live inside the kernels that use them, large ones outside.
// CHECK-LABEL: func.func @takes_small_constants_inside
func.func @takes_small_constants_inside(%x: tensor<32xf32>) -> tensor<32xf32> {
  // CHECK: fsc.kernel <pointwise> ins(%arg0 : tensor<32xf32>)
  // CHECK-NEXT: ^bb0
  // CHECK-NEXT: fsc.constant
  %c = fsc.constant dense<2.0> : tensor<1xf32>
  %0 = fsc.mul(%x, %c) : (tensor<32xf32>, tensor<1xf32>) -> tensor<32xf32>
  return %0 : tensor<32xf32>
}

// -----

// A condition on a size is arithmetic; a value from around the branch is an input of the kernel.
// CHECK-LABEL: func.func @forms_kernels_in_branches
func.func @forms_kernels_in_branches(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: %[[N:.*]] = tensor.dim %arg0
  // CHECK-NOT: fsc.kernel
  // CHECK: %[[C:.*]] = arith.cmpi ne
  // CHECK: fsc.if %[[C]] : i1
  // CHECK: fsc.kernel <pointwise> ins(%arg0 : tensor<?xf32>)
  // CHECK: } else {
  // CHECK-NEXT: fsc.yield %arg0
  %s = fsc.shape(%x) : (tensor<?xf32>) -> tensor<1xi64>
  %three = fsc.constant dense<3> : tensor<1xi64>
  %c = fsc.equal(%s, %three) : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi1>
  %r = fsc.if %c : tensor<1xi1> -> tensor<?xf32> then {
    %0 = fsc.relu(%x) : (tensor<?xf32>) -> tensor<?xf32>
    fsc.yield %0 : tensor<?xf32>
  } else {
    fsc.yield %x : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @reads_numbers_of_loops
func.func @reads_numbers_of_loops(%n: tensor<i64>, %x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: %[[E:.*]] = tensor.extract %arg0
  // CHECK: %[[N:.*]] = arith.index_cast %[[E]]
  // CHECK: fsc.loop times(%[[N]] : index)
  // CHECK: fsc.kernel
  // CHECK: fsc.yield %{{.*}}, %{{.*}} : i1, tensor<2xf32>
  %r = fsc.loop times(%n : tensor<i64>) carry(%x : tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    %t = fsc.constant dense<true> : tensor<i1>
    %0 = fsc.relu(%a) : (tensor<2xf32>) -> tensor<2xf32>
    fsc.yield %t, %0 : tensor<i1>, tensor<2xf32>
  }
  return %r : tensor<2xf32>
}

// -----

// CHECK-LABEL: func.func @makes_a_check_of_what_is_required
func.func @makes_a_check_of_what_is_required(%c: tensor<i1>) {
  // CHECK: fsc.check %{{.*}}, "must hold"
  // CHECK-NOT: fsc.require
  fsc.require %c : tensor<i1>, "must hold"
  return
}

// -----

// What must hold of sizes that are not known is checked when the program runs, but for what holds certainly: equal
// symbols, and sizes that are the same value.
// CHECK-LABEL: func.func @checks_sizes_that_must_be_equal
func.func @checks_sizes_that_must_be_equal(%x: tensor<?x?xf32> {fsc.name = "x", fsc.dims = ["n", ""]},
                                           %w: tensor<16x8xf32>) -> tensor<?x8xf32> {
  // CHECK: %[[K:.*]] = tensor.dim %arg0, %c1
  // CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[K]], %c16
  // CHECK: fsc.check %[[SAME]], "expected equal sizes, got {0} for dim 1 of input 'x' and {1}"[%[[K]], %c16
  %0 = fsc.matmul(%x, %w) : (tensor<?x?xf32>, tensor<16x8xf32>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// CHECK-LABEL: func.func @checks_sizes_that_must_broadcast
func.func @checks_sizes_that_must_broadcast(%x: tensor<?xf32> {fsc.name = "x", fsc.dims = ["n"]},
                                            %y: tensor<?xf32> {fsc.name = "y", fsc.dims = ["m"]}) -> tensor<?xf32> {
  // CHECK: fsc.check %{{.*}}, "expected sizes that broadcast, got {0} for 'n' and {1} for 'm'"
  %0 = fsc.add(%x, %y) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// CHECK-LABEL: func.func @checks_nothing_that_holds
func.func @checks_nothing_that_holds(%x: tensor<?xf32> {fsc.dims = ["n"]},
                                     %y: tensor<?xf32> {fsc.dims = ["n"]}) -> tensor<?xf32> {
  // CHECK-NOT: fsc.check
  %0 = fsc.relu(%x) : (tensor<?xf32>) -> tensor<?xf32>
  %1 = fsc.add(%0, %y) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %2 = fsc.mul(%1, %x) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %2 : tensor<?xf32>
}
