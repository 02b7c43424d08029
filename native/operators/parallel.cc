#include "parallel.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace clapper {
namespace {

/** Threads that sleep between the calls. They live as long as the process. */
class Crew {
 public:
  explicit Crew(int threads) {
    for (int i = 1; i < threads; i++) std::thread([this] { Serve(); }).detach();  // the caller is the first
    helpers_ = threads - 1;
  }

  void Run(int64_t count, const std::function<void(int64_t)> &work) {
    std::lock_guard<std::mutex> one_at_a_time(caller_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = &work;
      count_ = count;
      next_ = 0;
      busy_ = helpers_;
      round_++;
    }
    begin_.notify_all();
    Work(count, work);
    std::unique_lock<std::mutex> lock(mutex_);
    end_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  void Work(int64_t count, const std::function<void(int64_t)> &work) {
    for (int64_t i = next_++; i < count; i = next_++) work(i);
  }

  void Serve() {
    int64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      begin_.wait(lock, [&] { return round_ != seen; });
      seen = round_;
      const auto *work = work_;
      const int64_t count = count_;
      lock.unlock();
      Work(count, *work);
      lock.lock();
      if (--busy_ == 0) end_.notify_one();
    }
  }

  std::mutex caller_, mutex_;
  std::condition_variable begin_, end_;
  const std::function<void(int64_t)> *work_ = nullptr;
  int64_t count_ = 0, round_ = 0;
  std::atomic<int64_t> next_{0};
  int helpers_ = 0, busy_ = 0;
};

int ThreadCount() {
  const char *asked = std::getenv("TF_NUM_INTRAOP_THREADS");  // as TensorFlow's own operators
  const int count = asked ? std::atoi(asked) : 0;
  return count > 0 ? count : static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

void ParallelFor(int64_t count, const std::function<void(int64_t)> &work) {
  static Crew *crew = new Crew(ThreadCount());  // never freed: its threads may wait in it until the process ends
  crew->Run(count, work);
}

}  // namespace clapper
