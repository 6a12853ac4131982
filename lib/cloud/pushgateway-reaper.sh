#!/bin/sh
# Deletes what nobody pushes any more from the Pushgateways of a fleet: groups that were silent for too long, and
# copies that a node left behind in another shard. Run by the shell of the curl image (busybox ash).
: "${SHARD_URLS:?addresses of the shards inside the cluster, separated by spaces}"
: "${INTERVAL_SECONDS:?seconds between two looks}"
: "${SETTLING_SECONDS:?seconds of regular pushes after a lull, before anything is deleted for its age}"
: "${SCRATCH_DIR:?folder to write to}"
# MAX_AGE_SECONDS: age of a group from which on it is deleted. Without it, only copies are.
MAX_AGE_SECONDS=${MAX_AGE_SECONDS:-}
set -u

ANSWER_SECONDS=20     # A shard of 1,000 nodes answers in some seconds.
COPY_SECONDS=30       # So much longer has a copy not been pushed than the group itself.
CLOCK_STEP_SECONDS=30 # More than a slow answer makes of two looks at one clock.

headers=$SCRATCH_DIR/headers
exit_code=$SCRATCH_DIR/exit-code
answer=$SCRATCH_DIR/answer
groups=$SCRATCH_DIR/groups
tab=$(printf '\t')
child=

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1"
}

# Says a state of a shard when it changes, and only then.
report() {
  [ "$(cat "$SCRATCH_DIR/said.$shard" 2>/dev/null)" = "$1" ] && return
  printf %s "$1" >"$SCRATCH_DIR/said.$shard"
  say "$url: $1"
}

# Seconds on this container's own clock, which no one sets.
uptime_seconds() {
  read -r uptime _ </proc/uptime
  echo "${uptime%%.*}"
}

pause() {
  sleep "$1" &
  child=$!
  wait "$child"
}

stop() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
  exit 0
}

# What a shard holds, without its samples: when each group was pushed last, and since when it runs.
read_shard() {
  {
    curl --disable --silent --fail --max-time "$ANSWER_SECONDS" --dump-header "$headers" "$url/metrics"
    echo $? >"$exit_code"
  } | grep -e '^push_time_seconds{' -e '^process_start_time_seconds ' >"$answer"
  [ "$(cat "$exit_code")" -eq 0 ]
}

# The shard's own clock when it answered, in seconds since 1970: ages are differences of one clock.
shard_clock() {
  awk 'tolower($1) == "date:" {
    month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", $4) + 2) / 3; year = $5
    if (month < 3) { month += 12; year-- }
    days = 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * (month - 3) + 2) / 5) + $3
    split($6, time, ":")
    printf "%.0f\n", (days - 719469) * 86400 + time[1] * 3600 + time[2] * 60 + time[3]
  }' "$headers"
}

# From the answer: "start <time>", "newest <time>", and "group <time of its last push> <its labels>".
push_times() {
  awk -v tab="$tab" '
    /^process_start/ { printf "start%s%.0f\n", tab, $2; next }
    match($0, /} [^ ]+$/) {
      time = substr($0, RSTART + 2) + 0
      if (time > newest) newest = time
      printf "group%s%.0f%s%s\n", tab, time, tab, substr($0, 19, RSTART - 19)
    }
    END { printf "newest%s%.0f\n", tab, newest }' "$answer"
}

value_of() {
  sed -n "s/^$1$tab//p" "$SCRATCH_DIR/times.$shard"
}

# Remembers since when, on this container's clock, something holds; prints for how long.
lasting() {
  [ -s "$SCRATCH_DIR/$1.$shard" ] || echo "$uptime_now" >"$SCRATCH_DIR/$1.$shard"
  echo $((uptime_now - $(cat "$SCRATCH_DIR/$1.$shard")))
}

forget() {
  rm -f "$SCRATCH_DIR/$1.$shard"
}

# When the shard's clock was set, nothing is older than that: nobody knows how old it is.
watch_clock() {
  offset=$((now - uptime_now))
  before=$(cat "$SCRATCH_DIR/offset.$shard" 2>/dev/null || echo "$offset")
  echo "$offset" >"$SCRATCH_DIR/offset.$shard"
  step=$((offset - before))
  if [ "${step#-}" -gt "$CLOCK_STEP_SECONDS" ]; then
    echo "$uptime_now" >"$SCRATCH_DIR/clock-set.$shard"
    report "its clock was set by $step s"
  fi
}

# How old something may be at most: as old as the process, whose store may be one of long ago, and no older
# than the clock by which it was stamped.
oldest() {
  start=$(value_of start)
  limit=$((now - ${start:-$now}))
  if [ -s "$SCRATCH_DIR/clock-set.$shard" ]; then
    since=$(lasting clock-set)
    [ "$since" -ge "$limit" ] || limit=$since
  fi
  echo "$limit"
}

