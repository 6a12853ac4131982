# shellcheck shell=sh
# How a script of the edge learns the time from a server.
: "${TIME_URL:?an https address whose answers carry the time}"

# No password goes there, and the certificate is not checked: with a wrong clock no certificate is valid. Whoever
# lies about the time stops what they could cut off anyway.
ask_time() {
  exec curl --disable --silent --insecure --head --max-time 15 "$TIME_URL"
}

# Seconds since 1970, of the answer's headers.
read_time() {
  date=$(sed -n 's/^[Dd]ate: *\(.*\) GMT.*/\1/p' | head -n 1)
  [ -n "$date" ] && TZ=UTC date -D '%a, %d %b %Y %H:%M:%S' -d "$date" +%s 2>/dev/null
}
