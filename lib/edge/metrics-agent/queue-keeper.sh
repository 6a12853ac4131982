#!/bin/sh
# Prepares the files of the metrics agent before it starts, and maintains its queue, because the agent names
# the queue's folder by the URL it sends to and knows no maximum age. Runs in the shell of the curl image
# (busybox ash). Environment variables:
: "${QUEUES_DIR:?folder that holds the queues}"
: "${QUEUE_NAME:?name of the queue for the current URL}"
: "${ACTIVE_DIR:?folder from which the agent reads its jobs}"
: "${STATE_DIR:?folder on the disk that the queues are on}"
: "${LOGIN_FILE:?file for the password of the HTTP server of the agent}"
: "${LEAST_KIB:?free disk space that the agent needs to start}"
: "${MAX_AGE_SECONDS:?maximum age of samples that the store accepts}"
set -u

. ../../agents/prelude.sh
. ./agent-files.sh
. ./queue-state.sh
. ./server-time.sh

size() {
  du -sk "$1" | cut -f 1
}

# Succeeds if the last write to a queue is too long ago, so that all its data is older. A clock before the
# last write gives no result.
outdated_at() {
  newest=$(find "$1" -type f -exec stat -c %Y {} + | sort -n | tail -n 1)
  [ -n "$newest" ] && [ $(($2 - newest)) -gt "$MAX_AGE_SECONDS" ]
}

# A clock may be a week ahead when the device starts, and dropped data is lost: a server has to confirm the
# time. Without a response the queue stays; its size is limited.
outdated() {
  outdated_at "$1" "$(date +%s)" || return 1
  witness='no server says what time it is'
  now=$(ask_time | read_time) && witness='the server has another time' && outdated_at "$1" "$now" && return
  log "kept ${1##*/}: by the clock it is too old, and $witness"
  return 1
}

# The agent exits if it can write nothing at all, so this waits until there is space for its first files.
waits=
while [ "$(room "$STATE_DIR")" -lt "$LEAST_KIB" ]; do
  [ -n "$waits" ] || log "waiting: less than $LEAST_KIB KiB are left on the disk of $STATE_DIR"
  waits=yes
  sleep 5
done

provide
# Password of the agent's own HTTP server, which is reachable from the node's network: only root can read it.
(umask 027 && head -c 24 /dev/urandom | base64 >"$LOGIN_FILE.new") && mv "$LOGIN_FILE.new" "$LOGIN_FILE"
# The clock guard decides what is measured, once it knows the time.
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
