//===- NonMaxSuppression.cpp - The best boxes that overlap no better one --===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/src/routines/Routine.h"

#include <algorithm>
#include <array>

using namespace fsc::runtime;

namespace {

struct Box {
  float top, left, bottom, right;

  Box(const float *box, bool byCentre) {
    if (byCentre) {
      // [x, y, width, height]
      left = box[0] - box[2] / 2, right = box[0] + box[2] / 2;
      top = box[1] - box[3] / 2, bottom = box[1] + box[3] / 2;
    } else {
      // Two opposite corners, [y, x, y, x].
      top = std::min(box[0], box[2]), bottom = std::max(box[0], box[2]);
      left = std::min(box[1], box[3]), right = std::max(box[1], box[3]);
    }
  }

  float area() const { return (right - left) * (bottom - top); }

  bool overlaps(const Box &other, float threshold) const {
    float width = std::min(right, other.right) - std::max(left, other.left);
    float height = std::min(bottom, other.bottom) - std::max(top, other.top);
    if (!(width > 0) || !(height > 0))
      return false;
    float both = width * height, all = area() + other.area() - both;
    if (!(area() > 0) || !(other.area() > 0) || !(all > 0))
      return false;
    return both / all > threshold;
  }
};

/// The only element of a tensor that may be absent or empty.
template <typename T> T numberOr(Array array, T otherwise) {
  return array && array.elements() != 0 ? *array.data<T>() : otherwise;
}

} // namespace

FSC_ROUTINE(NonMaxSuppression) {
  Array boxes = call.input(0), scores = call.input(1), scoreThreshold = call.input(4);
  int64_t batches = boxes.dim(0), count = boxes.dim(1), classes = scores.dim(1);
  if (scores.dim(0) != batches || scores.dim(2) != count)
    call.fail("expected scores of %lld batches of %lld boxes, got %lld of %lld", static_cast<long long>(batches),
              static_cast<long long>(count), static_cast<long long>(scores.dim(0)),
              static_cast<long long>(scores.dim(2)));
  int64_t most = std::max<int64_t>(numberOr<int64_t>(call.input(2), 0), 0);
  float threshold = numberOr<float>(call.input(3), 0);
  bool filters = scoreThreshold && scoreThreshold.elements() != 0;
  float least = numberOr<float>(scoreThreshold, 0);
  bool byCentre = call.integer("center_point_box", 0) != 0;

  std::vector<std::array<int64_t, 3>> selected;
  std::vector<int64_t> candidates, kept;
  for (int64_t batch = 0; batch < batches && most > 0; ++batch)
    for (int64_t label = 0; label < classes; ++label) {
      const float *score = scores.data<float>() + (batch * classes + label) * count;
      auto boxOf = [&](int64_t i) { return Box(boxes.data<float>() + (batch * count + i) * 4, byCentre); };
      candidates.clear();
      for (int64_t i = 0; i < count; ++i)
        // A NaN is no score.
        if (score[i] == score[i] && (!filters || score[i] > least))
          candidates.push_back(i);
      std::sort(candidates.begin(), candidates.end(),
                [&](int64_t i, int64_t j) { return score[i] != score[j] ? score[i] > score[j] : i < j; });
      kept.clear();
      for (int64_t i : candidates) {
        if (int64_t(kept.size()) == most)
          break;
        Box box = boxOf(i);
        if (std::any_of(kept.begin(), kept.end(), [&](int64_t j) { return box.overlaps(boxOf(j), threshold); }))
          continue;
        kept.push_back(i);
        selected.push_back({batch, label, i});
      }
    }
  int64_t *result = call.result<int64_t>(0, {int64_t(selected.size()), 3});
  for (const std::array<int64_t, 3> &row : selected)
    result = std::copy(row.begin(), row.end(), result);
}
