#include "llmdyno/dialect/sse_framer.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmdyno/base/random.h"
#include "support/catch.h"

using namespace llmdyno;

namespace {

// (type, data) of each event.
using Events = std::vector<std::pair<std::string, std::string>>;

// Each piece lives in memory of its own that is overwritten and freed once the framer says that there is no
// more.
Events Frame(std::span<const std::string_view> pieces) {
  SseFramer framer;
  Events events;
  SseEvent event;
  for (const std::string_view piece : pieces) {
    const auto copy = std::make_unique<char[]>(piece.size());
    std::copy(piece.begin(), piece.end(), copy.get());
    framer.Feed({copy.get(), piece.size()});
    while (framer.Next(event)) events.emplace_back(event.type, event.data);
    std::fill_n(copy.get(), piece.size(), '~');
  }
  if (framer.Finish(event)) events.emplace_back(event.type, event.data);
  return events;
}

Events Frame(std::string_view body) { return Frame({&body, 1}); }

// Fails the test unless every way to cut the body gives these events.
void CheckAllCuts(const std::string& body, const Events& expected) {
  INFO("body: " << body);
  CHECK(Frame(body) == expected);
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < body.size(); ++i) bytes.push_back(std::string_view(body).substr(i, 1));
  CHECK(Frame(bytes) == expected);
  for (size_t cut = 0; cut <= body.size(); ++cut) {
    const std::string_view view = body;
    const std::string_view pieces[] = {view.substr(0, cut), view.substr(cut)};
    if (Frame(pieces) != expected) FAIL("cut at byte " << cut);
  }
}

}  // namespace

TEST_CASE("An event is its data lines up to a blank line", "[sse]") {
  CheckAllCuts("data: one\n\ndata: two\n\n", {{"", "one"}, {"", "two"}});
}

TEST_CASE("The space behind the colon is optional and only one is taken away", "[sse]") {
  CheckAllCuts("data:a\n\ndata: b\n\ndata:  c\n\ndata:\td\n\n",
               {{"", "a"}, {"", "b"}, {"", " c"}, {"", "\td"}});
}

TEST_CASE("Several data lines are joined by newlines", "[sse]") {
  CheckAllCuts("data: a\ndata: b\ndata:\ndata: c\n\n", {{"", "a\nb\n\nc"}});
}

TEST_CASE("Lines end in LF, CR or CRLF, also mixed", "[sse]") {
  CheckAllCuts("data: a\r\n\r\ndata: b\r\rdata: c\n\ndata: d\r\n\ndata: e\r\n\rdata: f\n\r\n",
               {{"", "a"}, {"", "b"}, {"", "c"}, {"", "d"}, {"", "e"}, {"", "f"}});
}

TEST_CASE("CRLF is one line end, so data lines that end in it belong to one event", "[sse]") {
  CheckAllCuts("data: a\r\ndata: b\r\n\r\n", {{"", "a\nb"}});
}

TEST_CASE("LF then CR are two line ends", "[sse]") {
  CheckAllCuts("data: a\n\rdata: b\n\n", {{"", "a"}, {"", "b"}});
}

TEST_CASE("A byte-order mark before the first line is skipped, also in pieces", "[sse]") {
  CheckAllCuts(
      "\xEF\xBB\xBF"
      "data: a\n\n",
      {{"", "a"}});
}

TEST_CASE("A byte-order mark is skipped even when the stream ends before its first line does", "[sse]") {
  CheckAllCuts(
      "\xEF\xBB\xBF"
      "data: a",
      {{"", "a"}});
}

TEST_CASE("Only one byte-order mark is skipped, and only at the start", "[sse]") {
  CheckAllCuts(
      "\xEF\xBB\xBF\xEF\xBB\xBF"
      "data: a\n\n\xEF\xBB\xBF"
      "data: b\n\ndata: c\n\n",
      {{"", "c"}});
}

TEST_CASE("Comments and keep-alives give no event and do not break one up", "[sse]") {
  CheckAllCuts(": keep-alive\n\n:\n\ndata: a\n: in the middle\ndata: b\n\n: ping\n\n", {{"", "a\nb"}});
}

TEST_CASE("A comment in a read of its own, while an event is pending, leaves the event whole", "[sse]") {
  const std::string_view pieces[] = {"data: a\n", ": ping\n", "data: b\n", ": ping", "\n", "\n"};
  CHECK(Frame(pieces) == Events{{"", "a\nb"}});
}

