# shellcheck shell=sh
# The plugin: which one is wanted, which one is there, and how one comes to the other. No part of this is a program
# alone: docker-driver.sh calls it.

name_plugin() {
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) architecture=amd64 ;;
    aarch64 | arm64) architecture=arm64 ;;
    *)
      fail "the plugin is not made for the architecture $machine, only for x86_64 and aarch64: let the log \
collector ship the logs of this node"
      ;;
  esac
  plugin=$PLUGIN_REPOSITORY:$PLUGIN_VERSION-$architecture
}

# Prints the reference of the plugin that has the alias, and whether it is enabled; nothing if there is none.
find_plugin() {
  installed=$(docker plugin inspect --format '{{.PluginReference}} {{.Enabled}}' "$ALIAS" 2>/dev/null) ||
    installed=
  installed=${installed#docker.io/}
}

ensure_plugin() {
  find_plugin
  case $installed in
    "$plugin true") return ;;
    "$plugin false") { mark_pending && enable_plugin; } || fail "the plugin $plugin cannot be enabled" ;;
    '') install_plugin ;;
    *) upgrade_plugin "${installed% *}" ;;
  esac
  left="$DAEMON_JSON is as it was; the plugin $plugin is there, which changes nothing by itself"
}

install_plugin() {
  docker plugin install "$plugin" --alias "$ALIAS" --grant-all-permissions "$PLUGIN_SETTINGS" >/dev/null ||
    fail "the plugin $plugin cannot be installed"
  change "installed the plugin $plugin"
}

enable_plugin() {
  docker plugin set "$ALIAS" "$PLUGIN_SETTINGS" && docker plugin enable "$ALIAS" >/dev/null &&
    change "enabled the plugin $plugin"
}

# A plugin has to be disabled for an upgrade; containers that use it log nothing until Docker restarts. If the
# upgrade fails, at least new containers get the old plugin.
upgrade_plugin() {
  { mark_pending && docker plugin disable --force "$ALIAS" >/dev/null; } ||
    fail "the plugin $1 cannot be disabled"
  left="$DAEMON_JSON is as it was; Docker has to be restarted for containers that log through the plugin $1"
  if ! docker plugin upgrade "$ALIAS" "$plugin" --grant-all-permissions --skip-remote-check >/dev/null; then
    docker plugin enable "$ALIAS" >/dev/null || left="$left, which is still disabled"
    fail "the plugin $1 cannot be upgraded to $plugin"
  fi
  enable_plugin || fail "the plugin $plugin cannot be enabled"
  say 'containers that log through the plugin log nothing until Docker is restarted'
}
