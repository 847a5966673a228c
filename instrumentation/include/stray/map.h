// SPDX-License-Identifier: Apache-2.0
// map.h: maps. Map is Go's sync.Map, for any number of tasks at once; PlainMap is Go's own map, which is for
// one task at a time, and ends the program when it notices that it is not: "fatal error: concurrent map
// writes".
//
//   stray::Map<std::string, Session> sessions;
//   auto [session, loaded] = sessions.LoadOrStore(id, Session(id));
//
// Keys and values are copied in and out, so a value that is not to be copied belongs into a std::shared_ptr.
//
// Map: what a Load returns happens after the Store of it. Different keys order nothing.
#ifndef STRAY_MAP_H_
#define STRAY_MAP_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "stray/atomic.h"
#include "stray/mutex.h"

namespace stray {

namespace detail {

// As Mutex; TSan is told nothing.
void LockShard(MutexCore* mutex) noexcept;
void UnlockShard(MutexCore* mutex) noexcept;
// For TSan: who finds a key missing comes after who has deleted it. `key`: its hash.
void NoteStored(const void* shard, size_t key) noexcept;
void NoteDeleted(const void* shard, size_t key) noexcept;
void NoteMissing(const void* shard, size_t key) noexcept;
void ForgetDeleted(const void* shard) noexcept;
enum class MapClash { kWrites, kReadAndWrite, kIteration };
// `call`: what the calling task was doing.
[[noreturn]] void FatalMap(MapClash clash, const char* call);

}  // namespace detail

template <typename K, typename V, typename Hash = std::hash<K>, typename Equal = std::equal_to<K>>
class Map {
 public:
  struct Result {
    V value;
    bool loaded;
  };

  Map() = default;
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;
  ~Map() {
    if (!detail::IsTsanThere()) [[likely]]
      return;
    for (Shard& shard : shards_) detail::ForgetDeleted(&shard);
  }

  std::optional<V> Load(const K& key) const {
    Guard guard(ShardOf(key));
    return guard.Find(key);
  }
  void Store(const K& key, V value) {
    Guard guard(ShardOf(key));
    guard.Put(key, std::move(value));
  }
  // What is there (loaded), else stores `value` and returns it.
  Result LoadOrStore(const K& key, V value) {
    Guard guard(ShardOf(key));
    if (std::optional<V> found = guard.Find(key)) return {*std::move(found), true};
    guard.Put(key, value);
    return {std::move(value), false};
  }
  std::optional<V> LoadAndDelete(const K& key) {
    Guard guard(ShardOf(key));
    std::optional<V> found = guard.Find(key);
    if (found) guard.Erase(key);
    return found;
  }
  void Delete(const K& key) {
    Guard guard(ShardOf(key));
    guard.Erase(key);
  }
  // Stores `value` and returns what was there.
  std::optional<V> Swap(const K& key, V value) {
    Guard guard(ShardOf(key));
    std::optional<V> found = guard.Find(key);
    guard.Put(key, std::move(value));
    return found;
  }
  // Stores `to` if `from` is there.
  bool CompareAndSwap(const K& key, const V& from, V to) {
    Guard guard(ShardOf(key));
    const std::optional<V> found = guard.Find(key);
    if (!found || !(*found == from)) return false;
    guard.Put(key, std::move(to));
    return true;
  }
  // Deletes the key if `from` is there.
  bool CompareAndDelete(const K& key, const V& from) {
    Guard guard(ShardOf(key));
    const std::optional<V> found = guard.Find(key);
    if (!found || !(*found == from)) return false;
    guard.Erase(key);
    return true;
  }
  void Clear() {
    for (Shard& shard : shards_) {
      Guard guard(shard);
      guard.EraseAll();
    }
  }
  // Calls `f(key, value)` for each, until it returns false. No key twice; what is stored and deleted meanwhile
  // may be seen or not. `f` may use the map.
  template <typename F>
  void Range(F f) const {
    for (Shard& shard : shards_) {
      std::vector<std::pair<K, V>> content;
      {
        Guard guard(shard);
        content = guard.Copy();
      }
      for (auto& [key, value] : content) {
        if (!f(std::as_const(key), value)) return;
      }
    }
  }

 private:
  static constexpr size_t kShards = 16;

  struct alignas(64) Shard {
    detail::MutexCore mutex;
    std::unordered_map<K, V, Hash, Equal> values;
  };

