# shellcheck shell=sh
# Says why a push failed, by what curl and the ingress answer. No part of this is a program alone: push-sidecar.sh calls
# it.

# Prints the reason of a failed transfer, from the response of a proxy, if any, and curl's exit code.
failure() {
  case $tunnel in
    401 | 407) echo "the proxy refuses the user or the password (HTTP $tunnel)"; return ;;
    [345]??) echo "the proxy refuses to connect (HTTP $tunnel)"; return ;;
  esac
  case $1 in
    5 | 6) echo 'its name cannot be resolved' ;;
    7) echo 'no connection' ;;
    28) echo 'no answer in time' ;;
    35 | 51 | 53 | 58 | 60 | 77) echo "TLS fails, check the certificate and the clock (curl exit code $1)" ;;
    *) echo "curl exit code $1" ;;
  esac
}

# Prints the response in one line and without HTML tags: the ingress responds with pages, the filter with a
# sentence.
answered() {
  sed 's/<[^>]*>//g' "$answer" | LC_ALL=C tr -cd '\040-\176\n' | grep -m 1 '[^ ]' | cut -c 1-200
}
