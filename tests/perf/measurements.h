// What docs/performance.md states: each function makes one or several rows of its table.
#pragma once

#include <string>
#include <vector>

namespace llmdyno {

struct Measurement {
  std::string work;
  std::string reach;   // the goal
  std::string result;  // what this machine did
  bool reached = false;
};

struct Benchmark {
  std::string name;
  std::vector<Measurement> (*run)();
};

// All of them, in the table's order.
const std::vector<Benchmark>& Benchmarks();

// stream_measurements.cc
std::vector<Measurement> MeasureBurst();
std::vector<Measurement> MeasurePaced();
std::vector<Measurement> MeasureRequests();
std::vector<Measurement> MeasureArrivals();

// resource_measurements.cc
std::vector<Measurement> MeasureMemory();
std::vector<Measurement> MeasureAllocations();
std::vector<Measurement> MeasureStartUp();

// open_loop_measurements.cc
std::vector<Measurement> MeasureSends();
std::vector<Measurement> MeasureOfferedRate();
std::vector<Measurement> MeasureFirstTokens();
std::vector<Measurement> MeasureStalls();

// batch_measurements.cc
std::vector<Measurement> MeasureBatches();

// embedding_measurements.cc
std::vector<Measurement> MeasureEmbeddings();

// image_measurements.cc
std::vector<Measurement> MeasureImages();

// prompt_measurements.cc
std::vector<Measurement> MeasurePrompts();

// virtual_time_measurements.cc
std::vector<Measurement> MeasureVirtualTime();

// trust_measurements.cc
std::vector<Measurement> MeasureSaturation();
std::vector<Measurement> MeasureShards();
std::vector<Measurement> MeasureTenThousand();

}  // namespace llmdyno
