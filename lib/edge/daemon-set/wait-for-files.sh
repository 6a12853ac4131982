#!/bin/sh
# Waits until all ConfigMaps and Secrets of the pod exist. If a ConfigMap or Secret is missing, KubeEdge starts the pod
# anyway, with an empty folder and without an event. Runs in the shell of the curl image (busybox ash). The manifest
# contains the script, because a ConfigMap with the script could be missing, too. Arguments: mounted folders whose paths
# end with KIND/NAME, such as /wait/ConfigMap/edge-metrics-agent-config.
set -u

. ../../agents/prelude.sh

is_missing() {
  [ -z "$(ls "$1")" ]
}

trap 'kill_child; exit 143' TERM INT
for folder in "$@"; do
  name=${folder%/*}
  name="${name##*/} ${folder##*/}"
  is_missing "$folder" || continue
  log_message "waiting for $name: create it in the namespace of this pod; if $name exists and is not mounted after two minutes, change one of its annotations, so that KubeEdge sends it again"
  while is_missing "$folder"; do
    sleep_interruptibly 2
  done
  log_message "$name is mounted"
done
