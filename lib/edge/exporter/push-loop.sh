# shellcheck shell=sh
# Pushes the compressed samples of the selected target and reports the result. Sets $unreachable if the other targets
# would fail, too.
push_samples() {
  read_credentials || return 1
  if [ -n "${CA_FILE:-}" ] && [ ! -r "$CA_FILE" ]; then
    log_if_changed "failing: no readable CA certificate at $CA_FILE, check the ConfigMap or Secret of the private CA"
    return 1
  fi
  [ -z "$other" ] || delete_from_other_shards
  send_samples || { log_if_changed "failing: $PUSH_URL: $(describe_failure $?)"; unreachable=yes; return 1; }
  case $code in
    2??) log_if_changed "pushing ${down:+only exporter_target_up 0 }to $target every ${INTERVAL_SECONDS}s${down:+, because the exporter $down}" ;;
    *)
      log_if_changed "failing: $PUSH_URL: $(describe_rejection "$code")"
      case $code in 400 | 413 | 415) ;; *) unreachable=yes ;; esac
      return 1
      ;;
  esac
}

# Prints the seconds to wait after $1 failures. The backoff is exponential, and its upper half is random. Without the
# random part, nodes that lost the link at the same time would push at the same time afterwards.
backoff_seconds() {
  longest=$((INTERVAL_SECONDS > LONGEST_BACKOFF ? INTERVAL_SECONDS : LONGEST_BACKOFF))
  ceiling=$INTERVAL_SECONDS
  for _ in $(seq "$1"); do
    ceiling=$((ceiling * 2 < longest ? ceiling * 2 : longest))
  done
  echo $((ceiling - $(random_number $((ceiling / 2 + 1)))))
}

# Selects target number $1: sets its instance, its URLs and the state that the target had in the previous round.
select_target() {
  number=$1
  instance=$INSTANCE
  source=$SOURCE_URL
  if [ -n "${TARGETS:-}" ]; then
    line=$(printf '%s\n' "$TARGETS" | sed -n "${number}p")
    instance=${line%% *}
    source=${line#* }
  fi
  group=/metrics$(path_segment job "$JOB")$(path_segment instance "$instance")$(path_segment hostname "$NODE_NAME")${GROUP:+$(path_segment group "$GROUP")}
  target=$(shard_url "$shard")$group
  eval "other=\${other_$number-$first_other} state=\${state_$number-}"
}

# Scrapes and pushes each target once. After a rejected push, the loop continues with the next target. After a failed
# connection it stops.
push_all_targets() {
  result=0
  unreachable=
  for number in $(seq "$count"); do
    select_target "$number"
    if scrape_target; then { compress_samples && push_samples; } || result=1; fi
    eval "other_$number=\$other state_$number=\$state"
    [ -z "$unreachable" ] || return 1
  done
  return "$result"
}

# Sets $tick to the next multiple of the interval after the current tick. Ticks that were missed are skipped.
set_next_tick() {
  late=$(($(uptime_seconds) - tick))
  tick=$((tick + (late / INTERVAL_SECONDS + 1) * INTERVAL_SECONDS))
}

trap exit_on_signal TERM INT
# An IPv6 address before a port is written in brackets.
case $INSTANCE in
  *:*:*) INSTANCE="[${INSTANCE%:*}]:${INSTANCE##*:}" ;;
esac
shard=0
first_other= # The first shard from which old groups are deleted; empty without shards.
if [ -n "${SHARDS:-}" ]; then
  shard=$(own_shard_number)
  first_other=0
fi
count=$(printf '%s\n' "${TARGETS:-one}" | grep -c .)
select_target 1
log_if_changed 'started'
tick=$(($(uptime_seconds) + $(random_number "$INTERVAL_SECONDS")))
failures=0
while :; do
  sleep_interruptibly $((tick - $(uptime_seconds)))
  exit_if_unmounted
  if push_all_targets; then
    failures=0
    set_next_tick
  else
    failures=$((failures < 6 ? failures + 1 : 6))
    tick=$(($(uptime_seconds) + $(backoff_seconds "$failures")))
  fi
done
