// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_reduced_dims
// CHECK: fsc.reduce_log_sum_exp
func.func @keeps_reduced_dims(%x: tensor<2x3x4xf32>) -> tensor<2x3x1xf32> {
  %a = fsc.constant dense<[-1]> : tensor<1xi64>
  %r = fsc.reduce_log_sum_exp(%x, %a) : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x3x1xf32>
  return %r : tensor<2x3x1xf32>
}

// CHECK-LABEL: @takes_axes_known_only_at_run_time
// CHECK: fsc.reduce_log_sum_exp
func.func @takes_axes_known_only_at_run_time(%x: tensor<2x3x4xf32>, %a: tensor<2xi64>) -> tensor<?x?x?xf32> {
  %r = fsc.reduce_log_sum_exp(%x, %a) : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<?x?x?xf32>
  return %r : tensor<?x?x?xf32>
}

// CHECK-LABEL: @drops_dims_known_only_at_run_time
// CHECK: fsc.reduce_log_sum_exp
func.func @drops_dims_known_only_at_run_time(%x: tensor<2x3x4xf32>, %a: tensor<2xi64>) -> tensor<?xf32> {
  %r = fsc.reduce_log_sum_exp(%x, %a) {keepdims = 0 : i64} : (tensor<2x3x4xf32>, tensor<2xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

// reduce_log_sum_exp.C1: elements are floats
func.func @reduce_log_sum_exp_c1(%x: tensor<2xi32>) -> tensor<1xi32> {
  // expected-error @+1 {{expected float elements, got 'tensor<2xi32>'}}
  %r = fsc.reduce_log_sum_exp(%x) : (tensor<2xi32>) -> tensor<1xi32>
  return %r : tensor<1xi32>
}

// -----

// reduce.C1: the number of axes is known
func.func @reduce_c1(%x: tensor<2x3x4xf32>, %a: tensor<?xi64>) -> tensor<?x?x?xf32> {
  // expected-error @+1 {{expected axes of which the number is known, at most 3}}
  %r = fsc.reduce_log_sum_exp(%x, %a) : (tensor<2x3x4xf32>, tensor<?xi64>) -> tensor<?x?x?xf32>
  return %r : tensor<?x?x?xf32>
}

// -----

// reduce.C2: axes are in range
func.func @reduce_c2(%x: tensor<2x3x4xf32>) -> tensor<2x3x1xf32> {
  %a = fsc.constant dense<[3]> : tensor<1xi64>
  // expected-error @+1 {{expected axes in [-3, 3), got 3}}
  %r = fsc.reduce_log_sum_exp(%x, %a) : (tensor<2x3x4xf32>, tensor<1xi64>) -> tensor<2x3x1xf32>
  return %r : tensor<2x3x1xf32>
}
