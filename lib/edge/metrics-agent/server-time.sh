# shellcheck shell=sh
# How a script of the edge learns the time from a server.
: "${TIME_URL:?https URL whose responses contain the time}"

# The request has no password, and the certificate is not checked: with a wrong clock no certificate is valid.
# An attacker who forges the time can only stop what they could block anyway.
ask_time() {
  exec curl --disable --silent --insecure --head --max-time 15 "$TIME_URL"
}

# Prints the seconds since 1970 from the response headers.
read_time() {
  date=$(sed -n 's/^[Dd]ate: *\(.*\) GMT.*/\1/p' | head -n 1)
  [ -n "$date" ] && TZ=UTC date -D '%a, %d %b %Y %H:%M:%S' -d "$date" +%s 2>/dev/null
}
