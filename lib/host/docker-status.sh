# shellcheck shell=sh
# Functions of docker-driver.sh for the command status, which compares the host with the expected state and changes
# nothing.

status() {
  code=0
  require_docker
  set_plugin_reference
  set_node_name
  locate_files
  read_credentials
  print_plugin_status
  print_daemon_json_status
  print_restart_status
  exit "$code"
}

# Prints whether Docker must be restarted, according to the running Docker and not to its file.
print_restart_status() {
  find_log_flags
  if [ -n "$flags" ]; then
    print_line "flags: Docker is started with $flags; daemon.json must not contain the same settings"
    code=3
  fi
  if is_restart_pending; then
    print_line 'restart: pending'
    code=3
  elif is_driver_in_use "$ALIAS"; then
    print_line 'restart: not pending'
  else
    print_line "restart: needed, because new containers use the log driver $used; if a restart does not help, Docker does not read $DAEMON_JSON"
    code=3
  fi
}

# Prints the installed plugin and the expected one.
print_plugin_status() {
  find_plugin
  case $installed in
    "$plugin true") print_line "plugin: $plugin, enabled"; return ;;
    '') print_line "plugin: not installed; expected: $plugin, enabled" ;;
    *' true') print_line "plugin: ${installed% *}, enabled; expected: $plugin, enabled" ;;
    *) print_line "plugin: ${installed% *}, disabled; expected: $plugin, enabled" ;;
  esac
  code=3
}

# Prints whether daemon.json has the expected settings.
print_daemon_json_status() {
  read_daemon_json
  if ! edit_daemon_json merge "$(loki_settings)" "$current"; then
    print_line "daemon.json: not as expected: $result"
  elif [ "$result" = "$current" ]; then
    print_line 'daemon.json: as expected'
    return
  else
    print_line 'daemon.json: not as expected'
  fi
  code=3
}
