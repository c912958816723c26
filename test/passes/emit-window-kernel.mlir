// RUN: fsc-opt %s --fsc-emit-window-kernel --canonicalize --split-input-file --verify-diagnostics | FileCheck %s

// Tile: 2 pixels, 4 lanes, 3 rows of a task. Pixels at the border one by one over a clipped window.
// CHECK-LABEL: func.func @clips_windows_at_the_border
// CHECK-SAME: (%{{.*}}: memref<1x9x9x8xf32>, %{{.*}}: memref<1x9x1x8xf32>, %{{.*}}: memref<1x9x9x8xf32>)
// CHECK: scf.forall (%{{.*}}) in (3)
// CHECK: scf.for {{.*}} -> (vector<4xf32>)
// CHECK: vector.fma
// CHECK: vector.store
// CHECK: scf.for {{.*}} -> (vector<4xf32>, vector<4xf32>)
// CHECK-COUNT-6: vector.fma
// CHECK: vector.store
// CHECK-NOT: memref.alloc
func.func @clips_windows_at_the_border(%x: tensor<1x9x9x8xf32>, %w: tensor<1x9x1x8xf32>, %out: tensor<1x9x9x8xf32>) -> tensor<1x9x9x8xf32>
    attributes {fsc.schedule = #fsc.schedule<"window", cost = 1, tile = [2, 4, 3]>} {
  %y = fsc.conv(%x, %w) {channels_last = true, group = 8 : i64, pack = 8 : i64, filters = 8 : i64, kernel_shape = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x9x9x8xf32>, tensor<1x9x1x8xf32>) -> tensor<1x9x9x8xf32>
  return %y : tensor<1x9x9x8xf32>
}

// -----

// CHECK-LABEL: func.func @takes_the_largest_of_dynamic_images
// CHECK: arith.constant dense<0xFF800000> : vector<4xf32>
// CHECK: arith.maximumf
// CHECK: vector.store
func.func @takes_the_largest_of_dynamic_images(%x: tensor<?x?x?x8xf32>, %out: tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32>
    attributes {fsc.schedule = #fsc.schedule<"window", cost = 1, tile = [2, 4, 3]>} {
  %y = fsc.max_pool(%x) {channels_last = true, kernel_shape = array<i64: 2, 2>} : (tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32>
  return %y : tensor<?x?x?x8xf32>
}

// -----

// CHECK-LABEL: func.func @divides_a_mean_by_what_is_inside
// CHECK: arith.addf
// CHECK: arith.divf
func.func @divides_a_mean_by_what_is_inside(%x: tensor<1x8x8x8xf32>, %out: tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
    attributes {fsc.schedule = #fsc.schedule<"window", cost = 1, tile = [2, 4, 3]>} {
  %y = fsc.average_pool(%x) {channels_last = true, kernel_shape = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  return %y : tensor<1x8x8x8xf32>
}

// -----

// CHECK-LABEL: func.func @masks_channels_that_do_not_fill_a_vector
// CHECK-DAG: %[[MASK:.*]] = arith.constant dense<[true, true, false, false]> : vector<4xi1>
// CHECK: vector.maskedload {{.*}}, %[[MASK]]
// CHECK: vector.maskedstore {{.*}}, %[[MASK]]
func.func @masks_channels_that_do_not_fill_a_vector(%x: tensor<2x7x7x2xf32>, %out: tensor<2x1x1x2xf32>) -> tensor<2x1x1x2xf32>
    attributes {fsc.schedule = #fsc.schedule<"window", cost = 1, tile = [1, 4, 1]>} {
  %y = fsc.global_average_pool(%x) {channels_last = true} : (tensor<2x7x7x2xf32>) -> tensor<2x1x1x2xf32>
  return %y : tensor<2x1x1x2xf32>
}

// -----

// expected-error @below {{internal: the schedule does not fit the kernel: the channels are not last}}
func.func @refuses_channels_first(%x: tensor<1x8x8x8xf32>, %out: tensor<1x8x7x7xf32>) -> tensor<1x8x7x7xf32>
    attributes {fsc.schedule = #fsc.schedule<"window", cost = 1, tile = [2, 4, 3]>} {
  %y = fsc.max_pool(%x) {kernel_shape = array<i64: 2, 2>} : (tensor<1x8x8x8xf32>) -> tensor<1x8x7x7xf32>
  return %y : tensor<1x8x7x7xf32>
}

// -----

// expected-error @below {{internal: the schedule does not fit the kernel: padding that follows from sizes is counted}}
func.func @refuses_padding_that_counts_and_follows_from_sizes(%x: tensor<1x8x8x8xf32>, %out: tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
    attributes {fsc.schedule = #fsc.schedule<"window", cost = 1, tile = [2, 4, 3]>} {
  %y = fsc.average_pool(%x) {channels_last = true, kernel_shape = array<i64: 2, 2>, auto_pad = "SAME_UPPER", count_include_pad = 1 : i64} : (tensor<1x8x8x8xf32>) -> tensor<1x8x8x8xf32>
  return %y : tensor<1x8x8x8xf32>
}
