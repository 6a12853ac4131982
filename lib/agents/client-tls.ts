import type { LogTarget } from './log-agent';

/**
 * Path of the file with public CA certificates in the images of the log agents. Debian's package ca-certificates
 * installs this file.
 */
export const PUBLIC_CA_FILE = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Returns the TLS settings of a Go client that uses Prometheus's HTTP library. Returns `undefined` if the
 * client's defaults suffice.
 *
 * A client with its own certificate needs a file of CA certificates. Without the file, Prometheus's HTTP
 * library fails each request after the client's certificate is renewed ("unable to use specified CA cert: none
 * configured").
 */
export function clientTlsConfig({
  certificate,
  caFile,
}: Pick<LogTarget, 'certificate' | 'caFile'>): Readonly<Record<string, string>> | undefined {
  const clientCaFile = caFile ?? (certificate && PUBLIC_CA_FILE);
  if (!clientCaFile) return undefined;
  return {
    ca_file: clientCaFile,
    ...(certificate && { cert_file: certificate.certificateFile, key_file: certificate.keyFile }),
  };
}
