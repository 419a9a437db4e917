#include "run/hand_over.h"

#include <cstdint>
#include <thread>
#include <vector>

#include "support/catch.h"

using namespace llmdyno;

namespace {

struct Parcel {
  int64_t number = 0;
  Parcel* next = nullptr;
};

}  // namespace

TEST_CASE("What is handed over is taken in the order of pushing, all at once", "[hand_over]") {
  HandOver<Parcel> list;
  CHECK(list.TakeAll() == nullptr);
  std::vector<Parcel> parcels(3);
  for (size_t i = 0; i < 3; ++i) {
    parcels[i].number = static_cast<int64_t>(i);
    CHECK(list.Push(parcels[i]) == (i == 0));  // only the first one finds the taker asleep
  }
  int64_t expected = 0;
  for (Parcel* parcel = list.TakeAll(); parcel != nullptr; parcel = parcel->next) {
    CHECK(parcel->number == expected++);
  }
  CHECK(expected == 3);
  CHECK(list.TakeAll() == nullptr);
  CHECK(list.Push(parcels[0]));
}

TEST_CASE("Nothing is lost, repeated or reordered between two threads", "[hand_over]") {
  constexpr int64_t kParcels = 200'000;
  std::vector<Parcel> parcels(kParcels);
  HandOver<Parcel> list;
  std::thread pusher([&] {
    for (int64_t i = 0; i < kParcels; ++i) {
      parcels[static_cast<size_t>(i)].number = i;
      list.Push(parcels[static_cast<size_t>(i)]);
    }
  });
  int64_t taken = 0;
  bool in_order = true;
  while (taken < kParcels) {
    for (Parcel* parcel = list.TakeAll(); parcel != nullptr; parcel = parcel->next) {
      in_order = in_order && parcel->number == taken;
      ++taken;
    }
  }
  pusher.join();
  CHECK(in_order);
}
