#include "engine/generation.h"

#include <algorithm>

#include "engine/error.h"

namespace mx = mlx::core;

namespace llamba {

GenerationJob::GenerationJob(GenerateRequest request, Progress progress, Tokens tokens, Done<GenerateResult> done)
    : ReadingJob(request.state, std::move(request.ids), 0, std::move(progress)),
      request_(std::move(request)),
      tokens_(std::move(tokens)),
      done_(std::move(done)),
      stop_ids_(request_.stop_ids.begin(), request_.stop_ids.end()) {}

void GenerationJob::begin(Worker&) {
  if (prefill_->total() == 0 && !at_->hidden)
    throw Error("bad-request", "There is nothing to go on from: the state is fresh and no tokens were given.",
                "Give a prompt.");
  if (request_.max_tokens < 0) throw Error("bad-request", "max_tokens must be 0 or more.", "");
  sampler_.emplace(request_.sampling, model_->model->info().vocabulary);
  stop_strings_.emplace(request_.stop_strings, model_->pieces);
  result_.prompt_tokens = prefill_->total();
}

void GenerationJob::end(Worker& worker) {
  result_.prefill_ms = read_ms_;
  decoding_ = Clock::now();
  worker.generations.push_back(this);
  mx::array logits = model_->model->logits(*at_->hidden);
  logits.eval();
  if (!ended()) take(sampler_->pick(logits.data<float>(), at_->recent));
}

bool GenerationJob::ended() {
  if (*cancelled)
    result_.reason = "cancelled";
  else if (result_.generated_tokens == request_.max_tokens)
    result_.reason = "length";
  if (result_.reason.empty()) return false;
  finish();
  return true;
}

void GenerationJob::take(int32_t id) {
  if (id < 0) throw no_number();
  if (stop_ids_.count(id)) {
    result_.reason = "stop-id";
    result_.stop_id = id;
    return finish();
  }
  if (result_.generated_tokens++ == 0) result_.ttft_ms = ms_since(arrived);
  next = id;
  if (tokens_) tokens_({id});
  if (auto stop = stop_strings_->feed(id)) {
    result_.reason = "stop-string";
    result_.stop_string = *stop;
  } else if (result_.generated_tokens == request_.max_tokens) {
    result_.reason = "length";
  }
}

void GenerationJob::stepped(std::optional<int32_t> following) {
  next = -1;
  if (!result_.reason.empty()) return finish();
  if (!following) *cancelled = true;  // it was, when the step began
  if (!ended()) take(*following);
}

void GenerationJob::finish() {
  std::erase(worker_->generations, this);
  model_->batch.release();
  result_.state_tokens = at_->tokens();
  result_.decode_ms = ms_since(decoding_);
  worker_->finished(*this);
  done_(result_);
}

void GenerationJob::leave() {
  if (!worker_ || !std::erase(worker_->generations, this)) return;
  model_->batch.leave();
}

}  // namespace llamba
