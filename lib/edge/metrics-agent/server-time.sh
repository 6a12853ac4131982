# shellcheck shell=sh
# Functions that read the time from a server's response.
: "${TIME_URL:?https URL whose responses contain the time}"

# Prints the response headers of the server. The certificate is not verified, because with a wrong clock no certificate is
# valid; therefore the request contains no password. An attacker who forges the time can only stop the scrapes, and could
# block the connection anyway.
request_time() {
  exec curl --disable --silent --insecure --head --max-time 15 "$TIME_URL"
}

# Reads response headers and prints the server's time as a Unix timestamp. Fails without a header Date.
parse_time() {
  date=$(sed -n 's/^[Dd]ate: *\(.*\) GMT.*/\1/p' | head -n 1)
  [ -n "$date" ] && TZ=UTC date -D '%a, %d %b %Y %H:%M:%S' -d "$date" +%s 2>/dev/null
}
