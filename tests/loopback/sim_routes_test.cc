// What every route answers, and what is answered to requests that make no sense.
#include "loopback/sim_fixture.h"

namespace llmdyno {
namespace {

TEST_CASE("The pages answer GET and HEAD over one connection", "[sim][loopback]") {
  const auto sim = StartSim("fast:model=some-model");
  CHECK(sim->base_url() == "http://127.0.0.1:" + std::to_string(sim->port()));
  RawHttp client(sim->port());
  const RawResponse models = client.Get("/v1/models");
  CHECK(models.status == 200);
  CHECK(Json::parse(models.body)["data"][0]["id"] == "some-model");
  CHECK(client.Get("/health").status == 200);
  CHECK(client.Get("/health", "HEAD").status == 200);
  CHECK(client.Get("/v1/models", "HEAD").body.empty());
  const Json stats = Json::parse(client.Get("/stats").body);
  CHECK(stats["connections_accepted"] == 1);
  CHECK(stats["requests"] == 5);
}

TEST_CASE("Unknown routes, wrong methods and bodies that make no sense get errors of OpenAI's shape",
          "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp client(sim->port());
  const auto check = [](const RawResponse& response, int status, const std::string& word) {
    CHECK(response.status == status);
    const Json error = Json::parse(response.body)["error"];
    CHECK_THAT(error["message"].get<std::string>(), Catch::Contains(word));
    CHECK(error["code"] == status);
    CHECK(error["type"].is_string());
  };
  check(client.Get("/v1/nothing"), 404, "/v1/nothing");
  check(client.Get("/v1/chat/completions"), 405, "takes POST");
  check(client.Post("/v1/models", "{}"), 405, "takes GET");
  check(client.Post("/v1/chat/completions", "{\"model\""), 400, "not valid JSON");
  check(client.Post("/v1/chat/completions", R"({"messages":[{"content":"x"}]})"), 400, "model is missing");
  check(client.Post("/v1/chat/completions", ChatBody(1, true, {{"max_tokens", -1}})), 400,
        "max_tokens must be at least 1");
  // Errors do not end the connection.
  CHECK(client.Get("/health").status == 200);
  CHECK(sim->Stats().connections_accepted == 1);
}

TEST_CASE("Any model is served unless models are checked", "[sim][loopback]") {
  const auto lenient = StartSim("fast");
  CHECK(RawHttp(lenient->port()).Post("/v1/chat/completions", ChatBody(1)).status == 200);
  const auto strict = StartSim("fast:strict_model=true,model=other");
  const RawResponse refused = RawHttp(strict->port()).Post("/v1/chat/completions", ChatBody(1));
  CHECK(refused.status == 404);
  CHECK(Json::parse(refused.body)["error"]["message"] == "The model `m` does not exist.");
}

TEST_CASE("Without the required key everything but probes is 401", "[sim][loopback]") {
  const auto sim = StartSim("fast:require_key=sesame");
  RawHttp client(sim->port());
  const RawResponse refused = client.Post("/v1/chat/completions", ChatBody(1));
  CHECK(refused.status == 401);
  CHECK(refused.body.find("sesame") == std::string::npos);
  CHECK(client.Post("/v1/chat/completions", ChatBody(1), "Authorization: Bearer wrong\r\n").status == 401);
  CHECK(client.Post("/v1/chat/completions", ChatBody(1), "Authorization: Bearer sesame\r\n").status == 200);
  CHECK(client.Get("/health").status == 200);
  CHECK(client.Get("/v1/models").status == 401);
}

TEST_CASE("Tokenizing counts the words of a prompt or of messages", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp client(sim->port());
  const Json prompt = Json::parse(client.Post("/tokenize", R"({"model":"m","prompt":"a b c"})").body);
  CHECK(prompt["count"] == 3);
  CHECK(prompt["tokens"].size() == 3);
  CHECK(prompt["max_model_len"].is_number_integer());
  CHECK(Json::parse(client.Post("/tokenize", ChatBody(1)).body)["count"] == 5);
}

TEST_CASE("Embeddings come as numbers or base64, with usage", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp client(sim->port());
  const Json floats =
      Json::parse(client.Post("/v1/embeddings", R"({"model":"m","input":["a b","c"],"dimensions":8})").body);
  REQUIRE(floats["data"].size() == 2);
  CHECK(floats["data"][1]["index"] == 1);
  CHECK(floats["data"][0]["embedding"].size() == 8);
  CHECK(floats["usage"]["prompt_tokens"] == 3);
  CHECK(floats["usage"]["total_tokens"] == 3);
  const Json base64 = Json::parse(
      client
          .Post("/v1/embeddings", R"({"model":"m","input":"a b","dimensions":6,"encoding_format":"base64"})")
          .body);
  CHECK(base64["data"][0]["embedding"].get<std::string>().size() == 32);  // 6 x 4 bytes
}

TEST_CASE("Documents are ranked and scored", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp client(sim->port());
  const std::string body =
      R"({"model":"m","query":"red car","documents":["blue sky","a red car"],"top_n":1})";
  for (const char* path : {"/v1/rerank", "/rerank"}) {
    const Json ranking = Json::parse(client.Post(path, body).body);
    REQUIRE(ranking["results"].size() == 1);
    CHECK(ranking["results"][0]["index"] == 1);
    CHECK(ranking["results"][0]["document"]["text"] == "a red car");
    CHECK(ranking["usage"]["total_tokens"] == 9);  // (2 + 2) + (2 + 3)
  }
  const Json scores =
      Json::parse(client.Post("/score", R"({"model":"m","text_1":"red","text_2":["red","blue"]})").body);
  CHECK(scores["data"][0]["score"] > scores["data"][1]["score"]);
}

TEST_CASE("The routes of text-embeddings-inference answer with bare lists", "[sim][loopback]") {
  const auto sim = StartSim("fast:embedding_dimensions=4");
  RawHttp client(sim->port());
  const Json vectors = Json::parse(client.Post("/embed", R"({"inputs":["a b","c"]})").body);
  REQUIRE(vectors.size() == 2);
  CHECK(vectors[1].size() == 4);
  CHECK(vectors[0] == Json::parse(client.Post("/embed", R"({"inputs":"a b"})").body)[0]);
  const Json ranking =
      Json::parse(client.Post("/rerank", R"({"query":"red car","texts":["blue sky","a red car"]})").body);
  REQUIRE(ranking.size() == 2);
  CHECK(ranking[0]["index"] == 1);
  CHECK(ranking[0]["score"] > ranking[1]["score"]);
  CHECK_FALSE(ranking[0].contains("text"));
  CHECK(Json::parse(
            client.Post("/rerank", R"({"query":"q","texts":["a"],"return_text":true})").body)[0]["text"] ==
        "a");
  CHECK(client.Post("/v1/rerank", R"({"model":"m","query":"q","texts":["a"]})").status == 400);
}

TEST_CASE("Documents come back beside their scores unless they are not wanted", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  const std::string body =
      R"({"model":"m","query":"red","documents":["red","blue"],"return_documents":false})";
  const Json ranking = Json::parse(RawHttp(sim->port()).Post("/v1/rerank", body).body);
  REQUIRE(ranking["results"].size() == 2);
  CHECK_FALSE(ranking["results"][0].contains("document"));
}

TEST_CASE("Image parts are accepted and counted, and are no prompt tokens", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  const std::string body = R"({"model":"m","max_tokens":2,"messages":[{"role":"user","content":[
      {"type":"text","text":"what is this"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]})";
  const Json answer = Json::parse(RawHttp(sim->port()).Post("/v1/chat/completions", body).body);
  CHECK(answer["usage"]["prompt_tokens"] == 3);
  CHECK(sim->Stats().images == 1);
}

