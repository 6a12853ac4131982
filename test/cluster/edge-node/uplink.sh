#!/bin/sh
# Cuts or restores the connections of an edge node on this machine to CloudCore and the ingress. The connection to the
# API server stays, because the suite itself needs it: uplink.sh cut|mend ADDRESS NODE
set -eu

rule() {
  sudo iptables "$1" OUTPUT --destination "$2" --protocol tcp --match multiport --dports 443,10000:10004 --jump DROP
}

case $1 in
  cut) rule --insert "$2" ;;
  mend) while rule --check "$2" 2> /dev/null; do rule --delete "$2"; done ;;
  *) echo "uplink.sh: the action is \"$1\"; allowed: cut, mend" >&2; exit 2 ;;
esac
