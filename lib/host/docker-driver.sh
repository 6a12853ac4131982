#!/bin/sh
# Configures Docker on this host to send container logs with Loki's log driver: installs the plugin and merges the settings
# into daemon.json, or restores the previous settings. The script is POSIX sh, with tools that busybox has, too. The
# generator sets these variables above:
: "${LOKI_HOST:?host name of the ingress in front of Loki}"
: "${PLUGIN_REPOSITORY:?image repository of the plugin}" "${PLUGIN_VERSION:?version of the plugin}"
: "${NODE_NAME?name of the node, empty for the name of the host}"
: "${PROXY?host and port of a proxy, empty for none}"
: "${EXTERNAL_LABELS:?labels of every line, name=value, separated by commas}"
: "${LOG_OPTS:?options of the log driver, key=value, separated by spaces}"
: "${DEFAULT_LOG_OPTS?options of the log driver that daemon.json overrides, key=value, separated by spaces}"
: "${DAEMON_JSON_EDITOR:?awk program daemon-json.awk}" "${CREDENTIALS_ENCODER:?awk program credentials.awk}"
set -u
umask 077 # All written files can contain the password.
export LC_ALL=C
# If one of these variables came from the environment, every child process would see its value, which can be a password.
unset userinfo proxy_userinfo read content current new result problem words next_words

. ./docker-arguments.sh
. ./docker-daemon.sh
. ./docker-file.sh
. ./docker-plugin.sh
. ./docker-status.sh

ALIAS=loki
# The query identifies the plugin. For this client, the guard responds to a wrong password with a status that the driver
# does not retry, because Docker blocks while its driver retries.
PUSH_ADDRESS="$LOKI_HOST/loki/api/v1/push?client=docker-driver"
# At the log level info, the plugin would log its whole configuration, including the password.
PLUGIN_SETTINGS=LOG_LEVEL=warn
# Options of the driver whose values in daemon.json are kept.
KEPT_LOG_OPTS='loki-tls-cert-file loki-tls-key-file loki-tls-server-name loki-tls-insecure-skip-verify
  loki-proxy-url loki-min-backoff loki-pipeline-stages loki-pipeline-stage-file loki-tenant-id
  loki-relabel-config no-file labels env env-regex'
# Options that the log driver json-file supports, too.
JSON_FILE_LOG_OPTS='max-size max-file labels env env-regex'

ROOT=${ROOT:-}
PROC=$ROOT/proc
[ -d "$PROC" ] || PROC=/proc
DEFAULT_DAEMON_JSON=$ROOT/etc/docker/daemon.json
DEFAULT_PID_FILE=$ROOT/run/docker.pid
# Marks a change that needs a restart of Docker. A reboot restarts Docker and empties the folder /run.
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

# Prints a line.
print_line() {
  printf '%s\n' "$1"
}

# Exits with an error, and with the state in which the host is left.
fail() {
  printf 'docker-driver: %s; %s\n' "$1" "$left" >&2
  exit 1
}

# Reports a change.
report_change() {
  changed=yes
  print_line "changed: $1"
}

# Sets $node to the name of the node. Node names are in lower case, even if the host name is not.
set_node_name() {
  node=${NODE_NAME:-$(uname -n | tr '[:upper:]' '[:lower:]')}
  case $node in
    '' | *[!a-z0-9.-]*) fail "the host name \"$node\" is not a valid node name: generate the script with --node" ;;
  esac
}

# Prints the expected log settings for `edit_daemon_json merge`.
loki_settings() {
  print_line "driver $ALIAS"
  if [ -n "$userinfo" ]; then
    print_line "set loki-url https://$userinfo@$PUSH_ADDRESS"
  else
    print_line "known-url $PUSH_ADDRESS"
  fi
  # loki-external-labels replaces the driver's default label container_name, so the option contains container_name, too.
  print_line "set loki-external-labels container_name={{.Name}},$EXTERNAL_LABELS,node=$node"
  for option in $LOG_OPTS; do print_line "set ${option%%=*} ${option#*=}"; done
  for option in $DEFAULT_LOG_OPTS; do print_line "default ${option%%=*} ${option#*=}"; done
  for option in $KEPT_LOG_OPTS; do print_line "keep $option"; done
  if [ -n "$proxy_userinfo" ]; then
    print_line "set loki-proxy-url http://$proxy_userinfo@$PROXY"
  elif [ -n "$PROXY" ]; then
    print_line "known-proxy $PROXY"
  fi
}

# Prints the settings for `edit_daemon_json merge` that set the log driver json-file.
json_file_settings() {
  print_line 'driver json-file'
  for option in $JSON_FILE_LOG_OPTS; do print_line "keep $option"; done
}

