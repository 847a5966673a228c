#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# There is no coverage here.
exit 1
