//===- Report.cpp - What a compilation did, as JSON -----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"

#include "llvm/Support/JSON.h"

namespace fsc {

static void printProblem(const Problem &problem, llvm::json::OStream &json) {
  json.object([&] {
    json.attribute("severity", problem.isWarning ? "warning" : "error");
    json.attribute("code", llvm::StringRef(getInfo(problem.code).id));
    json.attribute("title", llvm::StringRef(getInfo(problem.code).title));
    if (!problem.place.op.empty()) {
      json.attribute("node", llvm::json::fixUTF8(problem.place.node));
      json.attribute("op", llvm::json::fixUTF8(problem.place.op));
      json.attribute("opset", problem.place.opset);
    } else if (!problem.place.other.empty()) {
      json.attribute("place", llvm::json::fixUTF8(problem.place.other));
    }
    json.attribute("reason", llvm::json::fixUTF8(problem.reason));
    if (!problem.notes.empty())
      json.attribute("remedy", llvm::json::fixUTF8(problem.notes.front()));
  });
}

void printReport(const CompileReport &report, llvm::raw_ostream &os) {
  llvm::json::OStream json(os, 2);
  json.object([&] {
    json.attribute("model", report.model);
    json.attribute("target", report.target);
    json.attribute("output", report.output);
    json.attribute("status", int(report.status));
    json.attributeArray("problems", [&] {
      for (const Problem &problem : report.problems)
        printProblem(problem, json);
    });
    json.attribute("seconds", report.seconds);
    int64_t peak = 0;
    for (const PhaseTime &phase : report.phases)
      peak = std::max(peak, phase.peakBytes);
    json.attribute("peak_bytes", peak);
    json.attribute("artifact_bytes", report.artifactBytes);
    json.attribute("weights_bytes", report.weightsBytes);
    json.attribute("arena_bytes", report.arenaBytes);
    json.attribute("scratch_bytes", report.scratchBytes);
    json.attribute("launches", report.launches);
    json.attributeArray("phases", [&] {
      for (const PhaseTime &phase : report.phases)
        json.object([&] {
          json.attribute("name", phase.name);
          json.attribute("seconds", phase.seconds);
          json.attribute("peak_bytes", phase.peakBytes);
        });
    });
    json.attributeArray("kernels", [&] {
      for (size_t i = 0; i < report.kernels.size(); ++i)
        json.object([&] {
          const KernelInfo &kernel = report.kernels[i];
          json.attribute("name", kernel.name);
          json.attribute("nodes", kernel.location);
          json.attribute("anchor", kernel.anchor);
          json.attribute("flops", kernel.flops);
          json.attribute("bytes", kernel.bytes);
          json.attribute("schedule", report.schedules[i]);
        });
    });
  });
  os << "\n";
}

} // namespace fsc
