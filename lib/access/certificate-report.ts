/**
 * How a controller reports the client certificate to the guard: by request headers that it sets itself, overwriting
 * those of the client.
 */
export interface CertificateReport {
  /** nginx's variable that is the text to look at, such as `$http_ssl_client_verify $http_ssl_client_subject_dn`. */
  readonly variable: string;
  /** The regular expression (PCRE) of that text for verified certificates with a subject of this expression. */
  readonly verified: (subject: string) => string;
  /** nginx's variable with the time at which the certificate ends, or with the certificate itself, in escaped PEM. */
  readonly end: string;
  /** Path at which it asks the guard for the answer to who shows a certificate that is not valid. @default - it answers itself */
  readonly refusalPath?: string;
}
