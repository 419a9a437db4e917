#include "llmdyno/workload/synthetic_text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>
#include <vector>

#include "llmdyno/base/status_macros.h"

namespace llmdyno {
namespace {

using Words = std::span<const std::string_view>;

// Common, mostly short words: under today's tokenizers nearly each is one token. No word stands in two lists.
constexpr std::string_view kDeterminers[] = {"the",   "this", "that",    "each", "every", "our",
                                             "their", "one",  "another", "some", "your",  "any"};

constexpr std::string_view kAdjectives[] = {
    "old",    "new",     "small",   "large",   "quiet",   "loud",    "bright",  "dark",    "warm",
    "cold",   "early",   "late",    "long",    "short",   "high",    "low",     "deep",    "wide",
    "narrow", "open",    "empty",   "full",    "heavy",   "light",   "soft",    "hard",    "smooth",
    "rough",  "clean",   "plain",   "simple",  "clever",  "careful", "patient", "honest",  "kind",
    "brave",  "calm",    "busy",    "lazy",    "quick",   "slow",    "sharp",   "round",   "square",
    "green",  "blue",    "red",     "white",   "yellow",  "grey",    "golden",  "wooden",  "distant",
    "nearby", "local",   "foreign", "common",  "rare",    "strange", "modern",  "ancient", "young",
    "famous", "hidden",  "broken",  "perfect", "useful",  "fresh",   "dry",     "wet",     "rich",
    "poor",   "strong",  "weak",    "public",  "private", "central", "final",   "steady",  "gentle",
    "proud",  "certain", "likely",  "modest",  "serious", "curious", "free",    "ready",   "special"};

constexpr std::string_view kNouns[] = {
    "river",  "bridge",  "garden",  "window",  "street",  "market",  "village", "city",     "forest",
    "valley", "hill",    "island",  "harbour", "ship",    "train",   "engine",  "machine",  "clock",
    "letter", "book",    "story",   "poem",    "song",    "picture", "map",     "road",     "door",
    "house",  "kitchen", "table",   "chair",   "lamp",    "mirror",  "basket",  "bottle",   "paper",
    "pencil", "box",     "coat",    "shoe",    "hat",     "ring",    "coin",    "bank",     "shop",
    "farm",   "field",   "horse",   "dog",     "cat",     "bird",    "fish",    "tree",     "flower",
    "leaf",   "seed",    "apple",   "bread",   "cheese",  "soup",    "coffee",  "sugar",    "salt",
    "dinner", "doctor",  "nurse",   "teacher", "student", "lawyer",  "farmer",  "painter",  "writer",
    "singer", "sailor",  "soldier", "captain", "king",    "queen",   "mayor",   "judge",    "friend",
    "guest",  "child",   "mother",  "father",  "sister",  "brother", "uncle",   "cousin",   "baker",
    "family", "team",    "school",  "college", "library", "museum",  "theatre", "station",  "airport",
    "office", "factory", "tower",   "castle",  "church",  "temple",  "summer",  "winter",   "spring",
    "autumn", "morning", "evening", "night",   "week",    "month",   "year",    "moment",   "hour",
    "storm",  "wind",    "rain",    "snow",    "cloud",   "star",    "moon",    "sun",      "mountain",
    "lake",   "ocean",   "beach",   "desert",  "idea",    "lesson",  "method",  "problem",  "reason",
    "result", "theory",  "number",  "system",  "model",   "project", "report",  "contract", "account",
    "budget", "product", "service", "company", "council", "country"};

constexpr std::string_view kVerbs[] = {
    "saw",      "found",    "took",     "gave",      "made",      "built",    "bought",   "sold",
    "kept",     "lost",     "held",     "carried",   "moved",     "opened",   "closed",   "painted",
    "drew",     "wrote",    "read",     "heard",     "knew",      "liked",    "loved",    "feared",
    "helped",   "taught",   "led",      "followed",  "joined",    "left",     "reached",  "crossed",
    "passed",   "watched",  "measured", "counted",   "weighed",   "tested",   "repaired", "changed",
    "improved", "finished", "started",  "described", "explained", "compared", "ordered",  "planned",
    "offered",  "accepted", "refused",  "praised",   "thanked",   "visited",  "studied",  "noticed",
    "ignored",  "gathered", "cleaned",  "covered",   "filled",    "shared",   "saved",    "sent",
    "brought",  "showed",   "chose",    "met",       "asked",     "trusted",  "replaced", "protected"};

constexpr std::string_view kAdverbs[] = {"today",   "now",     "soon",    "often",   "again",    "slowly",
                                         "quickly", "quietly", "gladly",  "rarely",  "always",   "never",
                                         "once",    "twice",   "already", "finally", "suddenly", "calmly",
                                         "clearly", "simply",  "mostly",  "nearly",  "together", "outside",
                                         "inside",  "later",   "somehow", "perhaps", "indeed",   "instead"};

constexpr std::string_view kPrepositions[] = {"in",      "near",    "behind", "under",  "over",
                                              "with",    "without", "beside", "after",  "before",
                                              "through", "from",    "for",    "against"};

constexpr std::string_view kConjunctions[] = {"and",      "but",   "so",    "because",
                                              "although", "while", "until", "yet"};

// Sentences of 1 to 14 words, each letter a list: Determiner, Adjective, Noun, Verb, adveRb, Preposition,
// Conjunction.
constexpr std::array<std::string_view, 14> kSentences = {
    "N",        "AN",        "DAN",        "DNVR",        "DNVDN",        "DANVDN",        "DANVDAN",
    "DNVDNPDN", "DANVDNPDN", "DANVDANPDN", "DANVDANPDAN", "RDANVDANPDAN", "DANVDNCDANVDN", "DANVDANCDANVDN"};
constexpr int64_t kShortestUsual = 6;  // shorter sentences only fill up, when a text ends there
constexpr int64_t kLongest = kSentences.size();

Words WordsFor(char part_of_speech) {
  switch (part_of_speech) {
    case 'D':
      return kDeterminers;
    case 'A':
      return kAdjectives;
    case 'N':
      return kNouns;
    case 'V':
      return kVerbs;
    case 'R':
      return kAdverbs;
    case 'P':
      return kPrepositions;
    default:
      return kConjunctions;
  }
}

void AppendWord(std::string_view word, char part_of_speech, std::string& text) {
  if (part_of_speech == 'C') text.insert(text.size() - 1, 1, ',');  // "… the road, but the …"
  text += word;
  text += ' ';
}

// Ends what was written from `start` on as a sentence, with a space behind it.
void FinishSentence(size_t start, std::string& text) {
  text[start] = static_cast<char>(text[start] - 'a' + 'A');
  text.back() = '.';
  text += ' ';
}

// The length of the next sentence when `words` are still to be written: never so long that a stump of one to
// three words remains.
int64_t SentenceLength(int64_t words, Rng& rng) {
  if (words <= kLongest) return words;
  const int64_t length = rng.UniformInt(kShortestUsual, kLongest);
  return words - length < 4 ? words - 4 : length;
}

}  // namespace

SyntheticText::SyntheticText(Rng rng) : rng_(rng), serial_(rng_.Next()) {}

void SyntheticText::Write(int64_t words, std::string& text) {
  assert(words >= 1 && "a text has at least one word");
  text.clear();
  text.reserve(static_cast<size_t>(words) * 7);
  const int64_t opening = SentenceLength(words, rng_);
  WriteOpening(opening, text);
  for (int64_t left = words - opening; left > 0;) {
    const int64_t length = SentenceLength(left, rng_);
    WriteSentence(length, text);
    left -= length;
  }
  text.pop_back();
}

void SyntheticText::WriteSentence(int64_t words, std::string& text) {
  const size_t start = text.size();
  for (const char part : kSentences[static_cast<size_t>(words - 1)]) {
    const Words list = WordsFor(part);
    AppendWord(list[static_cast<size_t>(rng_.UniformInt(0, static_cast<int64_t>(list.size()) - 1))], part,
               text);
  }
  FinishSentence(start, text);
}

// The first sentence spells the text's serial number, in a number system whose digits are the words of the
// lists; so two texts that open with sentences of the same length differ there. (Openings of different
// lengths differ in where the full stop is.) Multiplying by a prime that no list's size divides permutes the
// numbers, so that neighbours look unrelated.
void SyntheticText::WriteOpening(int64_t words, std::string& text) {
  constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
  constexpr uint64_t kMaxNumbers = uint64_t{1} << 32;  // keeps the product below within 64 bits
  const std::string_view sentence = kSentences[static_cast<size_t>(words - 1)];
  uint64_t numbers = 1;
  for (const char part : sentence) {
    if (numbers * WordsFor(part).size() > kMaxNumbers) break;  // the words from here on are random
    numbers *= WordsFor(part).size();
  }
  uint64_t number = serial_++ % numbers * (kPrime % numbers) % numbers;
  uint64_t numbers_left = numbers;
  const size_t start = text.size();
  for (const char part : sentence) {
    const Words list = WordsFor(part);
    uint64_t digit = 0;
    if (numbers_left > 1) {
      digit = number % list.size();
      number /= list.size();
      numbers_left /= list.size();
    } else {
      digit = static_cast<uint64_t>(rng_.UniformInt(0, static_cast<int64_t>(list.size()) - 1));
    }
    AppendWord(list[digit], part, text);
  }
  FinishSentence(start, text);
}

std::span<const std::string_view> SyntheticVocabulary() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> words;
    for (const char part : std::string_view("DANVRPC")) {
      const Words list = WordsFor(part);
      words.insert(words.end(), list.begin(), list.end());
    }
    return words;
  }();
  return all;
}

absl::StatusOr<TokensPerWord> MeasureTokensPerWord(TokenCounter& counter) {
  constexpr int64_t kTexts = 8;
  constexpr int64_t kWords = 250;
  SyntheticText writer(Rng(1));  // always the same sample
  std::vector<std::string> texts(kTexts);
  for (std::string& text : texts) writer.Write(kWords, text);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  LLMDYNO_ASSIGN_OR_RETURN(const std::vector<TokenCount> counts, counter.CountAll(views));
  int64_t tokens = 0;
  TokensPerWord result{0, TokenCountSource::kUsage};
  for (const TokenCount& count : counts) {
    tokens += count.tokens;
    result.source = std::max(result.source, count.source);  // the least trustworthy one
  }
  if (tokens <= 0) {
    return absl::InvalidArgumentError("the token counter found no tokens in " + std::to_string(kTexts) +
                                      " texts of " + std::to_string(kWords) + " words");
  }
  result.value = static_cast<double>(tokens) / static_cast<double>(kTexts * kWords);
  return result;
}

}  // namespace llmdyno
