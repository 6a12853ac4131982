#!/bin/sh
# Scrapes an exporter and pushes its samples to a Pushgateway: scrape, compress, PUT, and wait for the next
# tick. Runs in the shell of the curl image (busybox ash). Environment variables:
: "${PUSH_URL:?base address of the Pushgateway, without credentials}"
: "${SOURCE_URL:?address of the metrics of the exporter}"
: "${JOB:?label job}" "${INSTANCE:?label instance}" "${NODE_NAME:?label hostname}"
: "${INTERVAL_SECONDS:?seconds between two pushes}"
: "${CREDENTIALS_DIR:?folder with the files username and password}"
: "${SCRATCH_DIR:?folder to write to}"
# Optional variables: GROUP: value of the label group, unless the ingress sets the label. CA_FILE: certificate of a
# private CA. SHARDS: number of Pushgateways; each node pushes to one of them. TARGETS: targets of a multi-target
# exporter, one line each: value of the label instance, and URL of the metrics. READ_SECONDS: scrape timeout. HTTPS_PROXY
# and NO_PROXY: as in curl.
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
