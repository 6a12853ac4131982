# shellcheck shell=sh
# The file of Docker's daemon: reads it, writes it in one step, and keeps what was there before. No part of this is a
# program alone: docker-driver.sh calls it.

# Sets $result to the new text, or on failure to the error.
edit() {
  mode=$1
  shift
  result=$(for record; do printf '%s\036' "$record"; done |
    awk -v mode="$mode" -v records=$# "$DAEMON_JSON_EDITOR" && printf .) || return
  result=${result%.}
}

# Reads a file into $content; a missing file is empty.
read_file() {
  content=
  [ -e "$1" ] || return 0
  content=$(cat "$1" && printf .) || fail "$1 cannot be read"
  content=${content%.}
  printf '%s' "$content" | cmp -s - "$1" ||
    fail "$1 holds a zero byte: save it as UTF-8, not as UTF-16"
}

read_daemon_json() {
  [ ! -L "$DAEMON_JSON" ] ||
    fail "$DAEMON_JSON is a symbolic link, which would be replaced: put the file itself there"
  [ ! -e "$DAEMON_JSON" ] || [ -f "$DAEMON_JSON" ] ||
    fail "$DAEMON_JSON is no regular file: take it away, and put a file there or nothing"
  read_file "$DAEMON_JSON"
  current=$content
  existed=
  [ ! -e "$DAEMON_JSON" ] || existed=yes
}

# Opens the file as a writer would, without changing it. A shell exits if the redirection of : fails.
require_writable() {
  [ -z "$existed" ] || { true >>"$DAEMON_JSON"; } 2>/dev/null ||
    fail "$DAEMON_JSON cannot be written: it is immutable (lsattr), or its file system is read-only"
}

write() {
  printf '%s' "$1" >"$2" && printf '%s' "$1" | cmp -s - "$2"
}

# Writes a new daemon.json beside the old one, and verifies what was written.
stage() {
  { mkdir -p "$FOLDER" && write "$1" "$STAGED"; } || fail "$STAGED cannot be written, is the disk full?"
  read_file "$STAGED"
  edit check "$content" || fail "$STAGED: $result"
  validate
}

# The original text is saved once, so that it can be restored.
back_up() {
  [ -e "$DAEMON_JSON" ] && [ ! -e "$BACKUP" ] || return 0
  { write "$current" "$BACKUP.new" && mv -f "$BACKUP.new" "$BACKUP"; } ||
    fail "$BACKUP cannot be written, is the disk full?"
  backed_up=yes
}

# Renames the new file after it is synced to disk, because devices may lose power.
commit() {
  mark_pending || fail "$PENDING cannot be written"
  sync
  mv -f "$STAGED" "$DAEMON_JSON" || fail "$DAEMON_JSON cannot be replaced"
  left="$DAEMON_JSON is changed"
  change "$DAEMON_JSON"
}

# Reverts a change with which Docker does not start, and starts Docker without it.
put_back() {
  if [ -n "$existed" ]; then
    write "$current" "$STAGED" && mv -f "$STAGED" "$DAEMON_JSON"
  else
    rm -f "$DAEMON_JSON"
  fi || fail "$1; $DAEMON_JSON cannot be put back"
  [ -z "$backed_up" ] || rm -f "$BACKUP"
  systemctl reset-failed "$unit" 2>/dev/null
  if restart_docker; then
    rm -f "$PENDING"
    left="$DAEMON_JSON is as it was, and Docker runs again"
  else
    left="$DAEMON_JSON is as it was, and Docker still does not start"
  fi
  fail "$1"
}
