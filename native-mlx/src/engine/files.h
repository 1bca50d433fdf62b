#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace llamba {

/** An open file that is read by position. Throws Error file-unreadable with the system's reason. */
class ReadFile {
 public:
  explicit ReadFile(const std::string& path);
  ~ReadFile();
  ReadFile(const ReadFile&) = delete;
  ReadFile& operator=(const ReadFile&) = delete;
  int64_t size() const { return size_; }
  /** Exactly `bytes` from `offset` on; fewer is an error. */
  void read(void* to, int64_t bytes, int64_t offset) const;

 private:
  std::string path_;
  int file_;
  int64_t size_;
};

/** The whole of a text file of at most `limit` bytes. */
std::string read_text(const std::string& path, int64_t limit);

/** A file that appears under its name only when complete: written beside it as NAME.tmp-PID-COUNT, synced, renamed
    by commit(), the folder synced too. Without commit() nothing is left. It goes past the system's cache of
    files where it can: these are written once and seldom read, and the copy would cost more than all else here. A full
    disk throws Error disk-full. */
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  void write(const void* data, size_t bytes);
  void commit();

 private:
  void flush();
  [[noreturn]] void fail(const char* doing) const;
  std::string path_, temporary_;
  int file_ = -1;
  std::unique_ptr<char, void (*)(void*)> piece_;  // what was not written yet
  size_t held_ = 0;
};

}  // namespace llamba