# Records that Docker needs a restart. It is called before a change: after an interruption, an unnecessary restart is less
# harmful than a missing one.
mark_restart_pending() {
  mkdir -p "${PENDING%/*}" && touch "$PENDING"
}

# Succeeds if Docker has not been restarted since the mark was set. Docker writes its PID file when it starts, so a manual
# restart counts, too.
is_restart_pending() {
  [ -e "$PENDING" ] && [ -z "$(find "$DOCKER_PID" -newer "$PENDING" 2>/dev/null)" ]
}

# Succeeds if Docker must be restarted to use log driver $1 with the current options.
needs_restart() {
  is_restart_pending || ! is_driver_in_use "$1"
}

print_restart_hint() {
  print_line "Docker must be restarted: run again with --restart, run systemctl restart $unit, or reboot"
}

# Restarts Docker if needed and requested, and checks the result.
restart_if_requested() {
  if ! needs_restart "$ALIAS"; then
    [ -n "$changed" ] || print_line 'nothing to do'
  elif [ -z "$restart" ]; then
    print_restart_hint
  else
    restart_docker || fail_after_restart "Docker does not restart: see journalctl -u $unit"
    is_driver_in_use "$ALIAS" ||
      fail_after_restart "after the restart, Docker uses the log driver $used instead of $ALIAS: it does not read $DAEMON_JSON"
    rm -f "$PENDING"
    report_change 'restarted Docker'
  fi
}

# Fails after a restart without the expected result, and reverts a change of daemon.json. Argument: the error.
fail_after_restart() {
  [ "$new" = "$current" ] || revert_and_fail "$1"
  fail "$1; to revert the change, run rollback --restart"
}

# The command apply.
apply() {
  require_docker
  set_plugin_reference
  set_node_name
  locate_files
  require_no_log_flags
  require_restartable_unit
  read_credentials
  read_daemon_json
  edit_daemon_json merge "$(loki_settings)" "$current" || fail "$DAEMON_JSON: $result"
  new=$result
  if [ "$new" != "$current" ]; then
    require_writable
    stage_daemon_json "$new"
  fi
  ensure_plugin
  if [ "$new" != "$current" ]; then
    back_up_daemon_json
    replace_daemon_json
  fi
  restart_if_requested
}

# The command rollback. It works without a running Docker, because Docker may be unable to start.
rollback() {
  locate_files
  require_restartable_unit
  read_daemon_json
  edit_daemon_json driver "$current" || fail "$DAEMON_JSON: $result"
  if is_loki_driver "$result"; then
    restore_log_settings
    print_line 'the plugin stays installed, because containers that were created with it need it'
  fi
  if ! is_restart_pending; then
    [ -n "$changed" ] || print_line 'nothing to do'
  elif [ -z "$restart" ]; then
    print_restart_hint
  else
    restart_docker || fail "Docker does not restart: see journalctl -u $unit"
    rm -f "$PENDING"
    report_change 'restarted Docker'
  fi
}

# Succeeds if $1, a log driver in quotes, is Loki's plugin: its alias, or its own name, as on hosts that were configured by
# hand.
is_loki_driver() {
  driver=${1#\"}
  driver=${driver%\"}
  case ${driver#docker.io/} in
    "$ALIAS" | "$ALIAS":* | grafana/loki-docker-driver | grafana/loki-docker-driver[:@]*) return 0 ;;
    "$PLUGIN_REPOSITORY" | "$PLUGIN_REPOSITORY"[:@]*) return 0 ;;
    *) return 1 ;;
  esac
}

# Restores the log settings from the backup. Without a backup, removes them or sets json-file.
restore_log_settings() {
  find_log_flags
  if [ -e "$BACKUP" ]; then
    read_file "$BACKUP"
    edit_daemon_json restore "$content" "$current" || fail "$BACKUP: $result"
  elif [ -n "$flags" ]; then
    # daemon.json must not contain settings that are also flags.
    edit_daemon_json restore '{}' "$current" || fail "$DAEMON_JSON: $result"
  else
    edit_daemon_json merge "$(json_file_settings)" "$current" || fail "$DAEMON_JSON: $result"
  fi
  stage_daemon_json "$result"
  replace_daemon_json
  rm -f "$BACKUP"
  edit_daemon_json driver "$content" || return 0
  ! is_loki_driver "$result" ||
    print_line "restored the previous log driver $driver, which is Loki's plugin, too: run rollback again to set json-file"
}

trap '[ -z "$STAGED" ] || rm -f "$STAGED" "$BACKUP.new"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
parse_arguments "$@"
[ -n "$ROOT" ] || [ "$(id -u)" = 0 ] || fail 'root permissions are required: run the script as root'
"$command"
