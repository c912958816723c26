//===- fsc-compile.cpp - Ahead-of-time compilation ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "compiler/Diagnostics.h"
#include "compiler/Explain.h"
#include "compiler/import/onnx/CustomOps.h"
#include "compiler/import/onnx/Import.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ToolOutputFile.h"

#include <unistd.h>

using namespace llvm;

namespace {

/// The options. Members, not globals: LLVM's own options are dropped before these are made, so that neither their names
/// nor their help are in the way.
struct Options {
  cl::OptionCategory category{"Options of fsc-compile"};
  cl::opt<std::string> input{cl::Positional, cl::desc("MODEL.onnx"), cl::cat(category)};
  cl::opt<std::string> output{"o", cl::desc("The file to write; by default the model's name with the kind's ending"),
                              cl::value_desc("file"), cl::cat(category)};
  cl::opt<int> optLevel{"O",
                        cl::Prefix,
                        cl::desc("0: plain loops, the reference; 2: everything (default)"),
                        cl::init(2),
                        cl::value_desc("level"),
                        cl::cat(category)};
  cl::opt<std::string> target{"target",
                              cl::desc("cpu, or cpu:LEVEL with host (default), x86-64-v3, x86-64-v4, aarch64"),
                              cl::init("cpu"), cl::value_desc("name[:level]"), cl::cat(category)};
  cl::opt<std::string> emitKind{"emit", cl::desc("mlir (after lower), linalg, llvm, asm, obj, so (default) or exe"),
                                cl::init("so"), cl::value_desc("kind"), cl::cat(category)};
  cl::list<std::string> bind{"bind", cl::desc("Sizes of symbolic dims: --bind batch=1,seq=128"), cl::CommaSeparated,
                             cl::value_desc("name=size"), cl::cat(category)};
  cl::opt<unsigned> channelBlock{"nchwc-block",
                                 cl::desc("Channels in a block of operators of com.microsoft.nchwc, where the model "
                                          "does not tell: 16 if it was optimized with AVX-512 or NEON, else 8"),
                                 cl::init(0), cl::value_desc("8|16"), cl::cat(category)};
  cl::list<std::string> dim{"dim", cl::desc("Sizes that symbolic dims may have: --dim seq=1..512,batch=1.."),
                            cl::CommaSeparated, cl::value_desc("name=low..high"), cl::cat(category)};
  cl::list<std::string> limit{"limit", cl::desc("Other limits than those that FSC-E301 lists: --limit nodes=2000000"),
                              cl::CommaSeparated, cl::value_desc("name=value"), cl::cat(category)};
  cl::opt<std::string> weights{"weights", cl::desc("embedded (default), or external: FILE.weights beside the artefact"),
                               cl::init("embedded"), cl::value_desc("mode"), cl::cat(category)};
  cl::list<std::string> customOps{"custom-ops", cl::desc("Shared libraries that define operators of other domains"),
                                  cl::CommaSeparated, cl::value_desc("lib.so"), cl::cat(category)};
  cl::opt<std::string> stopAfter{"stop-after", cl::desc("Print the IR that this phase leaves; it can go on from there"),
                                 cl::value_desc("phase"), cl::cat(category)};
  cl::opt<std::string> startFrom{"start-from", cl::desc("The input is IR that this phase left: go on with the next"),
                                 cl::value_desc("phase"), cl::cat(category)};
  cl::opt<unsigned> threads{"threads", cl::desc("Threads to compile with; default: all"), cl::init(0),
                            cl::cat(category)};
  cl::opt<bool> inspect{"inspect", cl::desc("Print a summary of the model and stop"), cl::cat(category)};
  cl::opt<bool> quiet{"quiet", cl::desc("Print nothing but diagnostics"), cl::cat(category)};
  cl::opt<std::string> reportFile{"report", cl::desc("Write what was done, by phase and kernel, as JSON"),
                                  cl::value_desc("file"), cl::cat(category)};
  cl::opt<bool> dumpPipeline{"dump-pass-pipeline", cl::desc("Print the passes of each phase and stop"),
                             cl::cat(category)};
  cl::opt<std::string> explain{"explain", cl::desc("Print the page about a code of an error or warning and stop"),
                               cl::value_desc("FSC-Ennn"), cl::cat(category)};
  cl::opt<bool> strict{"strict", cl::desc("Warnings, of fallbacks and what is ignored, are errors"), cl::cat(category)};
  cl::opt<bool> verifyPhases{"verify-phases", cl::desc("Check the contract of each phase (default)"), cl::init(true),
                             cl::cat(category)};
  cl::opt<std::string> reproducer{"reproducer", cl::desc("Where to leave the IR that an internal error fails on"),
                                  cl::init("fsc-reproducer.mlir"), cl::value_desc("file"), cl::cat(category)};
};

int fail(fsc::Code code, const Twine &message) {
  errs() << fsc::formatProblem(
      {.code = code, .place = {}, .reason = message.str(), .notes = {std::string(fsc::getInfo(code).remedy)}});
  return int(fsc::CompileStatus::usage);
}
int usage(const Twine &message) { return fail(fsc::Code::badOption, message); }

/// The kinds of --emit, with the file ending of each.
struct Kind {
  StringLiteral name, ending;
  fsc::OutputKind kind;
};
const Kind kinds[] = {{"llvm", ".ll", fsc::OutputKind::llvm},
                      {"asm", ".s", fsc::OutputKind::assembly},
                      {"obj", ".o", fsc::OutputKind::object},
                      {"so", ".so", fsc::OutputKind::sharedObject},
                      {"exe", "", fsc::OutputKind::executable}};

bool parsePhaseOption(StringRef option, StringRef name, fsc::Phase &phase) {
  if (auto parsed = fsc::parsePhase(name)) {
    phase = *parsed;
    return true;
  }
  std::string known;
  for (const fsc::PhaseInfo &info : fsc::getPhases())
    known += (" " + info.name).str();
  usage("--" + option + ": expected one of" + known + ", got '" + name + "'");
  return false;
}

/// Turns the options into a request; 0, or the exit code.
int makeRequest(const Options &o, fsc::CompileRequest &request) {
  request.input = o.input;
  request.options.target = o.target;
  request.options.threads = o.threads;
  request.options.strict = o.strict;
  request.options.verifyPhases = o.verifyPhases;
  request.options.customOps.assign(o.customOps.begin(), o.customOps.end());
  request.reproducer = o.reproducer;
  if (o.optLevel != 0 && o.optLevel != 2)
    return usage("expected -O0 or -O2, got -O" + Twine(o.optLevel));
  request.options.optLevel = o.optLevel;
  if (o.weights != "embedded" && o.weights != "external")
    return usage("--weights: expected embedded or external, got '" + o.weights + "'");
  request.options.weights = o.weights == "external" ? fsc::WeightsMode::external : fsc::WeightsMode::embedded;
  for (const std::string &item : o.bind) {
    auto [name, size] = StringRef(item).split('=');
    int64_t value = 0;
    if (name.empty() || size.getAsInteger(10, value) || value < 0)
      return usage("--bind: expected NAME=SIZE, got '" + item + "'");
    request.options.bindings[name] = value;
  }
  if (o.channelBlock.getNumOccurrences() > 0 && !fsc::isChannelBlock(o.channelBlock))
    return usage("--nchwc-block: expected 8 or 16, got " + Twine(o.channelBlock));
  request.options.channelBlock = o.channelBlock;
  for (const std::string &item : o.dim) {
    auto [name, text] = StringRef(item).split('=');
    std::optional<fsc::DimRange> range = fsc::parseDimRange(text);
    if (name.empty() || !range)
      return usage("--dim: expected NAME=LOW..HIGH, got '" + item + "'");
    fsc::DimRange &known = request.options.ranges[name];
    fsc::DimRange both = known.intersect(*range);
    if (both.isEmpty())
      return usage("--dim: no size of '" + name + "' is both in " + fsc::printDimRange(known) + " and in " +
                   fsc::printDimRange(*range));
    known = both;
  }
  for (const std::string &item : o.limit) {
    auto [name, number] = StringRef(item).split('=');
    int64_t value = 0;
    if (number.getAsInteger(10, value))
      return usage("--limit: expected NAME=VALUE, got '" + item + "'");
    if (Error error = request.options.limits.set(name, value))
      return usage("--limit: " + toString(std::move(error)));
  }
  if (!o.stopAfter.empty() && !parsePhaseOption("stop-after", o.stopAfter, request.stopAfter))
    return int(fsc::CompileStatus::usage);
  if (!o.startFrom.empty() && !parsePhaseOption("start-from", o.startFrom, request.startFrom.emplace()))
    return int(fsc::CompileStatus::usage);
  if (request.startFrom && *request.startFrom > request.stopAfter)
    return usage("expected --stop-after not to lie before --start-from");
  if (request.startFrom == fsc::Phase::emit)
    return usage("--start-from: nothing follows emit");
  StringRef ending = ".mlir";
  if (o.emitKind == "mlir" || o.emitKind == "linalg") {
    request.stopAfter = std::min(request.stopAfter, fsc::Phase::lower);
    request.stopAtLinalg = o.emitKind == "linalg";
  } else {
    const Kind *kind = llvm::find_if(kinds, [&](const Kind &k) { return k.name == o.emitKind; });
    if (kind == std::end(kinds))
      return usage("--emit: expected mlir, linalg, llvm, asm, obj, so or exe, got '" + o.emitKind + "'");
    request.kind = kind->kind;
    ending = kind->ending;
  }
  request.output = o.output;
  if (o.output.empty() && request.stopAfter == fsc::Phase::emit)
    request.output = (sys::path::stem(o.input) + ending).str();
  return 0;
}

std::string bytes(double count) {
  const char *units[] = {"B", "KiB", "MiB", "GiB"};
  size_t unit = 0;
  for (; count >= 1024 && unit < 3; ++unit)
    count /= 1024;
  return formatv("{0:f1} {1}", count, units[unit]).str();
}

/// On a terminal, a line for the phase that runs, rewritten as phases go by: its number, and the time and memory that
/// those before it took.
class Progress {
public:
  Progress(bool enabled, StringRef input, const fsc::CompileReport &report)
      : enabled(enabled && isatty(2)), name(sys::path::filename(input)), report(report) {}
  ~Progress() { clear(); }
  void show(fsc::Phase phase) {
    if (!enabled)
      return;
    errs() << "\r\033[K" << name << ": [" << int(phase) + 1 << "/" << fsc::getPhases().size() << "] "
           << fsc::phaseName(phase) << "…";
    double seconds = 0;
    for (const fsc::PhaseTime &done : report.phases)
      seconds += done.seconds;
    if (!report.phases.empty())
      errs() << formatv("  {0:f1} s, {1}", seconds, bytes(double(report.phases.back().peakBytes)));
  }
  void clear() {
    if (enabled)
      errs() << "\r\033[K";
  }

private:
  bool enabled;
  StringRef name;
  const fsc::CompileReport &report;
};

void printSummary(const fsc::CompileReport &report) {
  int64_t peak = 0;
  std::string phases;
  for (const fsc::PhaseTime &phase : report.phases) {
    peak = std::max(peak, phase.peakBytes);
    if (phase.seconds >= 0.05)
      phases += formatv("{0}{1} {2:f1}", phases.empty() ? "" : ", ", phase.name, phase.seconds).str();
  }
  outs() << formatv("{0}: {1} kernels in {2} launches, {3} ({4} weights), arena {5}; {6:f1} s{7}, peak {8}\n",
                    report.output, report.kernels.size(), report.launches, bytes(report.artifactBytes),
                    bytes(report.weightsBytes), bytes(report.arenaBytes), report.seconds,
                    phases.empty() ? "" : " (" + phases + ")", bytes(peak));
}

int runExplain(StringRef id) {
  if (auto code = fsc::parseCode(id)) {
    outs() << StringRef(fsc::explain(*code));
    return 0;
  }
  std::string known;
  for (const fsc::CodeInfo &info : fsc::allCodes)
    known += " " + std::string(info.id);
  return usage("--explain: expected one of" + known + ", got '" + id + "'");
}

int runInspect(mlir::MLIRContext &context, const fsc::CompileRequest &request) {
  auto model = fsc::readModel(&context, request.input, request.options.limits);
  if (mlir::failed(model))
    return int(fsc::CompileStatus::refused);
  fsc::CustomOps customOps;
  if (Error error = customOps.load(request.options.customOps)) {
    fsc::emitCoded(fsc::Code::customLibrary, mlir::UnknownLoc::get(&context), toString(std::move(error)));
    return int(fsc::CompileStatus::refused);
  }
  fsc::ImportOptions options = fsc::getImportOptions(request.options);
  options.customOps = &customOps;
  fsc::inspectModel(&context, **model, options, outs());
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::ResetCommandLineParser();
  Options o;
  cl::HideUnrelatedOptions(o.category);
  cl::SetVersionPrinter([](raw_ostream &os) { os << "fsc " << fsc::getVersion() << "\n"; });
  std::string complaint;
  raw_string_ostream complaints(complaint);
  // LLVM's own parser exits with 1 on a bad option; that code means "outputs differ" here.
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "Compiles an ONNX model to native code.\n\n"
          "  fsc-compile resnet50.onnx -o resnet50.so      host CPU, all optimisations\n"
          "  fsc-compile model.onnx --inspect              what the model holds\n"
          "  fsc-compile model.onnx --bind batch=1,seq=128 fix symbolic sizes\n"
          "  fsc-compile model.onnx --stop-after=fuse      the IR after a phase\n"
          "  fsc-compile --explain FSC-E204                what an error means, and what to do\n\n"
          "Exit codes: 0 done, 2 usage, 3 the model is refused, 4 internal error.\n",
          &complaints))
    return usage(StringRef(complaint).trim());
  if (!o.explain.empty())
    return runExplain(o.explain);
  if (o.input.empty() && !o.dumpPipeline)
    return usage("expected a model; see --help");
  fsc::CompileRequest request;
  if (int code = makeRequest(o, request))
    return code;
  SmallString<256> self(sys::fs::getMainExecutable(argv[0], reinterpret_cast<void *>(&main)));
  sys::path::remove_filename(self);
  request.launcher = (self + "/fsc-run").str();

  mlir::DialectRegistry registry;
  fsc::registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  mlir::ScopedDiagnosticHandler handler(&context, [](mlir::Diagnostic &diagnostic) {
    errs() << (isatty(2) ? "\r\033[K" : "") << fsc::formatDiagnostic(diagnostic);
  });
  if (o.dumpPipeline)
    return int(fsc::printPipeline(context, request.options, outs()));
  if (o.inspect)
    return runInspect(context, request);
  // The linker, which runs in this process, resets LLVM's options: what is read after it is kept here.
  const bool quiet = o.quiet;
  const std::string reportFile = o.reportFile;
  fsc::CompileReport report;
  Progress progress(!quiet, request.input, report);
  request.onPhase = [&](fsc::Phase phase) { progress.show(phase); };
  fsc::CompileStatus status = fsc::compile(context, request, report);
  progress.clear();
  if (!reportFile.empty()) {
    std::error_code error;
    ToolOutputFile file(reportFile, error, sys::fs::OF_Text);
    if (error)
      return fail(fsc::Code::cannotWrite, "--report: cannot write '" + reportFile + "': " + error.message());
    fsc::printReport(report, file.os());
    file.keep();
  }
  if (status == fsc::CompileStatus::ok && !quiet && request.stopAfter == fsc::Phase::emit)
    printSummary(report);
  return int(status);
}