# Whether pushes arrive, and did for some time: after an outage of the cloud, all that is stored looks old.
is_settled() {
  [ -n "$MAX_AGE_SECONDS" ] || return 1
  if [ $((now - $(value_of newest))) -gt $((MAX_AGE_SECONDS / 2)) ]; then
    report 'nobody pushes: nothing is deleted for its age'
    forget settled
    return 1
  fi
  [ "$(lasting settled)" -ge "$SETTLING_SECONDS" ] && return
  report "pushes arrive: nothing is deleted for its age for ${SETTLING_SECONDS} s"
  return 1
}

# Adds the groups of a shard to those of all: the shard, the age to judge by, the age, the labels.
look() {
  if ! read_shard; then
    report 'no answer, or half of one'
    forget settled
    return
  fi
  now=$(shard_clock)
  uptime_now=$(uptime_seconds)
  push_times >"$SCRATCH_DIR/times.$shard"
  watch_clock
  limit=$(oldest)
  if is_settled; then
    report "deleting groups that nobody pushes for ${MAX_AGE_SECONDS} s"
  else
    limit=0
  fi
  awk -F "$tab" -v OFS="$tab" -v shard="$shard" -v now="$now" -v limit="$limit" '$1 == "group" {
    age = now - $2
    print shard, (age < limit ? age : limit), age, substr($0, length($1 $2) + 3)
  }' "$SCRATCH_DIR/times.$shard" >>"$groups"
}

# Of all groups of all shards, what is to go: the shard, why, the labels.
condemned() {
  awk -F "$tab" -v OFS="$tab" -v most="$MAX_AGE_SECONDS" -v margin="$COPY_SECONDS" '
    {
      labels = substr($0, length($1 $2 $3) + 4)
      shard[NR] = $1; judged[NR] = $2; age[NR] = $3; key[NR] = labels
      if (!(labels in least) || $3 < least[labels]) least[labels] = $3
    }
    END {
      for (i = 1; i <= NR; i++) {
        if (age[i] > least[key[i]] + margin) print shard[i], "its node pushes to another shard", key[i]
        else if (most != "" && judged[i] > most + 0) print shard[i], "last push " age[i] " s ago", key[i]
      }
    }' "$groups"
}

# Labels as lines: the name, a tab, the value as printf %b reads it.
label_lines() {
  printf '%s\n' "$1" | awk -v tab="$tab" '{
    while (match($0, /^,?[A-Za-z_][A-Za-z0-9_]*="/)) {
      name = substr($0, 1, RLENGTH - 2); sub(/^,/, "", name)
      $0 = substr($0, RLENGTH + 1)
      match($0, /^([^"\\]|\\.)*"/)
      value = substr($0, 1, RLENGTH - 1)
      $0 = substr($0, RLENGTH + 1)
      text = ""
      while (match(value, /\\./)) {
        escaped = substr(value, RSTART + 1, 1)
        text = text substr(value, 1, RSTART - 1) (escaped == "\"" ? "\"" : "\\" escaped)
        value = substr(value, RSTART + 2)
      }
      print name tab text value
    }
  }'
}

# The path of a group, all in base64: a value may be whatever a text may be.
group_path() {
  path=
  label_lines "$1" >"$SCRATCH_DIR/labels"
  while IFS= read -r line; do
    name=${line%%"$tab"*}
    value=$(printf %b "${line#*"$tab"}" | base64 | tr -d '\n=' | tr '/+' '_-')
    case $name in
      job) path=/metrics/job@base64/$value$path ;;
      *) path=$path/$name@base64/${value:-=} ;;
    esac
  done <"$SCRATCH_DIR/labels"
  echo "$path"
}

delete_path() {
  curl --disable --silent --fail --max-time "$ANSWER_SECONDS" --request DELETE --output /dev/null "$url$1"
}

# Pushgateway shows an empty instance also where a group has none.
delete_group() {
  path=$(group_path "$2")
  without=$(echo "$path" | sed 's|/instance@base64/=||')
  if delete_path "$path" && { [ "$without" = "$path" ] || delete_path "$without"; }; then
    say "$url: deleted {$2}: $1"
  else
    say "$url: could not delete {$2}"
  fi
}

for_each_shard() {
  shard=0
  for url in $SHARD_URLS; do
    "$@"
    shard=$((shard + 1))
  done
}

delete_of_shard() {
  while IFS= read -r line; do
    rest=${line#*"$tab"}
    [ "${line%%"$tab"*}" -ne "$shard" ] || delete_group "${rest%%"$tab"*}" "${rest#*"$tab"}"
  done <"$SCRATCH_DIR/condemned"
}

trap stop TERM INT
# What was before a restart of this container says nothing of the time between.
rm -f "$SCRATCH_DIR"/settled.*
while :; do
  : >"$groups"
  for_each_shard look
  condemned >"$SCRATCH_DIR/condemned"
  for_each_shard delete_of_shard
  : >"$SCRATCH_DIR/alive"
  pause "$INTERVAL_SECONDS"
done
