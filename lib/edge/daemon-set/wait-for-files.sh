#!/bin/sh
# Waits until ConfigMaps and Secrets of the pod exist: KubeEdge starts a pod whose ConfigMap or Secret is
# missing, with an empty folder and without an event. Runs in the shell of the curl image (busybox ash), as a
# part of the manifest, because a ConfigMap with the script could be missing too. Arguments: folders, as
# KIND/NAME each.
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
