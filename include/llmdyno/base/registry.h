// A table from names to factories, as an ordinary value: no globals, explicit registration. Catalogs are made
// of them; apps look names up.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "llmdyno/base/nearest_name.h"
#include "llmdyno/base/params.h"

namespace llmdyno {

// One setting of an entry, for those who read about it: `llmdyno plugins` prints it.
struct SettingHelp {
  std::string name;           // as in name:KEY=value
  std::string default_value;  // as it would be typed; empty where there is none
  std::string help;           // what it does, its unit, and what it accepts
};

// Product is what a factory makes (usually a unique_ptr to an interface), Args what it is given beside its
// settings. Not thread-safe while entries are added; safe to read from any thread afterwards.
template <typename Product, typename... Args>
class Registry {
 public:
  // Makes a Product of the settings it is given; a Status in the user's words when they will not do.
  using Factory = std::function<absl::StatusOr<Product>(const Params&, Args...)>;
  // A name, what to say of it, and what makes it.
  struct Entry {
    std::string name;
    std::string summary;  // one line for --help and `llmdyno plugins`
    Factory factory;
    std::vector<SettingHelp> settings = {};  // all that the factory reads
  };

  // `kind` is what messages call an entry: "workload".
  explicit Registry(std::string kind) : kind_(std::move(kind)) {}

  // Adding a name twice replaces nothing and fails.
  absl::Status Add(Entry entry) {
    if (Find(entry.name) != nullptr) {
      return absl::AlreadyExistsError(kind_ + " '" + entry.name + "' is registered already");
    }
    entries_.push_back(std::move(entry));
    return absl::OkStatus();
  }

  // Null when there is none of that name; valid until something is added.
  const Entry* Find(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }

  // Makes nothing: NotFound as Make() says it, for a name that is to be used later.
  absl::Status Check(std::string_view name) const {
    return Find(name) != nullptr ? absl::OkStatus() : absl::NotFoundError(UnknownName(name));
  }

  // An unknown name is NotFound with the nearest known one and the list.
  absl::StatusOr<Product> Make(const Params& params, Args... args) const {
    const Entry* entry = Find(params.name);
    if (entry == nullptr) return absl::NotFoundError(UnknownName(params.name));
    return entry->factory(params, args...);
  }

  // In the order in which they were added.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const Entry& entry : entries_) names.push_back(entry.name);
    return names;
  }
  const std::vector<Entry>& entries() const { return entries_; }
  // What its entries are, in a person's words: "workload".
  const std::string& kind() const { return kind_; }

 private:
  std::string UnknownName(std::string_view name) const {
    const std::vector<std::string> names = Names();
    std::string text = "unknown " + kind_ + " '" + std::string(name) + "'";
    if (auto nearest = FindNearestName(name, names)) text += " (did you mean '" + *nearest + "'?)";
    text += "; known are";
    for (const std::string& known : names) text += (&known == &names.front() ? " " : ", ") + known;
    return text;
  }

  std::string kind_;
  std::vector<Entry> entries_;
};

}  // namespace llmdyno
