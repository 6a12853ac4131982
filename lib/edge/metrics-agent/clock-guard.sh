#!/bin/sh
# Lets the metrics agent measure only while the node's clock can be trusted and its disk has room: samples of a wrong time are
# refused by the store, and help nobody. Devices without a battery start with an old time, and their clock
# jumps once it is set. Run by the shell of the curl image (busybox ash). All it is told:
: "${JOBS_FILE:?what the agent is to measure}"
: "${ACTIVE_DIR:?folder that the agent reads its jobs from}"
: "${STATE_DIR:?folder that survives a restart}"
: "${STOPPED_FILE:?file that says, for pushes, why nothing is measured}"
: "${CREDENTIALS_DIR:?folder from which the agent reads user and password}"
: "${QUEUES_DIR:?folder that holds the queues}"
: "${RESERVE_KIB:?room on the disk that is kept for the agent}"
: "${LIMIT_SECONDS:?how wrong the clock may be}"
: "${RECHECK_SECONDS:?seconds between two questions for the time}"
: "${INTERVAL_SECONDS:?seconds between two looks at the clock}"
set -u

. ../../agents/prelude.sh
. ../../agents/own-files.sh
. ./agent-files.sh
. ./queue-state.sh
. ./server-time.sh

RETRY_SECONDS=60
[ "$RECHECK_SECONDS" -gt "$RETRY_SECONDS" ] || RETRY_SECONDS=$RECHECK_SECONDS
REMEMBER_SECONDS=3600  # Seldom, to spare the device's flash.

active=$ACTIVE_DIR/jobs.yaml
seen=$STATE_DIR/time
reserve=$STATE_DIR/reserve
# The difference between the wall clock and the time since the start, when the clock was last compared.
reference=
# Likewise, as an answer had it that nothing else bears out.
doubted=
next_check=0

uptime() {
  read -r seconds _ </proc/uptime
  echo "${seconds%%.*}"
}

# Takes the server's time into `answer`.
ask() {
  ask_time >"$ACTIVE_DIR/.answer" &
  attend && answer=$(read_time <"$ACTIVE_DIR/.answer")
}

# Whether two times are the same, as far as samples are concerned.
near() {
  [ -n "$1" ] && [ -n "$2" ] && [ $(($1 - $2)) -le "$LIMIT_SECONDS" ] && [ $(($2 - $1)) -le "$LIMIT_SECONDS" ]
}

# The time since the start goes right. So an answer which neither the clock nor the answer before bears out is one of
# a network that lies once, until the next says the same.
believe() {
  if [ -z "$reference" ] || near "$1" "$clock" || near "$1" "$reference" || near "$1" "$doubted"; then
    reference=$1
    doubted=
  else
    doubted=$1
  fi
}

# Compares the clock with the server's: now and then while all agree, else soon again. While there is no answer, the
# last one counts.
compare() {
  [ "$(uptime)" -ge "$next_check" ] || return 0
  next_check=$(($(uptime) + RETRY_SECONDS))
  ask || return 0
  clock=$(($(date +%s) - $(uptime)))
  believe $((answer - $(uptime)))
  [ -z "$doubted" ] && near "$reference" "$clock" && next_check=$(($(uptime) + RECHECK_SECONDS))
}

# How far the clock is from the true time, which is known since it was first compared after the start. Before
# that, it must at least not stand before a time that has been.
offset() {
  if [ -n "$reference" ]; then
    echo $(($(date +%s) - reference - $(uptime)))
  elif [ -s "$seen" ] && [ "$(date +%s)" -lt "$(cat "$seen")" ]; then
    echo $(($(date +%s) - $(cat "$seen")))
  else
    echo 0
  fi
}

remember() {
  [ -n "$reference" ] || return 0
  true_time=$((reference + $(uptime)))
  [ -s "$seen" ] && [ $((true_time - $(cat "$seen"))) -lt "$REMEMBER_SECONDS" ] && return
  echo "$true_time" >"$seen.new" && mv "$seen.new" "$seen"
}

# The agent ends when its disk is full. So a file takes some of it beforehand, and goes when others have filled the rest;
# it is made again when there is room for it, and for as much again. Its blocks are written, so that they are really taken.
keep_reserve() {
  left=$(room "$STATE_DIR")
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

# Without a reserve nothing more is queued: what is measured goes on only while all of it is sent at once.
has_room() {
  [ -e "$reserve" ] && return
  for queue in "$QUEUES_DIR"/*; do
    [ ! -s "$queue/metainfo.json" ] || drained "$queue" || return
  done
}

stop_measuring() {
  rm -f "$active"
  echo "this node is not measuring: $1" >"$STOPPED_FILE.new" && mv "$STOPPED_FILE.new" "$STOPPED_FILE"
  report "not measuring: $1"
}

trap stop TERM INT
while :; do
  leave_without_files
  end_outdated "$CREDENTIALS_DIR"
  provide
  keep_reserve
  compare
  wrong=$(offset)
  if [ "$wrong" -gt "$LIMIT_SECONDS" ] || [ "$wrong" -lt "-$LIMIT_SECONDS" ]; then
    stop_measuring "the clock is wrong by more than ${LIMIT_SECONDS}s, set it (NTP)"
  elif ! has_room; then
    stop_measuring 'the disk is full, and samples wait to be sent; make room on it'
  else
    replace "$JOBS_FILE" "$active"
    rm -f "$STOPPED_FILE"
    remember
    report 'measuring: the clock is right, as far as is known'
  fi
  pause "$INTERVAL_SECONDS"
done