TEST_CASE("Metrics are Prometheus text under vLLM's names", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp client(sim->port());
  client.Post("/v1/chat/completions", ChatBody(20));
  client.Post("/v1/chat/completions", ChatBody(10, false));
  const std::string text = client.Get("/metrics").body;
  const std::string label = "{model_name=\"simulated\"";
  for (const std::string& line :
       {"vllm:num_requests_running" + label + "} 0", "vllm:num_requests_waiting" + label + "} 0",
        "vllm:prompt_tokens_total" + label + "} 10", "vllm:generation_tokens_total" + label + "} 30",
        "vllm:request_success_total" + label + ",finished_reason=\"length\"} 2",
        "vllm:time_to_first_token_seconds_count" + label + "} 2",
        "vllm:e2e_request_latency_seconds_count" + label + "} 2",
        "vllm:time_to_first_token_seconds_bucket" + label + ",le=\"+Inf\"} 2"}) {
    CHECK_THAT(text, Catch::Contains("\n" + line + "\n"));
  }
  for (const char* name :
       {"vllm:gpu_cache_usage_perc", "vllm:kv_cache_usage_perc", "vllm:time_per_output_token_seconds"}) {
    CHECK_THAT(text, Catch::Contains(std::string("# TYPE ") + name + " "));
  }
}

