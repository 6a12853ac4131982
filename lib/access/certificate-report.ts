/**
 * How the guard learns about the client certificate: from request headers that the ingress controller sets, or from the
 * guard's own TLS connection. If a client sends headers with the same names, the controller overwrites them.
 */
export interface CertificateReport {
  /**
   * Two nginx variables: the result of the verification and the subject of the certificate, such as
   * `$http_ssl_client_verify $http_ssl_client_subject_dn`.
   */
  readonly variable: string;
  /**
   * Returns a regular expression (PCRE) for the value of `variable`. The value matches if the certificate is valid
   * and its subject matches `subject`.
   * @param subject regular expression (PCRE) for the subject of the certificate
   */
  readonly verified: (subject: string) => string;
  /**
   * nginx variable that contains either the end of the certificate's validity, or the whole certificate in PEM with URL
   * escapes.
   */
  readonly end: string;
  /**
   * Path that the controller requests from the guard if a client certificate is invalid. The controller passes the
   * guard's response to the client.
   * @default - no path; the guard itself terminates TLS
   */
  readonly refusalPath?: string;
}
