// RUN: fsc-opt %s --split-input-file --verify-diagnostics --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @keeps_all_elements
// CHECK: fsc.dropout
func.func @keeps_all_elements(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xi1>) {
  %r:2 = fsc.dropout(%x) : (tensor<?xf32>) -> (tensor<?xf32>, tensor<?xi1>)
  return %r#0, %r#1 : tensor<?xf32>, tensor<?xi1>
}

// CHECK-LABEL: @drops_nothing_at_ratio_0
// CHECK: fsc.dropout
func.func @drops_nothing_at_ratio_0(%x: tensor<4xf32>, %y: tensor<i1>) -> tensor<4xf32> {
  %z = fsc.constant dense<0.0> : tensor<f32>
  %r = fsc.dropout(%x, %z, %y) : (tensor<4xf32>, tensor<f32>, tensor<i1>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// CHECK-LABEL: @may_be_training
// CHECK: fsc.dropout(%{{.*}}, _, %{{.*}})
func.func @may_be_training(%x: tensor<4xf32>, %y: tensor<i1>) -> tensor<4xf32> {
  %r = fsc.dropout(%x, _, %y) : (tensor<4xf32>, tensor<i1>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// dropout.C1: ratio and training_mode are one number each
func.func @dropout_c1(%x: tensor<4xf32>, %y: tensor<2xi1>) -> tensor<4xf32> {
  // expected-error @+1 {{expected one number, got 'tensor<2xi1>'}}
  %r = fsc.dropout(%x, _, %y) : (tensor<4xf32>, tensor<2xi1>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
