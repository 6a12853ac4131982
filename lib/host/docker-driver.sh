#!/bin/sh
# Configures Docker on this host to send container logs through Loki's log driver: installs the plugin, merges
# the settings into daemon.json, and removes them again. POSIX sh, with tools that busybox also has.
# docker-driver.ts sets these variables above:
: "${LOKI_HOST:?host name of the ingress before Loki}"
: "${PLUGIN_REPOSITORY:?image repository of the plugin}" "${PLUGIN_VERSION:?version of the plugin}"
: "${NODE_NAME?name of the node, empty for the name of the host}"
: "${PROXY?host and port of a proxy, empty for none}"
: "${EXTERNAL_LABELS:?labels of every line, name=value, separated by commas}"
: "${LOG_OPTS:?options of the log driver, key=value, separated by spaces}"
: "${DEFAULT_LOG_OPTS?options that daemon.json may hold in another value, likewise}"
: "${DAEMON_JSON_EDITOR:?awk program daemon-json.awk}" "${CREDENTIALS_ENCODER:?awk program credentials.awk}"
set -u
umask 077 # All files that are written may contain the password.
export LC_ALL=C
# A variable from the environment would be passed to every child process.
unset userinfo proxy_userinfo read content current new result problem words next_words

. ./docker-arguments.sh
. ./docker-daemon.sh
. ./docker-file.sh
. ./docker-plugin.sh
. ./docker-status.sh

ALIAS=loki
# The plugin identifies itself, so that the guard permanently refuses a wrong password: Docker blocks while
# its driver retries.
PUSH_ADDRESS="$LOKI_HOST/loki/api/v1/push?client=docker-driver"
# At the level info, the plugin logs its whole configuration including the password.
PLUGIN_SETTINGS=LOG_LEVEL=warn
# Options of the driver that stay as they are; Docker creates no container with an option that is missing.
KEPT_LOG_OPTS='loki-tls-cert-file loki-tls-key-file loki-tls-server-name loki-tls-insecure-skip-verify
  loki-proxy-url loki-min-backoff loki-pipeline-stages loki-pipeline-stage-file loki-tenant-id
  loki-relabel-config no-file labels env env-regex'
# Options that json-file also supports.
JSON_FILE_LOG_OPTS='max-size max-file labels env env-regex'

ROOT=${ROOT:-}
PROC=$ROOT/proc
[ -d "$PROC" ] || PROC=/proc
DEFAULT_DAEMON_JSON=$ROOT/etc/docker/daemon.json
DEFAULT_PID_FILE=$ROOT/run/docker.pid
# A reboot restarts Docker, and empties this folder.
PENDING=$ROOT/run/docker-driver.restart-pending

command=apply
restart=
credentials=
proxy_credentials=
changed=
backed_up=
STAGED=
BACKUP=
left='nothing was changed'

say() {
  printf '%s\n' "$1"
}

fail() {
  printf 'docker-driver: %s; %s\n' "$1" "$left" >&2
  exit 1
}

change() {
  changed=yes
  say "changed: $1"
}

name_node() {
  # A node name in the cluster is in lower case, whatever the host name is.
  node=${NODE_NAME:-$(uname -n | tr '[:upper:]' '[:lower:]')}
  case $node in
    '' | *[!a-z0-9.-]*) fail "the host's name $node is no name of a node: print the script with --node" ;;
  esac
}

settings() {
  say "driver $ALIAS"
  if [ -n "$userinfo" ]; then
    say "set loki-url https://$userinfo@$PUSH_ADDRESS"
  else
    say "known-url $PUSH_ADDRESS"
  fi
  # The default label of the driver is replaced when other labels are set.
  say "set loki-external-labels container_name={{.Name}},$EXTERNAL_LABELS,node=$node"
  for option in $LOG_OPTS; do say "set ${option%%=*} ${option#*=}"; done
  for option in $DEFAULT_LOG_OPTS; do say "default ${option%%=*} ${option#*=}"; done
  for option in $KEPT_LOG_OPTS; do say "keep $option"; done
  if [ -n "$proxy_userinfo" ]; then
    say "set loki-proxy-url http://$proxy_userinfo@$PROXY"
  elif [ -n "$PROXY" ]; then
    say "known-proxy $PROXY"
  fi
}

