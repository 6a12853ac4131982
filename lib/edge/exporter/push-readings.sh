# shellcheck shell=sh
: "${READ_SECONDS:=5}" # The exporter is on the same node.
CONNECT_SECONDS=10   # A TLS handshake over a slow mobile link takes some seconds. Over a broken link it never ends.
PUSH_SECONDS=30      # A usable link transfers 10 kB in this time.
LONGEST_BACKOFF=60   # After an outage, a node pushes again within a minute.

metrics=$SCRATCH_DIR/metrics
body=$SCRATCH_DIR/body.gz
answer=$SCRATCH_DIR/answer
status=$SCRATCH_DIR/status
byte_order_mark=$(printf '\357\273\277')
value=
code=
tunnel=

# Prints the uptime in seconds, which is a monotonic clock.
uptime_seconds() {
  read -r uptime _ </proc/uptime
  echo "${uptime%%.*}"
}

# Prints a random integer from 0 to $1 - 1.
random_number() {
  echo $(($(od -An -N4 -tu4 /dev/urandom) % $1))
}

# Prints a label of the grouping key as URL path segments, such as /job/modem. A value with other characters is encoded in
# base64, as in /job@base64/L3Zhcg.
path_segment() {
  case $2 in
    .* | *[!A-Za-z0-9._:~-]*) echo "/$1@base64/$(printf %s "$2" | base64 | tr -d '\n=' | tr '/+' '_-')" ;;
    *) echo "/$1/$2" ;;
  esac
}

# Prints the URL of shard $1. Shard 0 has the same URL as a Pushgateway without shards.
shard_url() {
  if [ "$1" -eq 0 ]; then echo "$PUSH_URL"; else echo "$PUSH_URL/shard-$1"; fi
}

# Prints the number of the node's shard, which depends only on the node's name.
own_shard_number() {
  digest=$(printf %s "$NODE_NAME" | sha256sum)
  echo $((0x${digest%"${digest#????????}"} % SHARDS))
}

# Scrapes the selected target. Fails if the response is an error, has no samples or is incomplete. For a multi-target
# exporter, an error or a timeout sets $down instead, and the push contains only exporter_target_up 0.
scrape_target() {
  down=
  curl --disable --silent --fail --max-time "$READ_SECONDS" --output "$metrics" "$source" &
  wait_interruptibly
  ended=$?
  case $ended${TARGETS:+ of several} in
    0*) ;;
    '22 of several') down='responds with an error'; return ;;
    '28 of several') down='does not respond in time'; return ;;
    *) log_if_changed "not pushing: the exporter cannot be scraped at $source (curl exit code $ended)"; return 1 ;;
  esac
  grep -q '^[^#]' "$metrics" || { log_if_changed "not pushing: the response of the exporter contains no samples"; return 1; }
  [ -z "$(tail -c 1 "$metrics")" ] || { log_if_changed "not pushing: the response of the exporter is incomplete"; return 1; }
}

# Compresses the samples. HELP lines are left out: they are a tenth of the compressed size, and the Pushgateway does not
# need them.
compress_samples() {
  {
    [ -n "$down" ] || sed '/^# HELP /d' "$metrics"
    [ -z "${TARGETS:-}" ] ||
      printf '# TYPE exporter_target_up gauge\nexporter_target_up %d\n' "$([ -n "$down" ]; echo $?)"
  } | gzip -9 >"$body" ||
    { log_if_changed "failing: cannot write to $SCRATCH_DIR"; return 1; }
}
