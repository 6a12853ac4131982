#!/bin/sh
# Scrapes an exporter and pushes its samples to a Pushgateway, like push-sidecar.sh, with the certificate of
# the node. Additional environment variables:
: "${PUSH_URL:?base address of the Pushgateway, without credentials}"
: "${SOURCE_URL:?address of the metrics of the exporter}"
: "${JOB:?label job}" "${INSTANCE:?label instance}" "${NODE_NAME:?label hostname}"
: "${INTERVAL_SECONDS:?seconds between two pushes}"
: "${CERTIFICATE_FILE:?file with the certificate of the node}" "${KEY_FILE:?file with its key}"
: "${SCRATCH_DIR:?folder to write to}"
# CREDENTIALS_DIR: folder with the files username and password, if a password is sent, too; optional.
set -u

. ../../agents/prelude.sh
. ../../agents/own-files.sh

. ./push-readings.sh

. ./password-values.sh

. ./certificate-login.sh

. ./push-requests.sh

. ./push-answers.sh

. ./certificate-refusal.sh

. ./push-loop.sh
