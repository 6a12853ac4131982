# shellcheck shell=sh
# Pushes the compressed samples of the selected target and reports the result. Sets $unreachable if the other targets
# would fail, too.
push() {
  read_credentials || return 1
  if [ -n "${CA_FILE:-}" ] && [ ! -r "$CA_FILE" ]; then
    report "failing: no readable CA certificate at $CA_FILE, check the ConfigMap or Secret of the private CA"
    return 1
  fi
  [ -z "$other" ] || leave_others
  send || { report "failing: $PUSH_URL: $(failure $?)"; unreachable=yes; return 1; }
  case $code in
    2??) report "pushing ${down:+only that the exporter answers $down, }to $target every ${INTERVAL_SECONDS}s" ;;
    *)
      report "failing: $PUSH_URL: $(refusal "$code")"
      case $code in 400 | 413 | 415) ;; *) unreachable=yes ;; esac
      return 1
      ;;
  esac
}

# Prints the seconds to wait after $1 failures: exponential backoff, of which the upper half is random. Without the random
# part, nodes that lost the link at the same time would push at the same time afterwards.
backoff() {
  longest=$((INTERVAL_SECONDS > LONGEST_BACKOFF ? INTERVAL_SECONDS : LONGEST_BACKOFF))
  ceiling=$INTERVAL_SECONDS
  for _ in $(seq "$1"); do
    ceiling=$((ceiling * 2 < longest ? ceiling * 2 : longest))
  done
  echo $((ceiling - $(random $((ceiling / 2 + 1)))))
}

# Selects target number $1: sets its instance, its URLs and the state that the target had in the previous round.
choose() {
  number=$1
  instance=$INSTANCE
  source=$SOURCE_URL
  if [ -n "${TARGETS:-}" ]; then
    line=$(printf '%s\n' "$TARGETS" | sed -n "${number}p")
    instance=${line%% *}
    source=${line#* }
  fi
  group=/metrics$(segment job "$JOB")$(segment instance "$instance")$(segment hostname "$NODE_NAME")${GROUP:+$(segment group "$GROUP")}
  target=$(address "$shard")$group
  eval "other=\${other_$number-$first_other} state=\${state_$number-}"
}

# Scrapes and pushes each target once. After a rejected push, the loop continues with the next target. After a failed
# connection it stops.
round() {
  result=0
  unreachable=
  for number in $(seq "$count"); do
    choose "$number"
    if read_exporter; then { compress && push; } || result=1; fi
    eval "other_$number=\$other state_$number=\$state"
    [ -z "$unreachable" ] || return 1
  done
  return "$result"
}

# Sets $tick to the next multiple of the interval after the current tick. Ticks that were missed are skipped.
next_tick() {
  late=$(($(now) - tick))
  tick=$((tick + (late / INTERVAL_SECONDS + 1) * INTERVAL_SECONDS))
}

trap stop TERM INT
# An IPv6 address before a port is written in brackets.
case $INSTANCE in
  *:*:*) INSTANCE="[${INSTANCE%:*}]:${INSTANCE##*:}" ;;
esac
shard=0
first_other= # The first shard from which old groups are deleted; empty without shards.
if [ -n "${SHARDS:-}" ]; then
  shard=$(own_shard)
  first_other=0
fi
count=$(printf '%s\n' "${TARGETS:-one}" | grep -c .)
choose 1
report 'started'
tick=$(($(now) + $(random "$INTERVAL_SECONDS")))
failures=0
while :; do
  pause $((tick - $(now)))
  leave_without_files
  if round; then
    failures=0
    next_tick
  else
    failures=$((failures < 6 ? failures + 1 : 6))
    tick=$(($(now) + $(backoff "$failures")))
  fi
done
