# SPDX-License-Identifier: Apache-2.0
# stray_symbolize: addresses to functions, files and lines, with LLVM's DWARF reader.
#
# LLVM is linked component by component and statically: its shared library costs every start of `stray`
# tens of milliseconds. Its targets must be visible where executables are linked, so they are global.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
find_package(LLVM 14 REQUIRED CONFIG)

add_library(stray_symbolize STATIC
  "${CMAKE_CURRENT_LIST_DIR}/debug_files.cc"
  "${CMAKE_CURRENT_LIST_DIR}/demangle.cc"
  "${CMAKE_CURRENT_LIST_DIR}/dwarf_reader.cc"
  "${CMAKE_CURRENT_LIST_DIR}/elf_image.cc"
  "${CMAKE_CURRENT_LIST_DIR}/module_file.cc"
  "${CMAKE_CURRENT_LIST_DIR}/symbol_table.cc"
  "${CMAKE_CURRENT_LIST_DIR}/symbolize.cc")
# LLVM 14's headers do not compile as C++20 with clang and this libstdc++ (vectors of incomplete types).
set_target_properties(stray_symbolize PROPERTIES CXX_STANDARD 17)
target_include_directories(stray_symbolize PUBLIC "${PROJECT_SOURCE_DIR}")
target_include_directories(stray_symbolize SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
target_compile_definitions(stray_symbolize PRIVATE ${LLVM_DEFINITIONS})
target_link_libraries(stray_symbolize
  PUBLIC stray_model absl::flat_hash_map absl::strings stray_sanitize
  PRIVATE LLVMDebugInfoDWARF LLVMObject LLVMDemangle LLVMSupport stray_warnings)
# What LLVM names as its own dependencies and this part of it does not use.
target_link_options(stray_symbolize INTERFACE -Wl,--as-needed)
