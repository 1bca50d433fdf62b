#include "engine/engine.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "cpu/cores.h"
#include "cpu/quantized_matmul.h"
#include "engine/error.h"
#include "engine/generation.h"
#include "engine/likelihoods.h"
#include "engine/memory_speed.h"
#include "engine/preflight.h"
#include "engine/quantize.h"
#include "engine/reading.h"
#include "engine/state_file.h"
#include "engine/worker.h"
#include "mlx/backend/cuda/cuda.h"
#include "platform/platform.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

// A chunk unpacks matrices of some hundred MB; memory that CUDA is given back costs milliseconds to have again.
constexpr int64_t kCudaCache = int64_t(4) << 30;

StateInfo describe(StateId id, const State& state) { return {id, state.model, state.tokens(), state.bytes()}; }

/** The engine thread's first touch of MLX. */
void set_up(const EngineOptions& options) {
  // is_available() says yes in every macOS build, also where no GPU can be had (nobody logged in, some virtual machines).
  bool has_gpu = mx::device_count(mx::Device::gpu) > 0;
  if (!options.device.empty() && options.device != "cpu" && options.device != "gpu")
    throw Error("bad-request", "There is no device \"" + options.device + "\".", "Use \"cpu\" or \"gpu\".");
  if (options.device == "gpu" && !has_gpu)
    throw Error("unsupported", "This machine has no GPU that MLX can use.", "Use the CPU.");
  bool gpu = has_gpu && options.device != "cpu", cuda = gpu && mx::cu::is_available();
  // All launches of a token in one CUDA graph: MLX begins a new one after 100. Read at the first use.
  if (cuda) setenv("MLX_MAX_OPS_PER_BUFFER", "300", 0);
  mx::set_default_device(gpu ? mx::Device::gpu : mx::Device::cpu);
  // On the CPU compile() would call g++ at run time and gain nothing.
  if (!gpu) mx::set_compile_mode(mx::CompileMode::disabled);
  mx::set_cache_limit(size_t(cuda ? std::max(options.cache_limit, kCudaCache) : options.cache_limit));
  // Resolved here, once: the pool would ask the system for the number of cores at every product.
  set_cpu_threads(options.threads > 0 ? options.threads : cpu::physical_cores());
}

}  // namespace

struct Engine::Impl {
  EngineOptions options;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::shared_ptr<Job>> inbox;
  std::map<JobId, std::weak_ptr<std::atomic<bool>>> flags;  // for cancel()
  JobId last = 0;
  bool closing = false;
  std::thread thread;

  JobId submit(std::shared_ptr<Job> job) {
    std::lock_guard lock(mutex);
    job->id = ++last;
    std::erase_if(flags, [](const auto& entry) { return entry.second.expired(); });
    flags.emplace(job->id, job->cancelled);
    inbox.push_back(std::move(job));
    wake.notify_one();
    return last;
  }

  template <typename T>
  JobId quick(StateId state, std::function<T(Worker&, QuickJob<T>&)> work, Done<T> done) {
    return submit(std::make_shared<QuickJob<T>>(state, std::move(work), std::move(done)));
  }

  /** Moves what arrived to the worker; waits for something when there is nothing to do. False when closing. */
  bool receive(Worker& worker) {
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return closing || !inbox.empty() || !worker.idle(); });
    for (auto& job : inbox) worker.add(std::move(job));
    inbox.clear();
    return !closing;
  }

  void run() {
    std::exception_ptr broken;
    try {
      set_up(options);
    } catch (...) {
      broken = std::current_exception();
    }
    {
      Worker worker([this](Keeper::Image image) {
        auto drop = [image = std::move(image)](Worker&, QuickJob<std::monostate>&) { return std::monostate{}; };
        quick<std::monostate>(0, std::move(drop), [](Outcome<std::monostate>) {});
      });
      while (receive(worker)) {
        if (broken)
          worker.abandon(broken);
        else
          with_pool([&] { worker.turn(); });
      }
      worker.abandon(std::make_exception_ptr(Error("engine-gone", "The engine was closed.", "Start it again.")));
    }
    {
      std::lock_guard lock(mutex);
      inbox.clear();  // images that were written while the worker ended
    }
    // Streams belong to this thread; nothing of MLX is left on it now.
    if (!broken) mx::clear_streams();
  }
};

Engine::Engine(EngineOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

Engine::~Engine() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->closing = true;
    for (auto& [id, flag] : impl_->flags)
      if (auto cancelled = flag.lock()) *cancelled = true;
    impl_->wake.notify_one();
  }
  impl_->thread.join();
}

JobId Engine::load(LoadRequest request, Progress progress, Done<ModelInfo> done) {
  auto work = [request = std::move(request), progress = std::move(progress)](Worker& worker,
                                                                             QuickJob<ModelInfo>& job) mutable {
    std::unique_ptr<Model> model = load_model(request.path, {progress, [&job] { check_cancelled(job); }, {}});
    ModelId id = worker.add_model(std::move(model), std::move(request.pieces));
    return worker.model(id).model->info();
  };
  return impl_->quick<ModelInfo>(0, std::move(work), std::move(done));
}

