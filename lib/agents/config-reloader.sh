#!/bin/sh
# Makes an agent reload its files when its configuration or credentials change, because pods on edge nodes are not
# restarted by a rollout. Runs in the shell of the curl image (busybox ash). Environment variables:
: "${WATCH_DIRS:?folders to watch, separated by spaces}"
: "${RELOAD_URL:?URL that reloads the configuration of the agent, by POST}"
: "${INTERVAL_SECONDS:?seconds between two checks}"
# URL whose response changes with each successful reload, for agents that respond to RELOAD_URL before the reload has
# finished.
: "${RELOAD_COUNT_URL:=}"
# Part of the agent's error message for a reload without a changed configuration. The script treats this error as a
# success, because such an agent reads passwords at each request.
: "${UNCHANGED_ANSWER:=}"
# Folders of log files. A paused agent keeps deleted files open. If the disk usage is at least this percentage, a reload
# makes the agent close them.
: "${DISK_DIRS:=}" "${MOST_USED_PERCENT:=75}"
# URL of the agent's metrics, and name of the gauge that is 1 while the agent is paused.
: "${METRICS_URL:=}" "${PAUSED_METRIC:=}"
# Minimum seconds between two reloads that close deleted files.
: "${RELEASE_SECONDS:=900}"
# Folder with the files username and password, and the folder for one password file per user. Agents that read a password
# at each request can then send queued data of the previous user with the password of that user.
: "${CREDENTIALS_DIR:=}" "${PASSWORDS_DIR:=}"
set -u

. ./prelude.sh
. ./own-files.sh

# Seconds between two log lines that show the cloud that log lines of the node arrive (alert EdgeLogsMissing).
: "${SIGN_SECONDS:=3600}"

umask 077

# Timeout of a reload in seconds. It is longer than an agent waits for requests in flight, and longer than a restart.
: "${RELOAD_SECONDS:=60}"

# Prints a checksum of the names and contents of all watched files.
files_checksum() {
  for folder in $WATCH_DIRS; do
    for file in "$folder"/*; do
      [ -f "$file" ] && echo "$file $(cksum <"$file")"
    done
  done | cksum
}

# Writes the current password to the file of its user. User and password are read from the folder ..data, so that both are
# from the same version of the Secret.
write_password_file() {
  [ -n "$PASSWORDS_DIR" ] || return 0
  version=$CREDENTIALS_DIR
  [ ! -e "$version/..data" ] || version=$(readlink -f "$version/..data")
  user=$(sed 's/^[[:space:]]*//; s/[[:space:]]*$//; s,/,_,g' "$version/username") && [ -n "$user" ] || return 0
  cp "$version/password" "$PASSWORDS_DIR/.new" && mv "$PASSWORDS_DIR/.new" "$PASSWORDS_DIR/$user"
}

# Sends a request to the agent. Arguments: those of curl.
send_request() {
  curl --disable --silent --fail --max-time "$RELOAD_SECONDS" "$@"
}

# Prints the agent's number of reloads. Prints nothing if the agent does not respond.
reload_count() {
  [ -z "$RELOAD_COUNT_URL" ] || send_request "$RELOAD_COUNT_URL"
}

# Posts to RELOAD_URL. Succeeds if the agent has reloaded its files, or responds that the configuration is unchanged.
request_reload() {
  answer=$(curl --disable --silent --fail-with-body --max-time "$RELOAD_SECONDS" --request POST --data '{}' "$RELOAD_URL") && return 0
  [ -n "$UNCHANGED_ANSWER" ] || return 1
  case $answer in
    *"$UNCHANGED_ANSWER"*) ;;
    *) return 1 ;;
  esac
}

# Makes the agent reload its files. Fails if the agent rejects the files or does not respond.
reload_agent() {
  before=$(reload_count)
  request_reload &
  wait_interruptibly || return 1
  [ -n "$RELOAD_COUNT_URL" ] || return 0
  waited=0
  while [ "$waited" -lt "$RELOAD_SECONDS" ]; do
    sleep_interruptibly 1
    waited=$((waited + 1))
    after=$(reload_count)
    # The number also changes if the agent was restarted with the new files.
    [ -n "$after" ] && [ "$after" != "$before" ] && return 0
  done
  return 1
}

# Succeeds if the usage of a disk with log files is at least MOST_USED_PERCENT.
is_disk_almost_full() {
  # shellcheck disable=SC2086 # a list of folders
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

# Succeeds if the agent has paused reading.
is_agent_paused() {
  send_request "$METRICS_URL" | grep -q "^${PAUSED_METRIC}[{ ].* 1\$"
}

# Reloads a paused agent if a disk is almost full, so that the agent closes deleted log files and their space becomes free.
# Afterwards the agent continues after the last line that it sent.
release_deleted_files() {
  [ -n "$DISK_DIRS" ] || return
  now=$(date +%s)
  [ $((now - released)) -ge "$RELEASE_SECONDS" ] || return
  is_disk_almost_full && is_agent_paused || return
  released=$now
  state=
  if reload_agent; then
    log_if_changed "reloaded: a disk is at least $MOST_USED_PERCENT % full while lines wait to be sent; the agent closed the log files of deleted containers, and their unsent lines are lost"
  else
    log_if_changed "not reloaded: a disk is at least $MOST_USED_PERCENT % full, and the agent does not close the log files of deleted containers"
  fi
}

# Logs a line every SIGN_SECONDS, by which the cloud recognizes that log lines of the node arrive.
log_heartbeat() {
  now=$(date +%s)
  [ $((now - signed)) -ge "$SIGN_SECONDS" ] || [ "$now" -lt "$signed" ] || return 0
  signed=$now
  state=
  log_if_changed "watching $WATCH_DIRS"
}

# Without cksum, changed files would never be detected, so the container exits and the pod shows the error.
command -v cksum >/dev/null || {
  log_if_changed 'the image has no cksum, so changed files cannot be detected: use an image with cksum'
  exit 1
}
trap exit_on_signal TERM INT
released=0
signed=0
write_password_file
loaded=$(files_checksum)
while :; do
  log_heartbeat
  sleep_interruptibly "$INTERVAL_SECONDS"
  exit_if_unmounted
  # shellcheck disable=SC2086 # lists of folders
  end_outdated_processes $WATCH_DIRS $PASSWORDS_DIR
  write_password_file
  found=$(files_checksum)
  if [ "$found" = "$loaded" ]; then
    release_deleted_files
    continue
  fi
  # A failed reload is retried at the next check.
  if reload_agent; then
    loaded=$found
    state=
    log_if_changed "reloaded: files in $WATCH_DIRS changed"
  else
    log_if_changed "not reloaded: files in $WATCH_DIRS changed, but the reload by $RELOAD_URL failed; see the log of the agent for the reason. Retrying"
  fi
done
