// What every ReportWriter must keep to, as a check that needs no test framework.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "llmdyno/report/report_writer.h"

namespace llmdyno {

// Makes a writer; it is asked for several.
using MakeReportWriter = std::function<std::unique_ptr<ReportWriter>()>;

// A small result of each program that has one, as its file holds it: good ones, of a real endpoint.
std::vector<ResultDocument> SampleResults();

// Results as runs leave them behind on bad days and as nobody would think of: members that are missing, null
// or of another type, numbers that no integer holds, texts with quotes, pipes and newlines, an app that
// nobody knows. All of them are JSON. `sample` is what they are made of.
std::vector<ResultDocument> OddResults(const ResultDocument& sample);

// Writes the samples, those of `own` (an author's own results; each must be writable) and what becomes of
// them when they are odd, simulated, SUSPECT or no JSON at all. A writer need not know every program's
// results, but one of all these at least. Returns one sentence for each rule that is violated; empty when the
// writer keeps to all of them. Whether the texts say the right thing is for its own test to look at.
std::vector<std::string> CheckReportWriter(const MakeReportWriter& make,
                                           const std::vector<ResultDocument>& own = {});

}  // namespace llmdyno
