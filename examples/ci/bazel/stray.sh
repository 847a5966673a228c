#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a test of Bazel's under stray. The report is in the test's log; what was found lies in its outputs as well, as dumps and as
# JUnit: bazel-testlogs/TEST/test.outputs.
stray run --output "$TEST_UNDECLARED_OUTPUTS_DIR" --keep findings -- "$@"
status=$?
set -- "$TEST_UNDECLARED_OUTPUTS_DIR"/*.stray
if [ -e "$1" ]; then stray report --format junit -o "$TEST_UNDECLARED_OUTPUTS_DIR/stray.xml" "$@"; fi
exit "$status"
