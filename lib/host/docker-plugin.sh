# shellcheck shell=sh
# Functions of docker-driver.sh that find, install, enable and upgrade the plugin.

# Sets $plugin to the reference of the plugin for this host's architecture.
set_plugin_reference() {
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) architecture=amd64 ;;
    aarch64 | arm64) architecture=arm64 ;;
    *)
      fail "the plugin does not support the architecture $machine, only x86_64 and aarch64: send the logs of this node \
with the log collector instead"
      ;;
  esac
  plugin=$PLUGIN_REPOSITORY:$PLUGIN_VERSION-$architecture
}

# Sets $installed to the reference of the installed plugin and whether it is enabled, such as "grafana/...:3.6.0-amd64
# true". Sets it to an empty text if no plugin has the alias.
find_plugin() {
  installed=$(docker plugin inspect --format '{{.PluginReference}} {{.Enabled}}' "$ALIAS" 2>/dev/null) ||
    installed=
  installed=${installed#docker.io/}
}

# Installs, upgrades or enables the plugin if needed.
ensure_plugin() {
  find_plugin
  case $installed in
    "$plugin true") return ;;
    "$plugin false") { mark_restart_pending && enable_plugin; } || fail "the plugin $plugin cannot be enabled" ;;
    '') install_plugin ;;
    *) upgrade_plugin "${installed% *}" ;;
  esac
  left="$DAEMON_JSON is unchanged; the plugin $plugin is installed, but containers do not use it"
}

install_plugin() {
  docker plugin install "$plugin" --alias "$ALIAS" --grant-all-permissions "$PLUGIN_SETTINGS" >/dev/null ||
    fail "the plugin $plugin cannot be installed"
  report_change "installed the plugin $plugin"
}

enable_plugin() {
  docker plugin set "$ALIAS" "$PLUGIN_SETTINGS" && docker plugin enable "$ALIAS" >/dev/null &&
    report_change "enabled the plugin $plugin"
}

# Upgrades the plugin from the reference $1. A plugin must be disabled for an upgrade, and containers that use it log
# nothing until Docker restarts. If the upgrade fails, the old plugin is enabled again, so that new containers can use it.
upgrade_plugin() {
  { mark_restart_pending && docker plugin disable --force "$ALIAS" >/dev/null; } ||
    fail "the plugin $1 cannot be disabled"
  left="$DAEMON_JSON is unchanged; restart Docker, otherwise containers that use the plugin $1 log nothing"
  if ! docker plugin upgrade "$ALIAS" "$plugin" --grant-all-permissions --skip-remote-check >/dev/null; then
    docker plugin enable "$ALIAS" >/dev/null || left="$left; the plugin is disabled"
    fail "the plugin $1 cannot be upgraded to $plugin"
  fi
  enable_plugin || fail "the plugin $plugin cannot be enabled"
  print_line 'containers that use the plugin log nothing until Docker is restarted'
}