JobId Engine::unload(ModelId id, Done<std::monostate> done) {
  auto work = [id](Worker& worker, QuickJob<std::monostate>&) {
    worker.remove_model(id);
    return std::monostate{};
  };
  auto job = std::make_shared<QuickJob<std::monostate>>(0, work, std::move(done));
  job->unloads = id;
  return impl_->submit(std::move(job));
}

JobId Engine::create_state(ModelId id, Done<StateInfo> done) {
  auto work = [id](Worker& worker, QuickJob<StateInfo>&) {
    const Model& model = *worker.model(id).model;
    require_memory(model.info().state_bytes, "A new state");
    StateId made = worker.add_state({id, model.fresh(), {}, {}});
    return describe(made, worker.state(made));
  };
  return impl_->quick<StateInfo>(0, work, std::move(done));
}

JobId Engine::fork_state(StateId id, Done<StateInfo> done) {
  auto work = [id](Worker& worker, QuickJob<StateInfo>&) {
    StateId made = worker.add_state(worker.state(id));
    return describe(made, worker.state(made));
  };
  return impl_->quick<StateInfo>(id, work, std::move(done));
}

JobId Engine::free_state(StateId id, Done<std::monostate> done) {
  auto work = [id](Worker& worker, QuickJob<std::monostate>&) {
    worker.remove_state(id);
    return std::monostate{};
  };
  return impl_->quick<std::monostate>(id, work, std::move(done));
}

JobId Engine::state_info(StateId id, Done<StateInfo> done) {
  auto work = [id](Worker& worker, QuickJob<StateInfo>&) { return describe(id, worker.state(id)); };
  return impl_->quick<StateInfo>(id, work, std::move(done));
}

JobId Engine::save_state(StateId id, std::string path, std::string note, Done<StateInfo> done) {
  auto work = [id, path = std::move(path), note = std::move(note)](Worker& worker, QuickJob<StateInfo>&) {
    const State& state = worker.state(id);
    write_state_file(path, *worker.model(state.model).model, state, note);
    return describe(id, state);
  };
  return impl_->quick<StateInfo>(id, std::move(work), std::move(done));
}

JobId Engine::keep_state(StateId id, std::string folder, std::string note, Done<Kept> done) {
  return impl_->submit(std::make_shared<KeepJob>(id, std::move(folder), std::move(note), std::move(done)));
}

JobId Engine::load_state(ModelId id, std::string path, Done<std::pair<StateInfo, std::string>> done) {
  using Result = std::pair<StateInfo, std::string>;
  auto work = [id, path = std::move(path)](Worker& worker, QuickJob<Result>&) {
    LoadedState loaded = read_state_file(path, *worker.model(id).model);
    StateId made = worker.add_state(std::move(loaded.state));
    return Result{describe(made, worker.state(made)), loaded.note};
  };
  return impl_->quick<Result>(0, std::move(work), std::move(done));
}

JobId Engine::feed(FeedRequest request, Progress progress, Done<FeedResult> done) {
  return impl_->submit(std::make_shared<FeedJob>(std::move(request), std::move(progress), std::move(done)));
}

JobId Engine::score(ScoreRequest request, Progress progress, Done<ScoreResult> done) {
  return impl_->submit(std::make_shared<ScoreJob>(std::move(request), std::move(progress), std::move(done)));
}

JobId Engine::likelihoods(LikelihoodsRequest request, Progress progress, Done<std::vector<double>> done) {
  return impl_->submit(std::make_shared<LikelihoodsJob>(std::move(request), std::move(progress), std::move(done)));
}

JobId Engine::generate(GenerateRequest request, Progress progress, Tokens tokens, Done<GenerateResult> done) {
  return impl_->submit(
      std::make_shared<GenerationJob>(std::move(request), std::move(progress), std::move(tokens), std::move(done)));
}

JobId Engine::quantize(QuantizeRequest request, Done<Quantized> done) {
  auto work = [request = std::move(request)](Worker&, QuickJob<Quantized>&) { return llamba::quantize(request); };
  return impl_->quick<Quantized>(0, std::move(work), std::move(done));
}

JobId Engine::memory_speed(Done<double> done) {
  auto work = [](Worker&, QuickJob<double>&) { return llamba::memory_speed(); };
  return impl_->quick<double>(0, work, std::move(done));
}

void Engine::cancel(JobId id) {
  std::lock_guard lock(impl_->mutex);
  auto at = impl_->flags.find(id);
  if (at == impl_->flags.end()) return;
  if (auto cancelled = at->second.lock()) *cancelled = true;
  impl_->wake.notify_one();
}

void Engine::drop_caches() {
  auto work = [](Worker&, QuickJob<std::monostate>&) {
    mx::clear_cache();
    return std::monostate{};
  };
  impl_->quick<std::monostate>(0, work, [](Outcome<std::monostate>) {});
}

void Engine::abort_for_tests() {
  auto work = [](Worker&, QuickJob<std::monostate>&) -> std::monostate { std::abort(); };
  impl_->quick<std::monostate>(0, work, [](Outcome<std::monostate>) {});
}

}  // namespace llamba
