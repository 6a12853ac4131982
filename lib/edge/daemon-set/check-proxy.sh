#!/bin/sh
# Ends with an error where the user or the password of the proxy cannot be part of an address: some agents decode it and
# others do not, so that only characters are allowed which mean themselves to both. Run by the shell of the curl image
# (busybox ash), and part of the manifest itself. The container is started again with what the Secret holds by then.
: "${PROXY_SECRET:?name of the Secret}"
set -u

fail() {
  printf '%s of the Secret %s %s: the proxy cannot be used\n' "$1" "$PROXY_SECRET" "$2" >&2
  exit 1
}

check() {
  case $2 in
    '') fail "$1" 'is empty' ;;
    *'
'*) fail "$1" 'has more than one line, or ends with a line break (kubectl create secret --from-file keeps it; use --from-literal)' ;;
    *[!A-Za-z0-9._~!\$\&\'\(\)*+,\;=-]*) fail "$1" "has characters other than letters, digits and ._~!\$&'()*+,;=-" ;;
  esac
}

check username "${PROXY_USERNAME-}"
check password "${PROXY_PASSWORD-}"
