# shellcheck shell=sh
# Sends a request to the Pushgateway and sets $code to the HTTP status. Arguments: those of curl. HTTP/1.1 and few headers
# save bytes, because each push opens a new connection.
send_request() {
  : >"$answer" # An answer may have no body.
  curl_credentials | curl --disable --config - --silent --http1.1 --connect-timeout "$CONNECT_SECONDS" \
    --max-time "$PUSH_SECONDS" ${CA_FILE:+--cacert "$CA_FILE"} --user-agent '' --header 'Accept:' \
    --output "$answer" --write-out '%{http_code} %{http_connect}\n' "$@" >"$status" &
  wait_interruptibly
  ended=$?
  read -r code tunnel <"$status"
  return "$ended"
}

send_samples() {
  send_request --upload-file "$body" --header 'Content-Encoding: gzip' --header 'Expect:' "$target"
}

# Deletes the node's group from all other shards before the first push, so that no node is in two shards after the number
# of shards was changed. There can be more shards than SHARDS, to which other nodes still push. An unreachable shard is
# retried at the next tick. If a shard rejects the request, the reaper in the cloud deletes the group later.
delete_from_other_shards() {
  while [ "$other" -lt $((SHARDS + 32)) ]; do
    if [ "$other" -ne "$shard" ]; then
      send_request --request DELETE "$(shard_url "$other")$group" || return 0
      case $code in
        5??) return 0 ;;
        404) [ "$other" -lt "$SHARDS" ] || break ;;
      esac
    fi
    other=$((other + 1))
  done
  other=
}
