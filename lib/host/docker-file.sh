# shellcheck shell=sh
# Functions of docker-driver.sh that read daemon.json, replace it at once, and keep a backup of the previous content.

# Runs daemon-json.awk and sets $result to the new text or, on failure, to the error. Arguments: the mode (merge, restore,
# driver or check), and the records of that mode.
edit_daemon_json() {
  mode=$1
  shift
  result=$(for record; do printf '%s\036' "$record"; done |
    awk -v mode="$mode" -v records=$# "$DAEMON_JSON_EDITOR" && printf .) || return
  result=${result%.}
}

# Reads a file into $content. A missing file counts as empty.
read_file() {
  content=
  [ -e "$1" ] || return 0
  content=$(cat "$1" && printf .) || fail "$1 cannot be read"
  content=${content%.}
  printf '%s' "$content" | cmp -s - "$1" ||
    fail "$1 contains a zero byte: save the file as UTF-8, not as UTF-16"
}

# Sets $current to the content of daemon.json, and $existed if the file exists.
read_daemon_json() {
  [ ! -L "$DAEMON_JSON" ] ||
    fail "$DAEMON_JSON is a symbolic link, which would be replaced by a file: replace the link by the file itself"
  [ ! -e "$DAEMON_JSON" ] || [ -f "$DAEMON_JSON" ] ||
    fail "$DAEMON_JSON is not a regular file: remove it, or replace it by a file"
  read_file "$DAEMON_JSON"
  current=$content
  existed=
  [ ! -e "$DAEMON_JSON" ] || existed=yes
}

# Fails if daemon.json is not writable, by opening it for appending. The command is true and not :, because a shell exits if
# the redirection of : fails.
require_writable() {
  [ -z "$existed" ] || { true >>"$DAEMON_JSON"; } 2>/dev/null ||
    fail "$DAEMON_JSON is not writable: the file is immutable (see lsattr), or its file system is read-only"
}

# Writes text $1 to file $2 and reads it back.
write_file() {
  printf '%s' "$1" >"$2" && printf '%s' "$1" | cmp -s - "$2"
}

# Writes a new daemon.json next to the old one, and validates it.
stage_daemon_json() {
  { mkdir -p "$FOLDER" && write_file "$1" "$STAGED"; } || fail "$STAGED cannot be written: check whether the disk is full"
  read_file "$STAGED"
  edit_daemon_json check "$content" || fail "$STAGED: $result"
  validate_daemon_json
}

# Saves the original daemon.json, unless a backup exists already.
back_up_daemon_json() {
  [ -e "$DAEMON_JSON" ] && [ ! -e "$BACKUP" ] || return 0
  { write_file "$current" "$BACKUP.new" && mv -f "$BACKUP.new" "$BACKUP"; } ||
    fail "$BACKUP cannot be written: check whether the disk is full"
  backed_up=yes
}

# Replaces daemon.json by the new file. The new file is synced to disk before, because devices can lose power.
replace_daemon_json() {
  mark_restart_pending || fail "$PENDING cannot be written"
  sync
  mv -f "$STAGED" "$DAEMON_JSON" || fail "$DAEMON_JSON cannot be replaced"
  left="$DAEMON_JSON is changed"
  report_change "$DAEMON_JSON"
}

# Reverts a change with which Docker does not start, starts Docker again, and fails with message $1.
revert_and_fail() {
  if [ -n "$existed" ]; then
    write_file "$current" "$STAGED" && mv -f "$STAGED" "$DAEMON_JSON"
  else
    rm -f "$DAEMON_JSON"
  fi || fail "$1; $DAEMON_JSON cannot be restored"
  [ -z "$backed_up" ] || rm -f "$BACKUP"
  systemctl reset-failed "$unit" 2>/dev/null
  if restart_docker; then
    rm -f "$PENDING"
    left="$DAEMON_JSON is restored, and Docker runs again"
  else
    left="$DAEMON_JSON is restored, and Docker still does not start"
  fi
  fail "$1"
}
