// Makes the requests of a run beforehand from a workload of the catalog, for benchmarks that prepare what
// they send.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "llmdyno/base/diagnostics.h"
#include "llmdyno/catalog/catalog.h"
#include "llmdyno/run/run_spec.h"
#include "llmdyno/workload/request_preparer.h"
#include "llmdyno/workload/token_counter.h"

namespace llmdyno {

// Each Prepare makes the workload anew with the random stream that it is given, and takes its first requests;
// fewer when the workload has no more. A workload's own times (NotBefore) are passed over: what is prepared
// is sent as the load says. InvalidArgument for a workload that waits for answers, such as a conversation,
// whose next turn nobody knows beforehand, and for one without any request.
//
// Makes it once to find out whether it can be made: errors are the factory's. `workload.name` is "name" or
// "name:key=value". All that is passed must outlive the preparer.
absl::StatusOr<std::unique_ptr<RequestPreparer>> MakeWorkloadPreparer(const WorkloadSpec& workload,
                                                                      const Catalog& catalog,
                                                                      TokenCounter& counter,
                                                                      const Diagnostics& diagnostics);

}  // namespace llmdyno
