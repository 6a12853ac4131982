#!/bin/sh
# Exits with an error if the user or the password of the proxy cannot be part of a URL: some agents decode it
# and others do not, so only characters that need no encoding are allowed. Runs in the shell of the curl image
# (busybox ash), as a part of the manifest. A restart of the container reads the new content of the Secret.
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
