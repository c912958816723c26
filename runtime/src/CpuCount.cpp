//===- CpuCount.cpp - How many threads this process may use ---------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The quota is the smallest of those on the path from this process's control
// group up to the root: cpu.max in version 2, cpu.cfs_quota_us over
// cpu.cfs_period_us in version 1. In a container the path of /proc/self/cgroup may
// lead out of what is mounted; then the files of the mount's root count.
//
//===----------------------------------------------------------------------===//

#include "runtime/src/CpuCount.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <vector>

using namespace fsc::runtime;

namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// The text of a small file; empty if there is none.
std::string readFile(const std::string &path) {
  std::string text;
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return text;
  char buffer[4096];
  ssize_t got;
  while (text.size() < (1u << 20) && (got = read(file, buffer, sizeof(buffer))) > 0)
    text.append(buffer, size_t(got));
  close(file);
  return text;
}

std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  size_t from = 0;
  for (size_t to; (to = text.find(separator, from)) != std::string::npos; from = to + 1)
    parts.push_back(text.substr(from, to - from));
  parts.push_back(text.substr(from));
  return parts;
}

/// Two numbers of microseconds; "max" and what is no number mean that there is no quota.
double quotaOf(const std::string &quotaText, const std::string &periodText) {
  double quota = std::strtod(quotaText.c_str(), nullptr), period = std::strtod(periodText.c_str(), nullptr);
  return quota > 0 && period > 0 ? quota / period : unlimited;
}

/// "max 100000" or "150000 100000".
double quotaV2(const std::string &folder) {
  std::vector<std::string> words = split(readFile(folder + "/cpu.max"), ' ');
  return words.size() == 2 ? quotaOf(words[0], words[1]) : unlimited;
}

double quotaV1(const std::string &folder) {
  return quotaOf(readFile(folder + "/cpu.cfs_quota_us"), readFile(folder + "/cpu.cfs_period_us"));
}

/// The smallest quota of the groups from `group` up to the root of `mount`.
double smallestQuota(const std::string &mount, std::string group, double (*quotaAt)(const std::string &)) {
  double smallest = quotaAt(mount);
  while (group.size() > 1) {
    smallest = std::min(smallest, quotaAt(mount + group));
    group.resize(group.rfind('/'));
  }
  return smallest;
}

double cgroupQuota(const std::string &root) {
  // Where each hierarchy is mounted; fields of mountinfo: 5th the mount point,
  // after " - " the type, the source and the options.
  std::string mountV1, mountV2;
  for (const std::string &line : split(readFile(root + "/proc/self/mountinfo"), '\n')) {
    size_t dash = line.find(" - ");
    if (dash == std::string::npos)
      continue;
    std::vector<std::string> before = split(line.substr(0, dash), ' ');
    std::vector<std::string> after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3)
      continue;
    if (after[0] == "cgroup2")
      mountV2 = root + before[4];
    std::vector<std::string> options = split(after[2], ',');
    if (after[0] == "cgroup" && std::find(options.begin(), options.end(), "cpu") != options.end())
      mountV1 = root + before[4];
  }

  double quota = unlimited;
  for (const std::string &line : split(readFile(root + "/proc/self/cgroup"), '\n')) {
    size_t first = line.find(':');
    size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
    if (group.empty() || group[0] != '/')
      continue;
    std::vector<std::string> names = split(controllers, ',');
    if (controllers.empty() && !mountV2.empty())
      quota = std::min(quota, smallestQuota(mountV2, group, quotaV2));
    else if (!mountV1.empty() && std::find(names.begin(), names.end(), "cpu") != names.end())
      quota = std::min(quota, smallestQuota(mountV1, group, quotaV1));
  }
  return quota;
}

int affinityCount() {
  // Machines with more processors than cpu_set_t has bits need a larger mask.
  for (int bits = CPU_SETSIZE; bits <= (1 << 16); bits *= 2) {
    cpu_set_t *set = CPU_ALLOC(bits);
    if (!set)
      return 1;
    size_t bytes = CPU_ALLOC_SIZE(bits);
    int result = sched_getaffinity(0, bytes, set);
    int count = result == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (result == 0)
      return count;
  }
  return 1;
}

} // namespace

int fsc::runtime::usableCpus(const char *root) {
  int count = std::max(affinityCount(), 1);
  double quota = cgroupQuota(root);
  if (quota < count)
    count = std::max(int(std::floor(quota + 0.1)), 1);
  return count;
}
