# shellcheck shell=sh
: "${READ_SECONDS:=5}" # The exporter is on the same node.
CONNECT_SECONDS=10   # A TLS handshake over a bad mobile link takes some seconds; over a broken link it never ends.
PUSH_SECONDS=30      # As long as a link is usable, it transfers 10 kB in this time.
LONGEST_BACKOFF=60   # After an outage, a node is back within a minute.

metrics=$SCRATCH_DIR/metrics
body=$SCRATCH_DIR/body.gz
answer=$SCRATCH_DIR/answer
status=$SCRATCH_DIR/status
byte_order_mark=$(printf '\357\273\277')
value=
code=
tunnel=

# Prints the seconds of a monotonic clock.
now() {
  read -r uptime _ </proc/uptime
  echo "${uptime%%.*}"
}

# Prints a random number from 0 up to, and without, $1.
random() {
  echo $(($(od -An -N4 -tu4 /dev/urandom) % $1))
}

# Prints a label of the grouping key; in base64 if a path segment cannot contain its value.
segment() {
  case $2 in
    .* | *[!A-Za-z0-9._:~-]*) echo "/$1@base64/$(printf %s "$2" | base64 | tr -d '\n=' | tr '/+' '_-')" ;;
    *) echo "/$1/$2" ;;
  esac
}

# Prints the URL of a shard; the first has the URL of a Pushgateway without shards.
address() {
  if [ "$1" -eq 0 ]; then echo "$PUSH_URL"; else echo "$PUSH_URL/shard-$1"; fi
}

# Prints the shard of the node, which depends on the node name only.
own_shard() {
  digest=$(printf %s "$NODE_NAME" | sha256sum)
  echo $((0x${digest%"${digest#????????}"} % SHARDS))
}

# Accepts complete responses only: without an error, with samples, and with an end. If the exporter has
# several targets and cannot scrape one (error or timeout), the push says so.
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

# Help texts are a tenth of the compressed size, and Pushgateway does not need them.
compress() {
  {
    [ -n "$down" ] || sed '/^# HELP /d' "$metrics"
    [ -z "${TARGETS:-}" ] ||
      printf '# TYPE exporter_target_up gauge\nexporter_target_up %d\n' "$([ -n "$down" ]; echo $?)"
  } | gzip -9 >"$body" ||
    { report "failing: cannot write to $SCRATCH_DIR"; return 1; }
}
