# shellcheck shell=sh
# Functions of docker-driver.sh for the command status, which compares the host with the expected state and changes
# nothing.

status() {
  code=0
  require_docker
  name_plugin
  name_node
  locate_files
  read_credentials
  status_of_plugin
  status_of_daemon_json
  status_of_daemon
  exit "$code"
}

# Prints whether Docker must be restarted, according to the running Docker and not to its file.
status_of_daemon() {
  find_log_flags
  if [ -n "$flags" ]; then
    say "flags: Docker is started with $flags; daemon.json must not contain the same settings"
    code=3
  fi
  if is_pending; then
    say 'restart: pending'
    code=3
  elif is_in_use "$ALIAS"; then
    say 'restart: not pending'
  else
    say "restart: needed, because new containers use the log driver $used; if a restart does not help, Docker does not read $DAEMON_JSON"
    code=3
  fi
}

# Prints the installed plugin and the expected one.
status_of_plugin() {
  find_plugin
  case $installed in
    "$plugin true") say "plugin: $plugin, enabled"; return ;;
    '') say "plugin: not installed; expected: $plugin, enabled" ;;
    *' true') say "plugin: ${installed% *}, enabled; expected: $plugin, enabled" ;;
    *) say "plugin: ${installed% *}, disabled; expected: $plugin, enabled" ;;
  esac
  code=3
}

# Prints whether daemon.json has the expected settings.
status_of_daemon_json() {
  read_daemon_json
  if ! edit merge "$(settings)" "$current"; then
    say "daemon.json: not as expected: $result"
  elif [ "$result" = "$current" ]; then
    say 'daemon.json: as expected'
    return
  else
    say 'daemon.json: not as expected'
  fi
  code=3
}
