#include "engine/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>

#include "engine/error.h"

namespace llamba {
namespace {

// In reading: Linux moves at most 2 GiB - 4 KiB a call, macOS refuses more than INT_MAX.
constexpr size_t kMostAtOnce = 1 << 30;
constexpr size_t kPiece = 1 << 20;
constexpr size_t kPage = 1 << 12;  // what writing past the cache is aligned to: no disk has larger blocks

/** A hint: a file system that cannot do it, or not for these bytes, goes through its cache. */
void go_past_cache(int file) {
#ifdef O_DIRECT
  ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) | O_DIRECT);
#elif defined(F_NOCACHE)
  ::fcntl(file, F_NOCACHE, 1);
#endif
}

/** Whether the file went past the cache by a way that takes whole blocks only; from now on it does not. */
bool go_through_cache([[maybe_unused]] int file) {
#ifdef O_DIRECT
  int flags = ::fcntl(file, F_GETFL);
  return flags >= 0 && (flags & O_DIRECT) && ::fcntl(file, F_SETFL, flags & ~O_DIRECT) == 0;
#else
  return false;
#endif
}

[[noreturn]] void unreadable(const std::string& path, const std::string& why) {
  throw Error("file-unreadable", path + " cannot be read: " + why, "Check that the file exists and may be read.");
}

}  // namespace

ReadFile::ReadFile(const std::string& path) : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) unreadable(path, std::strerror(errno));
  struct stat info;
  std::string why;
  if (::fstat(file_, &info) != 0) {
    why = std::strerror(errno);
  } else if (!S_ISREG(info.st_mode)) {
    why = "it is not a file";
  }
  if (!why.empty()) {
    ::close(file_);
    unreadable(path, why);
  }
  size_ = info.st_size;
}

ReadFile::~ReadFile() { ::close(file_); }

void ReadFile::read(void* to, int64_t bytes, int64_t offset) const {
  auto* out = static_cast<char*>(to);
  while (bytes > 0) {
    ssize_t got = ::pread(file_, out, std::min<size_t>(bytes, kMostAtOnce), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) unreadable(path_, std::strerror(errno));
    if (got == 0) unreadable(path_, "it ends too early");
    out += got;
    bytes -= got;
    offset += got;
  }
}

std::string read_text(const std::string& path, int64_t limit) {
  ReadFile file(path);
  if (file.size() > limit) unreadable(path, "it is larger than " + std::to_string(limit) + " bytes");
  std::string text(file.size(), '\0');
  file.read(text.data(), file.size(), 0);
  return text;
}

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)), piece_(static_cast<char*>(std::aligned_alloc(kPage, kPiece)), std::free) {
  if (!piece_) throw std::bad_alloc();
  static std::atomic<int> count{0};
  do {  // a process of the same number may have been killed and have left its own
    temporary_ = path_ + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  } while (file_ < 0 && errno == EEXIST);
  if (file_ < 0) fail("created");
  go_past_cache(file_);
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(const char* doing) const {
  // EFBIG: a limit on the file's size, which a user meets as "no more room" just the same.
  bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
  throw Error(full ? "disk-full" : "file-unreadable", path_ + " cannot be " + doing + ": " + std::strerror(errno),
              full ? "Free some space and try again." : "Check that the folder exists and may be written.");
}

void AtomicFile::write(const void* data, size_t bytes) {
  auto* at = static_cast<const char*>(data);
  while (bytes > 0) {
    size_t part = std::min(bytes, kPiece - held_);
    std::memcpy(piece_.get() + held_, at, part);
    at += part;
    bytes -= part;
    held_ += part;
    if (held_ == kPiece) flush();
  }
}

void AtomicFile::flush() {
  const char* at = piece_.get();
  while (held_ > 0) {
    ssize_t put = ::write(file_, at, held_);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EINVAL && go_through_cache(file_)) continue;
    if (put < 0) fail("written");
    at += put;
    held_ -= put;
  }
}

void AtomicFile::commit() {
  go_through_cache(file_);  // the end is no whole block
  flush();
  if (::fsync(file_) != 0) fail("written");
  int closing = file_;
  file_ = -1;
  if (::close(closing) != 0) fail("written");
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("renamed into place");
  temporary_.clear();
  std::string folder = std::filesystem::path(path_).parent_path().string();
  int parent = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (parent < 0) fail("synced");
  // Some file systems cannot sync a folder (EINVAL); the rename is then as durable as they make it.
  if (::fsync(parent) != 0 && errno != EINVAL) {
    int error = errno;
    ::close(parent);
    errno = error;
    fail("synced");
  }
  ::close(parent);
}

}  // namespace llamba
