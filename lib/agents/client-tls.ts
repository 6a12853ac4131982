import type { LogTarget } from './log-agent';

/** Authorities that the images of log agents trust, as Debian's package ca-certificates installs them. */
export const PUBLIC_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Returns the TLS settings of a client in Go that uses Prometheus's HTTP library; undefined if the defaults suffice. With a
 * certificate, the library needs a file of authorities: without one, it fails each request after the certificate is renewed
 * ("unable to use specified CA cert: none configured").
 */
export function clientTlsConfig({
  certificate,
  caFile,
}: Pick<LogTarget, 'certificate' | 'caFile'>): Readonly<Record<string, string>> | undefined {
  const authorities = caFile ?? (certificate && PUBLIC_AUTHORITIES);
  if (!authorities) return undefined;
  return {
    ca_file: authorities,
    ...(certificate && { cert_file: certificate.certificateFile, key_file: certificate.keyFile }),
  };
}
