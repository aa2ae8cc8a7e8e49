#!/bin/sh
# Runs the given command for exactly as long as stdin stays open.
#
# The caller holds the other end of stdin and never writes to it. When the caller ends, however it ends (kill -9
# included), the kernel closes that end, `read` returns and the command is stopped. No process is left behind.
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
(
  read -r _ <&3
  kill "$child"
) >/dev/null 2>&1 &
watcher=$!
exec 3<&- 0<&-
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
