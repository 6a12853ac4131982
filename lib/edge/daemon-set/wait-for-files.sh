#!/bin/sh
# Waits until ConfigMaps and Secrets of the pod are there: KubeEdge starts a pod whose ConfigMap or Secret is missing,
# with an empty folder in its place and without an event. Run by the shell of the curl image (busybox ash), and part of
# the manifest itself, since a ConfigMap that held it could be missing too. Its arguments are folders, KIND/NAME each.
set -u

. ../../agents/prelude.sh

missing() {
  [ -z "$(ls "$1")" ]
}

trap 'end_child; exit 143' TERM INT
for folder in "$@"; do
  name=${folder%/*}
  name="${name##*/} ${folder##*/}"
  missing "$folder" || continue
  log "waiting for $name: create it in the namespace of this pod; if it exists and has not arrived after two minutes, annotate it"
  while missing "$folder"; do
    pause 2
  done
  log "$name is there"
done
