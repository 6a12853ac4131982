# shellcheck shell=sh
# What a script of the edge does when EdgeCore is restarted.

. ./prelude.sh

# When EdgeCore starts, it unmounts ConfigMaps, Secrets and emptyDir volumes of running pods, and mounts them
# again. A container that is not restarted keeps the old folders, which are empty or never change.
leave_without_files() {
  [ -e "$0" ] && return
  report 'ending, to be started again with its files: EdgeCore was restarted, and has unmounted them'
  exit 1
}

# Ends the processes of the pod that have an old folder, in which a file differs from the current one. If
# containers share the process namespace, each sees the folders of the others through the root of a process.
end_outdated() {
  for root in /proc/[0-9]*/root; do
    for folder in "$@"; do
      [ -d "$root$folder" ] || continue
      outdated "$root$folder" "$folder" || continue
      process=${root%/root}
      report "ending $(cat "$process/comm"), to be started again: it does not see the files in $folder since EdgeCore was restarted"
      kill "${process#/proc/}"
      break
    done
  done
}

outdated() {
  # shellcheck disable=SC3013 # Of no standard, and part of ash and dash.
  [ "$1" -ef "$2" ] && return 1
  for file in "$2"/*; do
    [ ! -f "$file" ] || cmp -s "$file" "$1/${file##*/}" || return 0
  done
  return 1
}
