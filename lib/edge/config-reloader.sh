#!/bin/sh
# Makes an agent read its configuration and credentials again when their files change, since nothing rolls
# the pods of the edge. Run by the shell of the curl image (busybox ash). All it is told:
: "${WATCH_DIRS:?folders to watch, with spaces between them}"
: "${RELOAD_URL:?address that makes the agent read its configuration again, by POST}"
: "${INTERVAL_SECONDS:?seconds between two looks}"
# Its answer changes with each reload that succeeded, where the agent answers RELOAD_URL before it knows.
: "${RELOAD_COUNT_URL:=}"
set -u

# Longer than an agent waits for its requests in flight, or takes to start again.
: "${RELOAD_SECONDS:=60}"

child=
state=

# Says a change of state, and only a change.
report() {
  [ "$1" = "$state" ] && return
  state=$1
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$state"
}

# Waits for the child in a way that a signal interrupts.
attend() {
  child=$!
  wait "$child"
}

stop() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
  report 'stopped'
  exit 0
}

# Names and contents of all files, as one line.
fingerprint() {
  for folder in $WATCH_DIRS; do
    for file in "$folder"/*; do
      [ -f "$file" ] && echo "$file $(cksum <"$file")"
    done
  done | cksum
}

ask() {
  curl --disable --silent --fail --max-time "$RELOAD_SECONDS" "$@"
}

# How often the agent has reloaded; nothing while it does not answer.
reloads() {
  [ -z "$RELOAD_COUNT_URL" ] || ask "$RELOAD_COUNT_URL"
}

reload() {
  before=$(reloads)
  ask --output /dev/null --request POST --data '{}' "$RELOAD_URL" &
  attend || return 1
  [ -n "$RELOAD_COUNT_URL" ] || return 0
  waited=0
  while [ "$waited" -lt "$RELOAD_SECONDS" ]; do
    sleep 1 &
    attend
    waited=$((waited + 1))
    after=$(reloads)
    # It also changes when the agent ended instead, and started anew with the new files.
    [ -n "$after" ] && [ "$after" != "$before" ] && return 0
  done
  return 1
}

trap stop TERM INT
loaded=$(fingerprint)
report "watching $WATCH_DIRS"
while :; do
  sleep "$INTERVAL_SECONDS" &
  attend
  found=$(fingerprint)
  [ "$found" = "$loaded" ] && continue
  # What could not be loaded is tried again at the next look.
  if reload; then
    loaded=$found
    state=
    report "reloaded: files in $WATCH_DIRS changed"
  else
    report "not reloaded: files in $WATCH_DIRS changed, but the agent does not take them; its own log says why. $RELOAD_URL is asked again"
  fi
done
