// The in-flight requests of one shard: made when they are first needed, used again from then on.
#pragma once

#include <memory>
#include <vector>

#include "llmdyno/dialect/dialect.h"
#include "run/in_flight_request.h"

namespace llmdyno {

// Take and Release are for one thread; what is out may be used by another, which then calls Equip as well.
class InFlightPool {
 public:
  InFlightPool(const Dialect& dialect, InFlightListener& listener, VectorDimension& dimension,
               const Redactor& redactor)
      : dialect_(dialect), listener_(listener), dimension_(dimension), redactor_(redactor) {}

  InFlightRequest& Take() {
    if (idle_.empty()) {
      requests_.push_back(std::make_unique<InFlightRequest>(listener_, calibration_, dimension_, redactor_));
      return *requests_.back();
    }
    InFlightRequest* request = idle_.back();
    idle_.pop_back();
    return *request;
  }
  void Release(InFlightRequest& request) { idle_.push_back(&request); }

  // Gives it its decoder, before it is sent for the first time, on the thread that will decode: siblings
  // share what they have learnt.
  void Equip(InFlightRequest& request) {
    if (request.has_decoder()) return;
    if (eldest_ == nullptr) eldest_ = dialect_.NewDecoder();
    request.GiveDecoder(eldest_->NewSibling());
  }

  // For the thread of Take.
  const std::vector<std::unique_ptr<InFlightRequest>>& all() const { return requests_; }

 private:
  const Dialect& dialect_;
  InFlightListener& listener_;
  VectorDimension& dimension_;
  const Redactor& redactor_;
  OutputCalibration calibration_;
  std::unique_ptr<ResponseDecoder> eldest_;  // decodes nothing
  std::vector<std::unique_ptr<InFlightRequest>> requests_;
  std::vector<InFlightRequest*> idle_;
};

}  // namespace llmdyno
