#!/bin/sh
# Scrapes an exporter and pushes the samples to a Pushgateway, like push-sidecar.sh, but authenticates with the node's
# certificate. Environment variables in addition to the optional ones of push-sidecar.sh:
: "${PUSH_URL:?base address of the Pushgateway, without credentials}"
: "${SOURCE_URL:?address of the metrics of the exporter}"
: "${JOB:?label job}" "${INSTANCE:?label instance}" "${NODE_NAME:?label hostname}"
: "${INTERVAL_SECONDS:?seconds between two pushes}"
: "${CERTIFICATE_FILE:?file with the certificate of the node}" "${KEY_FILE:?file with its key}"
: "${SCRATCH_DIR:?folder to write to}"
# CREDENTIALS_DIR (optional): folder with the files username and password, if the sidecar also sends a password.
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
