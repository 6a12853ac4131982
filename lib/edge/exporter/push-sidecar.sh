#!/bin/sh
# Pushes what an exporter says to a Pushgateway: reads, compresses, PUTs, and waits for the next tick.
# Run by the shell of the curl image (busybox ash). All it is told stands in these variables:
: "${PUSH_URL:?base address of the Pushgateway, without credentials}"
: "${SOURCE_URL:?address of the metrics of the exporter}"
: "${JOB:?label job}" "${INSTANCE:?label instance}" "${NODE_NAME:?label hostname}"
: "${INTERVAL_SECONDS:?seconds between two pushes}"
: "${CREDENTIALS_DIR:?folder with the files username and password}"
: "${SCRATCH_DIR:?folder to write to}"
# GROUP: label group, where the ingress does not set it. CA_FILE: a private authority. SHARDS: of how many
# Pushgateways each node uses one. TARGETS: the targets of an exporter that has several, each a label instance and an
# address of its metrics in a line. READ_SECONDS: how long the exporter may take. HTTPS_PROXY and NO_PROXY, as curl reads
# them. None of them has to be there.
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