json_file_settings() {
  say 'driver json-file'
  for option in $JSON_FILE_LOG_OPTS; do say "keep $option"; done
}

# Set before a change, so that an interruption cannot lose it: an unnecessary restart is less harmful.
mark_pending() {
  mkdir -p "${PENDING%/*}" && touch "$PENDING"
}

# Docker writes its PID file when it starts, so a manual restart counts as well.
is_pending() {
  [ -e "$PENDING" ] && [ -z "$(find "$DOCKER_PID" -newer "$PENDING" 2>/dev/null)" ]
}

# Succeeds if Docker has to be restarted to log through a driver; a driver in use may still have older
# options.
needs_restart() {
  is_pending || ! is_in_use "$1"
}

say_restart_is_due() {
  say "Docker has to be restarted: with --restart, by systemctl restart $unit, or by a reboot"
}

finish() {
  if ! needs_restart "$ALIAS"; then
    [ -n "$changed" ] || say 'nothing to do'
  elif [ -z "$restart" ]; then
    say_restart_is_due
  else
    restart_docker || give_up "Docker does not restart: see journalctl -u $unit"
    is_in_use "$ALIAS" ||
      give_up "Docker was restarted and logs through $used, not through $ALIAS: it does not read $DAEMON_JSON"
    rm -f "$PENDING"
    change 'restarted Docker'
  fi
}

# Fails after a restart without the expected result.
give_up() {
  [ "$new" = "$current" ] || put_back "$1"
  fail "$1; rollback --restart undoes the change"
}

apply() {
  require_docker
  name_plugin
  name_node
  locate_files
  refuse_log_flags
  require_restarter
  read_credentials
  read_daemon_json
  edit merge "$(settings)" "$current" || fail "$DAEMON_JSON: $result"
  new=$result
  if [ "$new" != "$current" ]; then
    require_writable
    stage "$new"
  fi
  ensure_plugin
  if [ "$new" != "$current" ]; then
    back_up
    commit
  fi
  finish
}

# Works without Docker, which may be unable to start.
rollback() {
  locate_files
  require_restarter
  read_daemon_json
  edit driver "$current" || fail "$DAEMON_JSON: $result"
  if is_loki "$result"; then
    go_back
    say 'the plugin stays, for the containers that were created with it'
  fi
  if ! is_pending; then
    [ -n "$changed" ] || say 'nothing to do'
  elif [ -z "$restart" ]; then
    say_restart_is_due
  else
    restart_docker || fail "Docker does not restart: see journalctl -u $unit"
    rm -f "$PENDING"
    change 'restarted Docker'
  fi
}

# A log driver in quotes: the plugin by its alias, or by its own name, as on hosts that were configured
# manually.
is_loki() {
  driver=${1#\"}
  driver=${driver%\"}
  case ${driver#docker.io/} in
    "$ALIAS" | "$ALIAS":* | grafana/loki-docker-driver | grafana/loki-docker-driver[:@]*) return 0 ;;
    "$PLUGIN_REPOSITORY" | "$PLUGIN_REPOSITORY"[:@]*) return 0 ;;
    *) return 1 ;;
  esac
}

go_back() {
  find_log_flags
  if [ -e "$BACKUP" ]; then
    read_file "$BACKUP"
    edit restore "$content" "$current" || fail "$BACKUP: $result"
  elif [ -n "$flags" ]; then
    # Settings that are flags must not be in the file.
    edit restore '{}' "$current" || fail "$DAEMON_JSON: $result"
  else
    edit merge "$(json_file_settings)" "$current" || fail "$DAEMON_JSON: $result"
  fi
  stage "$result"
  commit
  rm -f "$BACKUP"
  edit driver "$content" || return 0
  ! is_loki "$result" ||
    say "the log driver $driver was there before, and is back: rollback once more goes to json-file"
}

trap '[ -z "$STAGED" ] || rm -f "$STAGED" "$BACKUP.new"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
parse_arguments "$@"
[ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail 'it changes what belongs to root: run it as root'
"$command"
