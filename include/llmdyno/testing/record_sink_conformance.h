// What every RecordSink must keep to, as a check that needs no test framework. Authors of record sinks call
// it in a test of their own. Everything is called on the caller's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "llmdyno/core/record.h"
#include "llmdyno/core/record_sink.h"

namespace llmdyno {

// Makes a fresh sink.
using MakeRecordSink = std::function<std::unique_ptr<RecordSink>()>;

// Records as runs produce them and as nobody would think of: each outcome class, with and without every
// optional part, texts with quotes, newlines and bytes that are not UTF-8, counts from 0 to very large.
std::vector<RequestRecord> OddRecords();

// Hands these records to fresh sinks, all through one object that is used again, with and without a finish
// line. Returns one sentence for each rule that is violated; empty when the sink keeps to all of them. What a
// sink writes where is for its own test to look at.
std::vector<std::string> CheckRecordSink(const MakeRecordSink& make);

}  // namespace llmdyno
