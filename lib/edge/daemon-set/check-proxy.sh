#!/bin/sh
# Exits with an error if the user or the password of the proxy contains characters that a URL must encode. Some agents
# decode the user and password of a proxy URL and other agents do not, so only characters without encoding are allowed.
# Runs in the shell of the curl image (busybox ash); the manifest contains the script. When the kubelet restarts the
# container, the script sees the new content of the Secret.
: "${PROXY_SECRET:?name of the Secret}"
set -u

fail() {
  printf '%s of the Secret %s %s: the proxy cannot be used\n' "$1" "$PROXY_SECRET" "$2" >&2
  exit 1
}

check_value() {
  case $2 in
    '') fail "$1" 'is empty' ;;
    *'
'*) fail "$1" 'has more than one line, or ends with a line break (kubectl create secret --from-file keeps it; use --from-literal)' ;;
    *[!A-Za-z0-9._~!\$\&\'\(\)*+,\;=-]*) fail "$1" "has characters other than letters, digits and ._~!\$&'()*+,;=-" ;;
  esac
}

check_value username "${PROXY_USERNAME-}"
check_value password "${PROXY_PASSWORD-}"
