#pragma once

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "mlx/mlx.h"

namespace llamba::bench {

using Clock = std::chrono::steady_clock;
inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/** The command line: `words --name value`. */
struct Options {
  std::vector<std::string> words;
  std::map<std::string, std::string> named;
  int number(const std::string& key, int otherwise) const {
    auto at = named.find(key);
    return at == named.end() ? otherwise : std::stoi(at->second);
  }
  std::vector<int> list(const std::string& key, const std::string& otherwise) const {
    auto at = named.find(key);
    std::stringstream text(at == named.end() ? otherwise : at->second);
    std::vector<int> out;
    for (std::string part; std::getline(text, part, ',');) out.push_back(std::stoi(part));
    return out;
  }
  std::string device() const { return named.count("device") ? named.at("device") : "gpu"; }
};

inline double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

/** One line of results. */
class Line {
 public:
  explicit Line(const std::string& what) { text_ << "{\"what\":\"" << what << '"'; }
  ~Line() { std::cout << text_.str() << "}" << std::endl; }
  Line& add(const std::string& key, double value) {
    text_ << ",\"" << key << "\":" << value;
    return *this;
  }
  Line& add(const std::string& key, const std::string& value) {
    text_ << ",\"" << key << "\":\"" << value << '"';
    return *this;
  }
  Line& all(const std::string& key, const std::vector<double>& values) {
    text_ << ",\"" << key << "\":[";
    for (size_t i = 0; i < values.size(); ++i) text_ << (i ? "," : "") << values[i];
    text_ << "]";
    return *this;
  }

 private:
  std::ostringstream text_;
};

inline void memory(Line& line) {
  line.add("active_bytes", double(mlx::core::get_active_memory()));
  line.add("peak_bytes", double(mlx::core::get_peak_memory()));
}

// The commands.
void device(const Options&);
void decode(const Options&);
void prefill(const Options&);
void batch(const Options&);
void attention(const Options&);
void parts(const Options&);

}  // namespace llamba::bench