TEST_CASE("The event field names the next event and only that one", "[sse]") {
  CheckAllCuts("event: error\ndata: a\n\ndata: b\n\nevent:message\ndata: c\n\n",
               {{"error", "a"}, {"", "b"}, {"message", "c"}});
}

TEST_CASE("An event name without data is forgotten at the blank line", "[sse]") {
  CheckAllCuts("event: error\n\ndata: a\n\n", {{"", "a"}});
}

TEST_CASE("The event field may stand behind the data, and the last one counts", "[sse]") {
  CheckAllCuts("event: first\ndata: a\nevent: last\n\n", {{"last", "a"}});
}

TEST_CASE("id, retry and unknown fields are ignored", "[sse]") {
  CheckAllCuts("id: 7\nretry: 1000\nfoo: bar\nno colon at all\ndata: a\n\n", {{"", "a"}});
}

TEST_CASE("Field names are exact: no leading space, no capitals, no longer word", "[sse]") {
  CheckAllCuts(" data: a\nData: b\ndatax: c\ndat: d\n\ndata: e\n\n", {{"", "e"}});
}

TEST_CASE("A data line without a colon is an empty data line", "[sse]") {
  CheckAllCuts("data\n\ndata\ndata\n\n", {{"", ""}, {"", "\n"}});
}

TEST_CASE("An event that no blank line closed is given out at the end", "[sse]") {
  CheckAllCuts("data: a\n\ndata: b\n", {{"", "a"}, {"", "b"}});
  CheckAllCuts("data: a\n\ndata: b", {{"", "a"}, {"", "b"}});
  CheckAllCuts("event: x\ndata: b\r", {{"x", "b"}});
  CheckAllCuts("data: a\ndata: b", {{"", "a\nb"}});
}

TEST_CASE("A body without any event gives none", "[sse]") {
  CheckAllCuts("", {});
  CheckAllCuts("\n\n\r\n\r\r", {});
  CheckAllCuts(": only a comment", {});
  CheckAllCuts("event: x\n\n", {});
}

TEST_CASE("Zero bytes and any other byte pass through data unharmed", "[sse]") {
  std::string data;
  for (int byte = 0; byte < 256; ++byte) {
    if (byte != '\n' && byte != '\r') data += static_cast<char>(byte);
  }
  CheckAllCuts("data: " + data + "\n\n", {{"", data}});
}

TEST_CASE("Two framings of the same bytes agree whatever the chunks", "[sse]") {
  Rng rng(20250101);
  const std::string_view words[] = {"data:", "data: ",   "event: e", "\n", "\r",
                                    "\r\n",  "\n\n",     ": c",      "x",  "\xEF\xBB\xBF",
                                    "id: 1", "\xC3\xA9", " ",        ":",  "data"};
  for (int round = 0; round < 3000; ++round) {
    std::string body;
    for (int64_t i = rng.UniformInt(0, 25); i > 0; --i) {
      body += words[static_cast<size_t>(rng.UniformInt(0, std::ssize(words) - 1))];
    }
    std::vector<std::string_view> pieces;
    for (size_t at = 0; at < body.size();) {
      const auto size = static_cast<size_t>(rng.UniformInt(0, 4));
      pieces.push_back(std::string_view(body).substr(at, size));
      at += size;
    }
    INFO("round " << round << ": " << body);
    REQUIRE(Frame(pieces) == Frame(body));
  }
}

TEST_CASE("A framer that was reset knows nothing of the stream before", "[sse]") {
  SseFramer framer;
  SseEvent event;
  for (const std::string_view before :
       {"data: pending\nevent: e\n", "data: half a li", "data: a\r", "\xEF\xBB"}) {
    framer.Feed(before);
    while (framer.Next(event)) {
    }
    framer.Reset();
    CHECK(framer.held_bytes() == 0);
    framer.Feed(
        "\n\xEF\xBB\xBF"
        "data: no mark here\n\ndata: b\n\n");
    REQUIRE(framer.Next(event));
    CHECK(event.data == "b");
    CHECK(event.type.empty());
    CHECK_FALSE(framer.Next(event));
    framer.Reset();
  }
}

TEST_CASE("An event that lies whole in the fed bytes is a view of them, not a copy", "[sse]") {
  SseFramer framer;
  const std::string body = "data: {\"a\":1}\n\ndata: {\"b\":2}\n\n";
  framer.Feed(body);
  SseEvent event;
  while (framer.Next(event)) {
    CHECK(event.data.data() >= body.data());
    CHECK(event.data.data() < body.data() + body.size());
  }
  CHECK(framer.held_bytes() == 0);
}
