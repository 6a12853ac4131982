# shellcheck shell=sh
# Functions of push-sidecar.sh that describe why a push failed, from curl's exit code and the response of the ingress.

# Prints why a transfer failed. Arguments: curl's exit code. $tunnel is the HTTP status of the proxy, or 000.
describe_failure() {
  case $tunnel in
    401 | 407) echo "the proxy rejects the user or the password (HTTP $tunnel)"; return ;;
    [345]??) echo "the proxy refuses to connect (HTTP $tunnel)"; return ;;
  esac
  case $1 in
    5 | 6) echo 'the host name cannot be resolved' ;;
    7) echo 'no connection' ;;
    28) echo 'timeout' ;;
    35 | 51 | 53 | 58 | 60 | 77) echo "TLS fails, check the certificate and the clock (curl exit code $1)" ;;
    *) echo "curl exit code $1" ;;
  esac
}

# Prints the first line of the response without HTML tags. An ingress responds with an HTML page, a Pushgateway's filter
# with one sentence.
first_response_line() {
  sed 's/<[^>]*>//g' "$answer" | LC_ALL=C tr -cd '\040-\176\n' | grep -m 1 '[^ ]' | cut -c 1-200
}
