#!/bin/sh
# Pushes what an exporter says to a Pushgateway: reads, compresses, PUTs, and waits for the next tick.
# Run by the shell of the curl image (busybox ash). All it is told stands in these variables:
: "${PUSH_URL:?base address of the Pushgateway, without credentials}"
: "${SOURCE_URL:?address of the metrics of the exporter}"
: "${JOB:?label job}" "${INSTANCE:?label instance}" "${NODE_NAME:?label hostname}"
: "${INTERVAL_SECONDS:?seconds between two pushes}"
: "${CREDENTIALS_DIR:?folder with the files username and password}"
: "${SCRATCH_DIR:?folder to write to}"
# GROUP: label group, where the ingress does not set it. CA_FILE: a private authority. SHARDS: of how many
# Pushgateways each node uses one. TARGETS: the targets of an exporter that has several, each a label instance and an
# address of its metrics in a line. READ_SECONDS: how long the exporter may take. HTTPS_PROXY and NO_PROXY, as curl reads
# them. None of them has to be there.
set -u

. ../../agents/prelude.sh
. ../../agents/own-files.sh

: "${READ_SECONDS:=5}" # The exporter is on the same node.
CONNECT_SECONDS=10   # A handshake over a bad mobile link takes some seconds; a dead link takes for ever.
PUSH_SECONDS=30      # As long as a link is usable at all, 10 kB go through in this time.
LONGEST_BACKOFF=60   # After an outage, a node is back within a minute.

metrics=$SCRATCH_DIR/metrics
body=$SCRATCH_DIR/body.gz
answer=$SCRATCH_DIR/answer
status=$SCRATCH_DIR/status
byte_order_mark=$(printf '\357\273\277')
value=
code=
tunnel=

# Seconds on a clock that no one sets.
now() {
  read -r uptime _ </proc/uptime
  echo "${uptime%%.*}"
}

# A number from 0 up to, and without, $1.
random() {
  echo $(($(od -An -N4 -tu4 /dev/urandom) % $1))
}

# One label of the grouping key; in base64 where a segment of a path cannot hold its value.
segment() {
  case $2 in
    .* | *[!A-Za-z0-9._:~-]*) echo "/$1@base64/$(printf %s "$2" | base64 | tr -d '\n=' | tr '/+' '_-')" ;;
    *) echo "/$1/$2" ;;
  esac
}

# The address of a shard: the first is where an only one would be.
address() {
  if [ "$1" -eq 0 ]; then echo "$PUSH_URL"; else echo "$PUSH_URL/shard-$1"; fi
}

# The node's shard, which its name alone decides.
own_shard() {
  digest=$(printf %s "$NODE_NAME" | sha256sum)
  echo $((0x${digest%"${digest#????????}"} % SHARDS))
}

# Takes only what is whole: an answer without an error, with samples, and with an end. Of several targets, one that the
# exporter cannot read (an error, or no answer in time) is pushed as such.
read_exporter() {
  down=
  curl --disable --silent --fail --max-time "$READ_SECONDS" --output "$metrics" "$source" &
  attend
  ended=$?
  case $ended${TARGETS:+ of several} in
    0*) ;;
    '22 of several') down='with an error'; return ;;
    '28 of several') down='too late'; return ;;
    *) report "not pushing: the exporter does not answer at $source (curl exit code $ended)"; return 1 ;;
  esac
  grep -q '^[^#]' "$metrics" || { report "not pushing: the exporter answers without any sample"; return 1; }
  [ -z "$(tail -c 1 "$metrics")" ] || { report "not pushing: the exporter's answer is cut short"; return 1; }
}

# Help texts are a tenth of what is left after compression, and Pushgateway needs none.
compress() {
  {
    [ -n "$down" ] || sed '/^# HELP /d' "$metrics"
    [ -z "${TARGETS:-}" ] ||
      printf '# TYPE exporter_target_up gauge\nexporter_target_up %d\n' "$([ -n "$down" ]; echo $?)"
  } | gzip -9 >"$body" ||
    { report "failing: cannot write to $SCRATCH_DIR"; return 1; }
}

quoted() {
  printf %s "$1" | sed 's/[\\"]/\\&/g'
}