TEST_CASE("A huge prompt, a chunked one and one behind Expect: 100-continue are all read",
          "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp client(sim->port());
  std::string words;
  for (int i = 0; i < 1'000'000; ++i) words += "lorem ipsum ";
  const Json huge = {{"model", "m"}, {"prompt", words}, {"max_tokens", 1}};
  CHECK(Json::parse(client.Post("/v1/completions", huge.dump()).body)["usage"]["prompt_tokens"] == 2'000'000);

  const std::string body = R"({"model":"m","prompt":"a b c","max_tokens":1})";
  client.Send("POST /v1/completions HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" +
              body.substr(0, 10) + "\r\n");
  char size[8];
  std::snprintf(size, sizeof size, "%zx", body.size() - 10);
  client.Send(std::string(size) + "\r\n" + body.substr(10) + "\r\n0\r\n\r\n");
  CHECK(Json::parse(client.Read().body)["usage"]["prompt_tokens"] == 3);

  client.Send("POST /v1/completions HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n");
  CHECK(client.Read().status == 100);
  client.Send(body);
  CHECK(client.Read().status == 200);
}

TEST_CASE("Requests sent ahead are answered in order", "[sim][loopback]") {
  const auto sim = StartSim("scripted:ttft=1ms,itl=1ms");
  RawHttp client(sim->port());
  std::string bytes;
  for (int i = 0; i < 3; ++i) {
    bytes += RawHttp::PostBytes("/v1/chat/completions", ChatBody(2 + i),
                                "x-request-id: r" + std::to_string(i) + "\r\n");
  }
  client.Send(bytes);
  for (int i = 0; i < 3; ++i) {
    const RawResponse response = client.Read();
    CHECK(response.headers.at("x-request-id") == "r" + std::to_string(i));
    CHECK(WordCount(StreamedText(Events(response))) == static_cast<size_t>(2 + i));
  }
}

TEST_CASE("HTTP/1.0 gets a stream without chunks that ends with the connection", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp client(sim->port());
  const std::string body = ChatBody(3);
  client.Send("POST /v1/chat/completions HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  const RawResponse response = client.Read();
  CHECK(response.headers.count("transfer-encoding") == 0);
  CHECK(WordCount(StreamedText(Events(response))) == 3);
}

TEST_CASE("What is not HTTP is refused and the connection closed", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  RawHttp client(sim->port());
  client.Send("no such protocol\r\n\r\n");
  CHECK(client.Read().status == 400);
  CHECK(client.ReadSome().empty());
}

TEST_CASE("A taken port, a bad address and an unwritable log are sentences", "[sim][loopback]") {
  const auto sim = StartSim("fast");
  SimConfig config;
  config.port = sim->port();
  CHECK_THAT(std::string(SimServer::Start(config).status().message()),
             Catch::Contains("cannot listen on 127.0.0.1:" + std::to_string(sim->port())) &&
                 Catch::Contains("choose another port"));
  config = {};
  config.host = "nowhere.example";
  CHECK_THAT(std::string(SimServer::Start(config).status().message()),
             Catch::Contains("host 'nowhere.example'"));
  config = {};
  config.log_path = "/nowhere/log.jsonl";
  CHECK_THAT(std::string(SimServer::Start(config).status().message()), Catch::Contains("cannot be written"));
}

}  // namespace
}  // namespace llmdyno
