# SPDX-License-Identifier: Apache-2.0
# stray_frames: whose code a frame is, what to call it, and what a stack says about a wait.
add_library(stray_frames STATIC
  "${CMAKE_CURRENT_LIST_DIR}/format_name.cc"
  "${CMAKE_CURRENT_LIST_DIR}/frames.cc"
  "${CMAKE_CURRENT_LIST_DIR}/function_name.cc"
  "${CMAKE_CURRENT_LIST_DIR}/refine.cc")
target_include_directories(stray_frames PUBLIC "${PROJECT_SOURCE_DIR}")
target_link_libraries(stray_frames
  PUBLIC stray_model absl::flat_hash_map absl::span absl::strings stray_sanitize
  PRIVATE stray_warnings)
