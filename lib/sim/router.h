// Which request gets which answer.
#pragma once

#include <memory>

#include "exchange.h"

namespace llmdyno {

// Every request gets an exchange, if only one that says what is wrong with it.
std::shared_ptr<Exchange> RouteRequest(Worker& worker, Connection& connection, ReceivedRequest request,
                                       TimePoint arrival);

}  // namespace llmdyno
