#!/bin/sh
# Waits until ConfigMaps and Secrets of the pod are there: KubeEdge starts a pod whose ConfigMap or Secret is missing,
# with an empty folder in its place and without an event. Run by the shell of the curl image (busybox ash), and part of
# the manifest itself, since a ConfigMap that held it could be missing too. Its arguments are folders, KIND/NAME each.
set -u

child=

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1"
}

stop() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
  exit 143
}

missing() {
  [ -z "$(ls "$1")" ]
}

trap stop TERM INT
for folder in "$@"; do
  name=${folder%/*}
  name="${name##*/} ${folder##*/}"
  missing "$folder" || continue
  say "waiting for $name: create it in the namespace of this pod; if it exists and has not arrived after two minutes, annotate it"
  while missing "$folder"; do
    sleep 2 &
    child=$!
    wait "$child"
  done
  say "$name is there"
done
