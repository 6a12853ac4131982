#!/bin/sh
# Gives the metrics agent its files before it starts, and looks after its queue, since the agent itself names the folder
# by the address that it sends to and knows no age. Run by the shell of the curl image (busybox ash). All it
# is told:
: "${QUEUES_DIR:?folder that holds the queues}"
: "${QUEUE_NAME:?name of the queue for the address of today}"
: "${ACTIVE_DIR:?folder that the agent reads its jobs from}"
: "${STATE_DIR:?folder on the disk that the queues are on}"
: "${LOGIN_FILE:?file for the password of the HTTP server of the agent}"
: "${LEAST_KIB:?room without which the agent cannot start}"
: "${MAX_AGE_SECONDS:?age from which on nobody takes a sample any more}"
set -u

. ../../agents/prelude.sh
. ./agent-files.sh
. ./queue-state.sh
. ./server-time.sh

size() {
  du -sk "$1" | cut -f 1
}

# Whether nothing was written to a queue for too long before a given time: all in it is older still. A clock that
# stands before the last write says nothing.
outdated_at() {
  newest=$(find "$1" -type f -exec stat -c %Y {} + | sort -n | tail -n 1)
  [ -n "$newest" ] && [ $(($2 - newest)) -gt "$MAX_AGE_SECONDS" ]
}

# A clock may be a week ahead when the device starts, and what is dropped is gone: a server has to say the same. Where
# none answers, the queue stays; its size has a limit.
outdated() {
  outdated_at "$1" "$(date +%s)" || return 1
  witness='no server says what time it is'
  now=$(ask_time | read_time) && witness='the server has another time' && outdated_at "$1" "$now" && return
  log "kept ${1##*/}: by the clock it is too old, and $witness"
  return 1
}

# The agent ends where it can write nothing at all. What is waited for here is room for its first files.
waits=
while [ "$(room "$STATE_DIR")" -lt "$LEAST_KIB" ]; do
  [ -n "$waits" ] || log "waiting: less than $LEAST_KIB KiB are left on the disk of $STATE_DIR"
  waits=yes
  sleep 5
done

provide
# Of the agent's own HTTP server, which everybody on the node's network reaches: known to who reads root's files alone.
(umask 027 && head -c 24 /dev/urandom | base64 >"$LOGIN_FILE.new") && mv "$LOGIN_FILE.new" "$LOGIN_FILE"
# What is measured says the clock guard, once it knows the time.
mkdir -p "$ACTIVE_DIR"
rm -f "$ACTIVE_DIR"/*.yaml

current=$QUEUES_DIR/$QUEUE_NAME
for queue in "$QUEUES_DIR"/*; do
  [ -d "$queue" ] || continue
  if ! drained "$queue" && outdated "$queue"; then
    log "dropped $(size "$queue") KiB: nothing was written to ${queue##*/} for more than ${MAX_AGE_SECONDS}s, nobody takes samples of that age"
    rm -rf "$queue"
  elif [ "$queue" = "$current" ]; then
    drained "$queue" || log "$(size "$queue") KiB wait in ${queue##*/}"
  elif [ ! -e "$current" ]; then
    mv "$queue" "$current" && log "the address changed: $(size "$current") KiB moved from ${queue##*/} to $QUEUE_NAME"
  else
    log "kept $(size "$queue") KiB in ${queue##*/}: it is for another address, and there is a queue for this one"
  fi
done
exit 0
