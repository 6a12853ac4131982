#!/bin/sh
# Waits until all ConfigMaps and Secrets of the pod exist. If a ConfigMap or Secret is missing, KubeEdge starts the pod
# anyway, with an empty folder and without an event. Runs in the shell of the curl image (busybox ash). The manifest
# contains the script, because a ConfigMap with the script could be missing, too. Arguments: mounted folders whose paths
# end with KIND/NAME, such as /wait/ConfigMap/edge-metrics-agent-config.
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
  log "waiting for $name: create it in the namespace of this pod; if $name exists and is not mounted after two minutes, change one of its annotations, so that KubeEdge sends it again"
  while missing "$folder"; do
    pause 2
  done
  log "$name is mounted"
done
