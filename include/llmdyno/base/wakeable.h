// Something that waits and can be told to look around. Transports are; RunControl wakes them.
#pragma once

namespace llmdyno {

class Wakeable {
 public:
  virtual ~Wakeable() = default;
  // Makes the current or the next wait return. May be called from any thread and from a signal handler.
  virtual void Wake() = 0;
};

}  // namespace llmdyno
