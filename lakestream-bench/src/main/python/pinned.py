# SPDX-License-Identifier: Apache-2.0
"""pinned.py CORE COMMAND…: becomes the command, on one core."""

import os
import sys

os.sched_setaffinity(0, {int(sys.argv[1])})
os.execvp(sys.argv[2], sys.argv[2:])
