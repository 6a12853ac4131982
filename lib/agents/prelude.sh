# shellcheck shell=sh
# How scripts of the edge log, wait and end.

child=
state=

log() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1"
}

# Logs a state only if it changed, so that a broken link does not fill the log.
report() {
  [ "$1" = "$state" ] && return
  state=$1
  log "$state"
}

# Waits for the child process; a signal interrupts the wait.
attend() {
  child=$!
  wait "$child"
}

pause() {
  [ "$1" -gt 0 ] || return 0
  sleep "$1" &
  attend
}

end_child() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
}

stop() {
  end_child
  report 'stopped'
  exit 0
}
