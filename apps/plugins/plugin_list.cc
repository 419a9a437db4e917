#include "plugins/plugin_list.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace llmdyno {
namespace {

using Json = nlohmann::ordered_json;

// Behind which flag an entry of this kind is named.
std::string FlagOf(const std::string& kind) {
  if (kind == "arrival process") return "--arrival";
  if (kind == "record sink") return "--sink";
  if (kind == "report writer") return "--report";
  return "--" + kind;
}

// Of a plugin's file: it was named, or lies in one of the folders.
std::string OriginOf(const PluginDescription& plugin, const std::vector<PluginFolder>& folders) {
  for (const PluginFolder& folder : folders) {
    std::error_code error;
    const auto path = std::filesystem::canonical(folder.path, error);
    if (!error && std::filesystem::path(plugin.file).parent_path() == path) return folder.origin;
  }
  return "--plugin";
}

std::string Padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string FormatSettings(const CatalogEntry& entry) {
  size_t width = 0;
  std::vector<std::string> words;
  for (const SettingHelp& setting : entry.settings) {
    words.push_back(setting.name + "=" + setting.default_value);
    width = std::max(width, words.back().size());
  }
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    text += "        " + Padded(words[i], width) + "  " + entry.settings[i].help + "\n";
  }
  return text;
}

// Kind after kind, under a heading that says where such names go.
std::string FormatEntries(const std::vector<CatalogEntry>& entries) {
  std::string text;
  std::string kind;
  size_t width = 0;
  for (const CatalogEntry& entry : entries) width = std::max(width, entry.name.size());
  for (const CatalogEntry& entry : entries) {
    if (entry.kind != kind) text += "  " + entry.kind + " (" + FlagOf(entry.kind) + ")\n";
    kind = entry.kind;
    text += "    " + Padded(entry.name, width) + "  " + entry.summary + "\n" + FormatSettings(entry);
  }
  return text;
}

Json EntriesJson(const std::vector<CatalogEntry>& entries) {
  Json json = Json::array();
  for (const CatalogEntry& entry : entries) {
    Json settings = Json::array();
    for (const SettingHelp& setting : entry.settings) {
      settings.push_back(
          {{"name", setting.name}, {"default", setting.default_value}, {"help", setting.help}});
    }
    json.push_back({{"kind", entry.kind},
                    {"flag", FlagOf(entry.kind)},
                    {"name", entry.name},
                    {"summary", entry.summary},
                    {"settings", std::move(settings)}});
  }
  return json;
}

}  // namespace

std::string FormatPluginList(const PluginList& list) {
  std::string text = "Built in\n" + FormatEntries(list.built_in);
  for (const PluginDescription& plugin : list.plugins) {
    text += "\nPlugin " + plugin.name + " " + plugin.version + ": " + plugin.summary + "\n  " + plugin.file +
            " (" + OriginOf(plugin, list.folders) + ")\n" + FormatEntries(plugin.entries);
  }
  text += "\nSearched beside what --plugin names:\n";
  for (const PluginFolder& folder : list.folders) text += "  " + folder.path + " (" + folder.origin + ")\n";
  return text;
}

std::string PluginListJson(const PluginList& list) {
  Json plugins = Json::array();
  for (const PluginDescription& plugin : list.plugins) {
    plugins.push_back({{"name", plugin.name},
                       {"version", plugin.version},
                       {"summary", plugin.summary},
                       {"file", plugin.file},
                       {"origin", OriginOf(plugin, list.folders)},
                       {"entries", EntriesJson(plugin.entries)}});
  }
  Json folders = Json::array();
  for (const PluginFolder& folder : list.folders) {
    folders.push_back({{"path", folder.path}, {"origin", folder.origin}});
  }
  const Json json = {{"built_in", EntriesJson(list.built_in)},
                     {"plugins", std::move(plugins)},
                     {"folders", std::move(folders)}};
  // A plugin's texts may be anything.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace llmdyno
