#include "engine/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/error.h"

namespace llamba {
namespace {

// Linux moves at most 2 GiB - 4 KiB a call, macOS refuses more than INT_MAX.
constexpr size_t kMostAtOnce = 1 << 30;

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

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  static std::atomic<int> count{0};
  do {  // a process of the same number may have been killed and have left its own
    temporary_ = path_ + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  } while (file_ < 0 && errno == EEXIST);
  if (file_ < 0) fail("created");
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
    ssize_t put = ::write(file_, at, std::min(bytes, kMostAtOnce));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("written");
    at += put;
    bytes -= put;
  }
}

void AtomicFile::commit() {
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
