#!/bin/sh
# Makes an agent read its configuration and credentials again when their files change, since nothing rolls
# the pods of the edge. Run by the shell of the curl image (busybox ash). All it is told:
: "${WATCH_DIRS:?folders to watch, with spaces between them}"
: "${RELOAD_URL:?address that makes the agent read its configuration again, by POST}"
: "${INTERVAL_SECONDS:?seconds between two looks}"
set -u

RELOAD_SECONDS=30

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

reload() {
  curl --disable --silent --output /dev/null --fail --max-time "$RELOAD_SECONDS" --request POST --data '{}' "$RELOAD_URL" &
  attend
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
    report "not reloaded: files in $WATCH_DIRS changed, but the agent refuses them or does not answer at $RELOAD_URL"
  fi
done
