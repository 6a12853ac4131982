#!/bin/sh
# Restarts EdgeCore on this machine: restart.sh NODE
exec sudo systemctl restart edgecore
