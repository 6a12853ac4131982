/**
 * How an ingress controller passes the client certificate to the guard: in request headers, which replace those
 * of the client.
 */
export interface CertificateReport {
  /**
   * nginx variables with the result of the verification and the subject, such as `$http_ssl_client_verify
   * $http_ssl_client_subject_dn`.
   */
  readonly variable: string;
  /**
   * Returns the regular expression (PCRE) that `variable` matches if the certificate is valid and its subject
   * matches.
   * @param subject regular expression for the subject
   */
  readonly verified: (subject: string) => string;
  /**
   * nginx variable with the end of the certificate's validity, or with the certificate itself, in PEM with URL
   * escapes.
   */
  readonly end: string;
  /**
   * Path at which the controller requests the guard's response to an invalid certificate.
   * @default - the guard itself terminates TLS and responds
   */
  readonly refusalPath?: string;
}
