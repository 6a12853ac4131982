#!/bin/sh
# Reloads an agent when its configuration or credentials change, because no rollout restarts pods on edge
# nodes. Runs in the shell of the curl image (busybox ash). Environment variables:
: "${WATCH_DIRS:?folders to watch, separated by spaces}"
: "${RELOAD_URL:?URL that reloads the configuration of the agent, by POST}"
: "${INTERVAL_SECONDS:?seconds between two checks}"
# A metric that changes with each successful reload, for agents that respond to RELOAD_URL before the reload
# has finished.
: "${RELOAD_COUNT_URL:=}"
# Folders of log files. While the agent is paused, it keeps deleted files open; above this disk usage a reload
# closes them.
: "${DISK_DIRS:=}" "${MOST_USED_PERCENT:=75}"
# URL of the agent's metrics, and the gauge that is 1 while the agent is paused.
: "${METRICS_URL:=}" "${PAUSED_METRIC:=}"
# Minimum time between two such reloads.
: "${RELEASE_SECONDS:=900}"
# Folder with username and password, and the folder that gets a file with the password of each user, for
# agents that read a password at each request: queued data of the previous user is sent with the password of
# that user.
: "${CREDENTIALS_DIR:=}" "${PASSWORDS_DIR:=}"
set -u

. ./prelude.sh
. ./own-files.sh

# Interval in seconds of a log line by which the cloud knows nodes whose lines arrive (EdgeLogsMissing).
: "${SIGN_SECONDS:=3600}"

umask 077

# Longer than an agent waits for its requests in flight, or takes to restart.
: "${RELOAD_SECONDS:=60}"

# Prints names and contents of all files as one line.
fingerprint() {
  for folder in $WATCH_DIRS; do
    for file in "$folder"/*; do
      [ -f "$file" ] && echo "$file $(cksum <"$file")"
    done
  done | cksum
}

# Copies the password to the file of its user. Both are read from the same version of the Secret, which is
# replaced as a whole.
keep_password() {
  [ -n "$PASSWORDS_DIR" ] || return 0
  version=$CREDENTIALS_DIR
  [ ! -e "$version/..data" ] || version=$(readlink -f "$version/..data")
  user=$(sed 's/^[[:space:]]*//; s/[[:space:]]*$//; s,/,_,g' "$version/username") && [ -n "$user" ] || return 0
  cp "$version/password" "$PASSWORDS_DIR/.new" && mv "$PASSWORDS_DIR/.new" "$PASSWORDS_DIR/$user"
}

ask() {
  curl --disable --silent --fail --max-time "$RELOAD_SECONDS" "$@"
}

# Prints the number of reloads of the agent, or nothing if it does not respond.
reloads() {
  [ -z "$RELOAD_COUNT_URL" ] || ask "$RELOAD_COUNT_URL"
}

reload() {
  before=$(reloads)
  ask --output /dev/null --request POST --data '{}' "$RELOAD_URL" &
  attend || return 1
  [ -n "$RELOAD_COUNT_URL" ] || return 0
  waited=0
  while [ "$waited" -lt "$RELOAD_SECONDS" ]; do
    pause 1
    waited=$((waited + 1))
    after=$(reloads)
    # The number also changes if the agent exited and was restarted with the new files.
    [ -n "$after" ] && [ "$after" != "$before" ] && return 0
  done
  return 1
}

# Succeeds if the usage of a disk is above the limit.
full() {
  # shellcheck disable=SC2086
  df -P $DISK_DIRS 2>/dev/null | {
    while read -r _ _ _ _ used _; do
      case ${used%\%} in
        '' | *[!0-9]*) ;;
        *) [ "${used%\%}" -lt "$MOST_USED_PERCENT" ] || exit 0 ;;
      esac
    done
    exit 1
  }
}

paused() {
  ask "$METRICS_URL" | grep -q "^${PAUSED_METRIC}[{ ].* 1\$"
}

# Closes deleted files if their space is needed. The agent continues after the position that it has sent.
release() {
  [ -n "$DISK_DIRS" ] || return
  now=$(date +%s)
  [ $((now - released)) -ge "$RELEASE_SECONDS" ] || return
  full && paused || return
  released=$now
  state=
  if reload; then
    report "reloaded: a disk is used to $MOST_USED_PERCENT % or more, and lines wait; the agent gave up the files of containers that were deleted meanwhile"
  else
    report "not reloaded: a disk is used to $MOST_USED_PERCENT % or more, and the agent does not close deleted files"
  fi
}

give_sign() {
  now=$(date +%s)
  [ $((now - signed)) -ge "$SIGN_SECONDS" ] || [ "$now" -lt "$signed" ] || return 0
  signed=$now
  state=
  report "watching $WATCH_DIRS"
}

# Exits if no checksum can be computed: changes would never be detected, and the pod should show the error.
command -v cksum >/dev/null || {
  report 'cksum is missing in the image: changed files could not be told from others'
  exit 1
}
trap stop TERM INT
released=0
signed=0
keep_password
loaded=$(fingerprint)
while :; do
  give_sign
  pause "$INTERVAL_SECONDS"
  leave_without_files
  # shellcheck disable=SC2086
  end_outdated $WATCH_DIRS $PASSWORDS_DIR
  keep_password
  found=$(fingerprint)
  if [ "$found" = "$loaded" ]; then
    release
    continue
  fi
  # A failed reload is repeated at the next check.
  if reload; then
    loaded=$found
    state=
    report "reloaded: files in $WATCH_DIRS changed"
  else
    report "not reloaded: files in $WATCH_DIRS changed, but the agent does not take them; its own log says why. $RELOAD_URL is asked again"
  fi
done
