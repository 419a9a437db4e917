// llmdyno-embed: embeddings and rerank under concurrent load.
#include <string>
#include <vector>

#include "cli/run_app.h"
#include "embed/embed.h"

int main(int argc, char* argv[]) {
  using namespace llmdyno;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  EmbedOptions options;
  FlagTable flags = MakeEmbedFlags(options);
  return RunApp("llmdyno-embed", flags, arguments, [&] { return RunEmbed(options, flags); });
}