  // The shard, locked. TSan looks away, since it does not see the lock; an edge for each value is told instead.
  // The places of values in an unordered_map do not change.
  class Guard {
   public:
    explicit Guard(Shard& shard) : shard_(shard) {
      detail::LockShard(&shard_.mutex);
      detail::IgnoreAccesses();
    }
    ~Guard() {
      detail::SeeAccesses();
      detail::UnlockShard(&shard_.mutex);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

    std::optional<V> Find(const K& key) const {
      const auto found = shard_.values.find(key);
      if (found == shard_.values.end()) {
        if (detail::IsTsanThere()) [[unlikely]]
          detail::NoteMissing(&shard_, Hash()(key));
        return std::nullopt;
      }
      detail::Acquire(&found->second);
      return found->second;
    }
    void Put(const K& key, V value) {
      V& place = shard_.values.insert_or_assign(key, std::move(value)).first->second;
      detail::ReleaseAnew(&place);
      if (detail::IsTsanThere()) [[unlikely]]
        detail::NoteStored(&shard_, Hash()(key));
    }
    void Erase(const K& key) {
      shard_.values.erase(key);
      if (detail::IsTsanThere()) [[unlikely]]
        detail::NoteDeleted(&shard_, Hash()(key));
    }
    // Of each key, whether it was there or not.
    void EraseAll() {
      shard_.values.clear();
      detail::Release(&shard_);
    }
    std::vector<std::pair<K, V>> Copy() const {
      for (const auto& [key, value] : shard_.values) detail::Acquire(&value);
      return {shard_.values.begin(), shard_.values.end()};
    }

   private:
    Shard& shard_;
  };

  Shard& ShardOf(const K& key) const {
    // The high bits of a product: std::hash of a number is the number.
    return shards_[static_cast<size_t>(Hash()(key) * uint64_t{0x9E3779B97F4A7C15} >> 60)];
  }

  mutable std::array<Shard, kShards> shards_;
};

// The checks cost a load and a store, and notice what they notice: they are no lock, and order nothing. TSan
// sees the map's accesses as the races they are.
template <typename K, typename V, typename Hash = std::hash<K>, typename Equal = std::equal_to<K>>
class PlainMap {
 public:
  PlainMap() = default;
  PlainMap(const PlainMap&) = delete;
  PlainMap& operator=(const PlainMap&) = delete;

  std::optional<V> Load(const K& key) const {
    const Reading reading(writing_);
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional<V>(found->second);
  }
  void Store(const K& key, V value) {
    const Writing writing(writing_, "PlainMap::Store");
    values_.insert_or_assign(key, std::move(value));
  }
  // True if it was there.
  bool Delete(const K& key) {
    const Writing writing(writing_, "PlainMap::Delete");
    return values_.erase(key) != 0;
  }
  // f(V&), with what is there, or a new, empty value.
  template <typename F>
  void Update(const K& key, F f) {
    const Writing writing(writing_, "PlainMap::Update");
    f(values_[key]);
  }
  void Clear() {
    const Writing writing(writing_, "PlainMap::Clear");
    values_.clear();
  }
  size_t Len() const { return values_.size(); }
  // Calls `f(key, value)` for each, until it returns false. `f` must not change the map.
  template <typename F>
  void Range(F f) const {
    for (const auto& [key, value] : values_) {
      if (writing_.load(std::memory_order_relaxed))
        detail::FatalMap(detail::MapClash::kIteration, "PlainMap::Range");
      if (!f(key, value)) return;
    }
  }

 private:
  struct Reading {
    explicit Reading(const std::atomic<bool>& flag) : writing(flag) { Check(); }
    ~Reading() { Check(); }
    void Check() const {
      if (writing.load(std::memory_order_relaxed)) [[unlikely]]
        detail::FatalMap(detail::MapClash::kReadAndWrite, "PlainMap::Load");
    }
    const std::atomic<bool>& writing;
  };
  struct Writing {
    Writing(std::atomic<bool>& flag, const char* name) : writing(flag), call(name) {
      if (writing.load(std::memory_order_relaxed)) [[unlikely]]
        detail::FatalMap(detail::MapClash::kWrites, call);
      writing.store(true, std::memory_order_relaxed);
    }
    ~Writing() {
      // Another writer has come and gone.
      if (!writing.load(std::memory_order_relaxed)) [[unlikely]]
        detail::FatalMap(detail::MapClash::kWrites, call);
      writing.store(false, std::memory_order_relaxed);
    }
    std::atomic<bool>& writing;
    const char* call;
  };

  std::unordered_map<K, V, Hash, Equal> values_;
  mutable std::atomic<bool> writing_{false};
};

}  // namespace stray

#endif  // STRAY_MAP_H_
