#!/bin/sh
# Prepares the files and the queue of the metrics agent before the agent starts. The agent derives the name of the queue's
# folder from the remote-write URL, so the folder is renamed when the URL changes. The agent has no maximum age of
# samples, so queues that are too old are deleted here. Runs in the shell of the curl image (busybox ash). Environment
# variables:
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

# Prints the size of a folder in KiB.
folder_kib() {
  du -sk "$1" | cut -f 1
}

# Succeeds if, at time $2, the last write to queue $1 is longer ago than MAX_AGE_SECONDS. Fails if $2 is before the last
# write.
is_queue_outdated_at() {
  newest=$(find "$1" -type f -exec stat -c %Y {} + | sort -n | tail -n 1)
  [ -n "$newest" ] && [ $(($2 - newest)) -gt "$MAX_AGE_SECONDS" ]
}

# Succeeds if queue $1 is too old. The clock of a device can be a week ahead at boot, and dropped samples are lost, so a
# server must confirm the time. Without a response the queue is kept; its size is limited.
is_queue_outdated() {
  is_queue_outdated_at "$1" "$(date +%s)" || return 1
  witness='no server confirms the time'
  now=$(request_time | parse_time) && witness='the time of the server differs' && is_queue_outdated_at "$1" "$now" && return
  log_message "kept ${1##*/}: the queue is too old by the clock of the node, but $witness"
  return 1
}

# The agent exits if it cannot write its first files, so the script waits until there is space for them.
waits=
while [ "$(free_kib "$STATE_DIR")" -lt "$LEAST_KIB" ]; do
  [ -n "$waits" ] || log_message "waiting: less than $LEAST_KIB KiB are free on the disk of $STATE_DIR"
  waits=yes
  sleep 5
done

copy_agent_files
# The agent's HTTP server requires this password, because all processes on the host network can connect to it. Only root
# can read the file.
(umask 027 && head -c 24 /dev/urandom | base64 >"$LOGIN_FILE.new") && mv "$LOGIN_FILE.new" "$LOGIN_FILE"
# The agent starts without scrape jobs. The clock guard enables them when it has checked the clock.
mkdir -p "$ACTIVE_DIR"
rm -f "$ACTIVE_DIR"/*.yaml

current=$QUEUES_DIR/$QUEUE_NAME
for queue in "$QUEUES_DIR"/*; do
  [ -d "$queue" ] || continue
  if ! is_queue_sent "$queue" && is_queue_outdated "$queue"; then
    log_message "dropped $(folder_kib "$queue") KiB: nothing was written to ${queue##*/} for more than ${MAX_AGE_SECONDS}s, and the store rejects samples of that age"
    rm -rf "$queue"
  elif [ "$queue" = "$current" ]; then
    is_queue_sent "$queue" || log_message "$(folder_kib "$queue") KiB are queued in ${queue##*/}"
  elif [ ! -e "$current" ]; then
    mv "$queue" "$current" && log_message "the URL changed: moved $(folder_kib "$current") KiB from ${queue##*/} to $QUEUE_NAME"
  else
    log_message "kept $(folder_kib "$queue") KiB in ${queue##*/}: the queue belongs to another URL, and the current URL has a queue already"
  fi
done
exit 0
