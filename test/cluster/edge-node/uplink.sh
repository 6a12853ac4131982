#!/bin/sh
# Cuts or restores the connection of an edge node on this machine to the cloud: CloudCore and the ingress, not
# the API server, which the suite itself uses: uplink.sh cut|mend ADDRESS NODE
set -eu

rule() {
  sudo iptables "$1" OUTPUT --destination "$2" --protocol tcp --match multiport --dports 443,10000:10004 --jump DROP
}

case $1 in
  cut) rule --insert "$2" ;;
  mend) while rule --check "$2" 2> /dev/null; do rule --delete "$2"; done ;;
  *) echo "uplink.sh: $1; allowed: cut, mend" >&2; exit 2 ;;
esac