# Puts a value of the credentials into $value, without the white space at its end: kubectl create secret
# --from-file keeps the end of a line. By the rules of docs/secrets.md.
read_value() {
  value=$(cat "$CREDENTIALS_DIR/$1")
  value=${value%"${value##*[![:space:]]}"}
  case $value in
    '') fault="the $1 is empty" ;;
    "$byte_order_mark"*) fault="the $1 begins with a byte-order mark" ;;
    [[:space:]]*) fault="the $1 begins with white space" ;;
    *[[:cntrl:]]*) fault="the $1 holds a control character or a second line" ;;
    *:*) [ "$1" = password ] || fault='the username holds a colon' ;;
  esac
}

# Reads both at each push, so that a new password needs no restart.
read_credentials() {
  fault=
  [ -r "$CREDENTIALS_DIR/username" ] && [ -r "$CREDENTIALS_DIR/password" ] ||
    fault='no readable username and password'
  [ -n "$fault" ] || read_value username
  user=$value
  [ -n "$fault" ] || read_value password
  [ -z "$fault" ] ||
    { report "failing: $fault in $CREDENTIALS_DIR, check the Secret of the credentials"; return 1; }
}

# The user as curl's configuration: never an argument, which other processes see.
credentials() {
  printf 'user = "%s:%s"\n' "$(quoted "$user")" "$(quoted "$value")"
}

# Asks the Pushgateway, over HTTP/1.1 and with few headers, since each push is a new connection.
ask() {
  : >"$answer" # An answer may have no body.
  credentials | curl --disable --config - --silent --http1.1 --connect-timeout "$CONNECT_SECONDS" \
    --max-time "$PUSH_SECONDS" ${CA_FILE:+--cacert "$CA_FILE"} --user-agent '' --header 'Accept:' \
    --output "$answer" --write-out '%{http_code} %{http_connect}\n' "$@" >"$status" &
  attend
  ended=$?
  read -r code tunnel <"$status"
  return "$ended"
}

send() {
  ask --upload-file "$body" --header 'Content-Encoding: gzip' --header 'Expect:' "$target"
}

# Before its first push, takes the group out of all shards but its own: of a fleet whose number of shards was
# changed, no node is in two. There may be more than SHARDS while others still push to them. What cannot be
# reached is tried again at the next tick; what refuses is left to the reaper in the cloud.
leave_others() {
  while [ "$other" -lt $((SHARDS + 32)) ]; do
    if [ "$other" -ne "$shard" ]; then
      ask --request DELETE "$(address "$other")$group" || return 0
      case $code in
        5??) return 0 ;;
        404) [ "$other" -lt "$SHARDS" ] || break ;;
      esac
    fi
    other=$((other + 1))
  done
  other=
}

. ./push-answers.sh

push() {
  read_credentials || return 1
  if [ -n "${CA_FILE:-}" ] && [ ! -r "$CA_FILE" ]; then
    report "failing: no readable authority at $CA_FILE, check the ConfigMap or Secret of the private authority"
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

# Seconds to wait after so many failures: doubled each time, the upper half of it at random, so that a
# fleet that lost its link together does not return together.
backoff() {
  longest=$((INTERVAL_SECONDS > LONGEST_BACKOFF ? INTERVAL_SECONDS : LONGEST_BACKOFF))
  ceiling=$INTERVAL_SECONDS
  for _ in $(seq "$1"); do
    ceiling=$((ceiling * 2 < longest ? ceiling * 2 : longest))
  done
  echo $((ceiling - $(random $((ceiling / 2 + 1)))))
}

# The target of the exporter with this number, the only one or one of several, with its state.
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

# Reads and pushes each target once; what one is refused for does not keep the others from being pushed, and a link that
# is down does.
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

# Ticks keep their phase however long a push takes; those that were missed are left out.
next_tick() {
  late=$(($(now) - tick))
  tick=$((tick + (late / INTERVAL_SECONDS + 1) * INTERVAL_SECONDS))
}

trap stop TERM INT
# An address of IPv6 stands in brackets before a port.
case $INSTANCE in
  *:*:*) INSTANCE="[${INSTANCE%:*}]:${INSTANCE##*:}" ;;
esac
shard=0
first_other= # The next shard to leave; empty when none is left.
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
