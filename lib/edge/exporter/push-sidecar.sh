#!/bin/sh
# Scrapes an exporter and pushes its samples to a Pushgateway: scrape, compress, PUT, and wait for the next
# tick. Runs in the shell of the curl image (busybox ash). Environment variables:
: "${PUSH_URL:?base address of the Pushgateway, without credentials}"
: "${SOURCE_URL:?address of the metrics of the exporter}"
: "${JOB:?label job}" "${INSTANCE:?label instance}" "${NODE_NAME:?label hostname}"
: "${INTERVAL_SECONDS:?seconds between two pushes}"
: "${CREDENTIALS_DIR:?folder with the files username and password}"
: "${SCRATCH_DIR:?folder to write to}"
# GROUP: label group, if the ingress does not set it. CA_FILE: a private CA. SHARDS: number of Pushgateways,
# of which each node uses one. TARGETS: the targets of an exporter that has several, one per line: a label
# instance and a URL of its metrics. READ_SECONDS: scrape timeout. HTTPS_PROXY and NO_PROXY, as in curl. All
# of them are optional.
set -u

. ../../agents/prelude.sh
. ../../agents/own-files.sh

. ./push-readings.sh

. ./password-values.sh

. ./password-login.sh

. ./push-requests.sh

. ./push-answers.sh

. ./password-refusal.sh

. ./push-loop.sh
