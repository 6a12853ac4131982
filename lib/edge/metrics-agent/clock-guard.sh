#!/bin/sh
# Stops the metrics agent's scrapes while the node's clock is wrong, because the store rejects samples with wrong
# timestamps, or while the disk is full and samples wait to be sent. Devices without a battery boot with an old time,
# and their clock jumps when NTP sets it. Runs in the shell of the curl image (busybox ash). Environment variables:
: "${JOBS_FILE:?file with the scrape jobs of the agent}"
: "${ACTIVE_DIR:?folder from which the agent reads its jobs}"
: "${STATE_DIR:?folder that survives a restart}"
: "${STOPPED_FILE:?file with the reason for refusing pushes}"
: "${CREDENTIALS_DIR:?folder from which the agent reads user and password}"
: "${QUEUES_DIR:?folder that holds the queues}"
: "${RESERVE_KIB:?reserved disk space for the agent}"
: "${LIMIT_SECONDS:?maximum deviation of the clock}"
: "${RECHECK_SECONDS:?seconds between two requests for the time}"
: "${INTERVAL_SECONDS:?seconds between two checks of the clock}"
set -u

. ../../agents/prelude.sh
. ../../agents/own-files.sh
. ./agent-files.sh
. ./queue-state.sh
. ./server-time.sh

RETRY_SECONDS=60
[ "$RECHECK_SECONDS" -gt "$RETRY_SECONDS" ] || RETRY_SECONDS=$RECHECK_SECONDS
REMEMBER_SECONDS=3600  # The time is saved rarely, to avoid wear of the device's flash memory.

active=$ACTIVE_DIR/jobs.yaml
seen=$STATE_DIR/time
reserve=$STATE_DIR/reserve
# True time minus uptime, according to the last server response that counts.
reference=
# True time minus uptime, according to a response that is not confirmed yet.
doubted=
next_check=0

uptime_seconds() {
  read -r seconds _ </proc/uptime
  echo "${seconds%%.*}"
}

# Sets $answer to the time of the server. Fails without a response.
read_server_time() {
  request_time >"$ACTIVE_DIR/.answer" &
  wait_interruptibly && answer=$(parse_time <"$ACTIVE_DIR/.answer")
}

# Succeeds if $1 and $2 differ by at most LIMIT_SECONDS.
is_near() {
  [ -n "$1" ] && [ -n "$2" ] && [ $(($1 - $2)) -le "$LIMIT_SECONDS" ] && [ $(($2 - $1)) -le "$LIMIT_SECONDS" ]
}

# Decides whether a response counts. Argument: true time minus uptime, according to the response. The uptime is
# reliable. If neither the clock nor an earlier response confirms the time, the network may have a wrong time. Such a
# response counts only when the next response confirms it.
evaluate_response() {
  if [ -z "$reference" ] || is_near "$1" "$clock" || is_near "$1" "$reference" || is_near "$1" "$doubted"; then
    reference=$1
    doubted=
  else
    doubted=$1
  fi
}

# Asks the server for the time if a check is due. The next check is due after RECHECK_SECONDS if the clock is right,
# otherwise after RETRY_SECONDS. Without a response, the last response still counts.
check_time_if_due() {
  [ "$(uptime_seconds)" -ge "$next_check" ] || return 0
  next_check=$(($(uptime_seconds) + RETRY_SECONDS))
  read_server_time || return 0
  clock=$(($(date +%s) - $(uptime_seconds)))
  evaluate_response $((answer - $(uptime_seconds)))
  [ -z "$doubted" ] && is_near "$reference" "$clock" && next_check=$(($(uptime_seconds) + RECHECK_SECONDS))
}

# Prints the deviation of the clock from the true time in seconds. Before the first response of a server, the true time
# is unknown. The clock then counts as wrong only if it is before the last true time that was saved.
clock_offset() {
  if [ -n "$reference" ]; then
    echo $(($(date +%s) - reference - $(uptime_seconds)))
  elif [ -s "$seen" ] && [ "$(date +%s)" -lt "$(cat "$seen")" ]; then
    echo $(($(date +%s) - $(cat "$seen")))
  else
    echo 0
  fi
}

# Saves the true time, at most once every REMEMBER_SECONDS.
save_true_time() {
  [ -n "$reference" ] || return 0
  true_time=$((reference + $(uptime_seconds)))
  [ -s "$seen" ] && [ $((true_time - $(cat "$seen"))) -lt "$REMEMBER_SECONDS" ] && return
  echo "$true_time" >"$seen.new" && mv "$seen.new" "$seen"
}

# Creates or deletes a file that reserves disk space. The agent exits when its disk is full, so the file is deleted when
# other data has filled the rest of the disk. The file is created again when three times its size is free. Its blocks
# are written, so that the file system really allocates the space.
update_reserve_file() {
  left=$(free_kib "$STATE_DIR")
  if [ -e "$reserve" ] && [ "$left" -lt "$RESERVE_KIB" ]; then
    rm -f "$reserve"
  elif [ ! -e "$reserve" ] && [ "$left" -ge $((3 * RESERVE_KIB)) ]; then
    if dd if=/dev/zero of="$reserve.new" bs=1024 count="$RESERVE_KIB" 2>/dev/null; then
      mv "$reserve.new" "$reserve"
    else
      rm -f "$reserve.new"
    fi
  fi
}

# Succeeds if the agent may scrape: the reserve exists, or all queues are empty because all samples are sent at once.
has_disk_space() {
  [ -e "$reserve" ] && return
  for queue in "$QUEUES_DIR"/*; do
    [ ! -s "$queue/metainfo.json" ] || is_queue_sent "$queue" || return
  done
}

# Stops scrapes and pushes. Argument: the reason, for the log and for the responses to pushes.
stop_measuring() {
  rm -f "$active"
  echo "this node is not measuring: $1" >"$STOPPED_FILE.new" && mv "$STOPPED_FILE.new" "$STOPPED_FILE"
  log_if_changed "not measuring: $1"
}

trap exit_on_signal TERM INT
while :; do
  exit_if_unmounted
  end_outdated_processes "$CREDENTIALS_DIR"
  copy_agent_files
  update_reserve_file
  check_time_if_due
  wrong=$(clock_offset)
  if [ "$wrong" -gt "$LIMIT_SECONDS" ] || [ "$wrong" -lt "-$LIMIT_SECONDS" ]; then
    stop_measuring "the clock is wrong by more than ${LIMIT_SECONDS}s, set it (NTP)"
  elif ! has_disk_space; then
    stop_measuring 'the disk is full, and samples wait to be sent; free disk space'
  else
    replace_if_changed "$JOBS_FILE" "$active"
    rm -f "$STOPPED_FILE"
    save_true_time
    log_if_changed 'measuring: the clock is right, as far as is known'
  fi
  sleep_interruptibly "$INTERVAL_SECONDS"
done
