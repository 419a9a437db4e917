// Reads answers that are one JSON document with a list in it: vectors of an embedding, scores of a rerank.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "llmdyno/dialect/dialect.h"

namespace llmdyno {

// An element of the list, as sentences call it: data[3], or [3] of a document that is the list itself.
struct ItemPlace {
  std::string_view list;
  int64_t position = 0;
};
std::string ToString(const ItemPlace& place);

// What is a finite number, and a sentence about what is none: "data[3].embedding[17] is null, not a number".
simdjson::error_code ReadFinite(simdjson::ondemand::value value, double& number);
std::string NotFinite(const std::string& what, std::string_view token);

// Reads the elements of one list after another. Keeps its memory. Not thread-safe.
class ItemReader {
 public:
  virtual ~ItemReader() = default;
  virtual void Begin() = 0;
  // An error of the JSON is returned as it is. What is wrong in another way becomes a sentence in `problem`,
  // and whatever error is returned.
  virtual simdjson::error_code Read(simdjson::ondemand::value item, const ItemPlace& place,
                                    std::string& problem) = 0;
  // The list was complete; `problem` stays empty when nothing is wrong with it as a whole.
  virtual void End(std::string_view list, std::string& problem) = 0;
  virtual int64_t items() const = 0;
  // Numbers in each item, where it has several.
  virtual std::optional<int64_t> dimension() const { return std::nullopt; }
};

// Tells a sink what a whole answer says.
class AnswerReader {
 public:
  // `list` is the member that holds the items ("data"); empty where the document is the list. Such a document
  // is understood from every endpoint.
  AnswerReader(std::string_view list, std::unique_ptr<ItemReader> items)
      : list_(list), items_(std::move(items)) {}

  // `body` gets the spare bytes behind it that simdjson wants.
  void Read(std::string& body, StreamEventSink& sink);

 private:
  struct Parsed;

  simdjson::error_code Parse(const std::string& padded, size_t size, Parsed& parsed);
  simdjson::error_code ParseObject(simdjson::ondemand::object object, Parsed& parsed);
  simdjson::error_code ParseList(simdjson::ondemand::array list, std::string_view name, Parsed& parsed);

  const std::string list_;
  const std::unique_ptr<ItemReader> items_;
  simdjson::ondemand::parser parser_;
};

// Gathers the body, in memory that is used again, and has it read at its end.
class AnswerDecoder final : public ResponseDecoder {
 public:
  // `reader` is shared by the decoders of a thread.
  explicit AnswerDecoder(std::shared_ptr<AnswerReader> reader) : reader_(std::move(reader)) {}

  void Begin(std::string_view content_type) override;
  void Decode(std::string_view bytes, StreamEventSink& sink) override;
  void End(StreamEventSink& sink) override;
  std::unique_ptr<ResponseDecoder> NewSibling() override { return std::make_unique<AnswerDecoder>(reader_); }

 private:
  const std::shared_ptr<AnswerReader> reader_;
  std::string content_type_;
  std::string body_;  // from its first byte that is neither white space nor a byte-order mark
  bool has_given_up_ = false;
};

}  // namespace llmdyno
