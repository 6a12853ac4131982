# shellcheck shell=sh
# Functions that restart containers whose files EdgeCore has unmounted.

. ./prelude.sh

# Exits if the script's own file is gone, so that the kubelet restarts the container. When EdgeCore starts, it unmounts
# ConfigMaps, Secrets and emptyDir volumes of running pods and mounts them again. Until a container is restarted, it sees
# the old folders, which are empty or never change.
exit_if_unmounted() {
  [ -e "$0" ] && return
  log_if_changed 'exiting, to be restarted: EdgeCore was restarted and has unmounted the files of this container'
  exit 1
}

# Ends the processes of the pod that see an old version of a folder, so that the kubelet restarts their containers.
# Arguments: folders. The containers of the pod share a process namespace, so /proc/PID/root shows the folders of each
# container.
end_outdated_processes() {
  for root in /proc/[0-9]*/root; do
    for folder in "$@"; do
      [ -d "$root$folder" ] || continue
      has_outdated_files "$root$folder" "$folder" || continue
      process=${root%/root}
      log_if_changed "ending $(cat "$process/comm"), to be restarted: it does not see the current files in $folder since EdgeCore was restarted"
      kill "${process#/proc/}"
      break
    done
  done
}

# Succeeds if folder $1 lacks a file of folder $2, or if a file has different contents in the two folders.
has_outdated_files() {
  # shellcheck disable=SC3013 # POSIX has no -ef, but ash and dash have it.
  [ "$1" -ef "$2" ] && return 1
  for file in "$2"/*; do
    [ ! -f "$file" ] || cmp -s "$file" "$1/${file##*/}" || return 0
  done
  return 1
}
