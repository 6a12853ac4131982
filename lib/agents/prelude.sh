# shellcheck shell=sh
# Functions with which scripts on edge nodes log, wait and end.

child=
state=

# Logs a message with a timestamp.
log_message() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1"
}

# Logs a message only if it differs from the previous one, so that a broken link does not fill the log.
log_if_changed() {
  [ "$1" = "$state" ] && return
  state=$1
  log_message "$state"
}

# Waits for the last background process. Unlike a foreground process, a signal can interrupt the wait.
wait_interruptibly() {
  child=$!
  wait "$child"
}

# Sleeps for $1 seconds. A signal can interrupt the sleep.
sleep_interruptibly() {
  [ "$1" -gt 0 ] || return 0
  sleep "$1" &
  wait_interruptibly
}

kill_child() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
}

exit_on_signal() {
  kill_child
  log_if_changed 'stopped'
  exit 0
}
