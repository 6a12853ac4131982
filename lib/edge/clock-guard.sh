#!/bin/sh
# Lets the metrics agent measure only while the node's clock can be trusted: samples of a wrong time are
# refused by the store, and help nobody. Devices without a battery start with an old time, and their clock
# jumps once it is set. Run by the shell of the curl image (busybox ash). All it is told:
: "${TIME_URL:?an https address whose answers carry the time}"
: "${JOBS_FILE:?what the agent is to measure}"
: "${ACTIVE_DIR:?folder that the agent reads its jobs from}"
: "${STATE_DIR:?folder that survives a restart}"
: "${LIMIT_SECONDS:?how wrong the clock may be}"
: "${RECHECK_SECONDS:?seconds between two questions for the time}"
: "${INTERVAL_SECONDS:?seconds between two looks at the clock}"
set -u

ANSWER_SECONDS=15
RETRY_SECONDS=60
REMEMBER_SECONDS=3600  # Seldom, to spare the device's flash.

active=$ACTIVE_DIR/jobs.yaml
seen=$STATE_DIR/time
verdict=
child=
# The difference between the wall clock and the time since the start, when the clock was last compared.
reference=
next_check=0

report() {
  [ "$1" = "$verdict" ] && return
  verdict=$1
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$verdict"
}

# Waits for the child in a way that a signal interrupts.
attend() {
  child=$!
  wait "$child"
}

stop() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
  exit 0
}

uptime() {
  read -r seconds _ </proc/uptime
  echo "${seconds%%.*}"
}

# Takes the server's time into `answer`. No password goes there, and the certificate is not checked: with a
# wrong clock no certificate is valid. Whoever lies about the time stops what they could cut off anyway.
ask() {
  curl --disable --silent --insecure --head --max-time "$ANSWER_SECONDS" --output "$ACTIVE_DIR/.answer" "$TIME_URL" &
  attend || return 1
  answer=$(sed -n 's/^[Dd]ate: *\(.*\) GMT.*/\1/p' "$ACTIVE_DIR/.answer" | head -n 1)
  [ -n "$answer" ] && answer=$(TZ=UTC date -D '%a, %d %b %Y %H:%M:%S' -d "$answer" +%s 2>/dev/null)
}

# Compares the clock with the server's, now and then; while there is no answer, the last one counts.
compare() {
  [ "$(uptime)" -ge "$next_check" ] || return 0
  if ask; then
    reference=$((answer - $(uptime)))
    next_check=$(($(uptime) + RECHECK_SECONDS))
  else
    next_check=$(($(uptime) + RETRY_SECONDS))
  fi
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

# In one step, so that the agent never reads half a file.
measure() {
  cmp -s "$JOBS_FILE" "$active" && return
  cp "$JOBS_FILE" "$active.new" && mv "$active.new" "$active"
}

trap stop TERM INT
while :; do
  compare
  wrong=$(offset)
  if [ "$wrong" -gt "$LIMIT_SECONDS" ] || [ "$wrong" -lt "-$LIMIT_SECONDS" ]; then
    rm -f "$active"
    report 'not measuring: the clock is wrong by more than '"${LIMIT_SECONDS}s"', set it (NTP)'
  else
    measure
    remember
    report 'measuring: the clock is right, as far as is known'
  fi
  sleep "$INTERVAL_SECONDS" &
  attend
done
