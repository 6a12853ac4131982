# shellcheck shell=sh
# The command status: compares what there is with what is wanted, and changes nothing. No part of this is a program
# alone: docker-driver.sh calls it.

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

# According to Docker, not to its file.
status_of_daemon() {
  find_log_flags
  if [ -n "$flags" ]; then
    say "flags: Docker is started with $flags, which daemon.json may not say as well"
    code=3
  fi
  if is_pending; then
    say 'restart: pending'
    code=3
  elif is_in_use "$ALIAS"; then
    say 'restart: not pending'
  else
    say "restart: needed, containers log through $used; when it does not help, Docker does not read $DAEMON_JSON"
    code=3
  fi
}

status_of_plugin() {
  find_plugin
  case $installed in
    "$plugin true") say "plugin: $plugin, enabled"; return ;;
    '') say "plugin: not installed; wanted: $plugin, enabled" ;;
    *' true') say "plugin: ${installed% *}, enabled; wanted: $plugin, enabled" ;;
    *) say "plugin: ${installed% *}, disabled; wanted: $plugin, enabled" ;;
  esac
  code=3
}

status_of_daemon_json() {
  read_daemon_json
  if ! edit merge "$(settings)" "$current"; then
    say "daemon.json: not as wanted: $result"
  elif [ "$result" = "$current" ]; then
    say 'daemon.json: as wanted'
    return
  else
    say 'daemon.json: not as wanted'
  fi
  code=3
}
