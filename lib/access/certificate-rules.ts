import type { Construct } from 'constructs';
import type { IngressBackend } from '../contracts/endpoint';
import { optionError } from '../core/validation';
import { type Authentication, acceptsClientCertificates } from './authentication';
import type { BasicAuthIngressProps, IngressOptions } from './basic-auth-ingress-options';
import type { IngressController } from './ingress-controller';

/**
 * Validates the options of a host on which nodes authenticate with client certificates. Throws if the controller does
 * not pass the certificate to the guard, or if the option `groups` of the host is set. Does nothing for other hosts.
 * @throws InvalidOptionError with the remedy.
 */
export function validateClientCertificateOptions(
  scope: Construct,
  { authentication, groups }: Pick<BasicAuthIngressProps, 'authentication' | 'groups'>,
  { certificateReport, passesTls }: IngressController,
): void {
  if (!authentication?.certificates) return;
  if (!certificateReport && !passesTls) {
    throw optionError(
      scope,
      'authentication is nodeCertificate(...), but the controller does not pass client certificates to the guard: ' +
        'use basicAuth(), or set the controller to ingressNginx(), traefik(), envoyGateway() or proxy({ tlsPassthrough: true, ... }); proxy() needs the annotations that enable TLS passthrough in your controller',
    );
  }
  if (groups) {
    throw optionError(
      scope,
      'the option "groups" requires users with passwords, but authentication is nodeCertificate(...), which only identifies nodes: remove the option "groups", or use basicAuth()',
    );
  }
}

/**
 * Throws if a backend needs the name of the user of each request, but nodes authenticate with certificates.
 * @throws InvalidOptionError with the remedy.
 */
export function assertUserNamesAvailableForBackend(
  scope: Construct,
  authentication: Authentication,
  backend: IngressBackend,
): void {
  if (!backend.userHeader || !acceptsClientCertificates(authentication, backend)) return;
  throw optionError(
    scope,
    `${backend.serviceName} needs a user name for each request, but authentication is nodeCertificate(...), which only identifies nodes: remove the option multiTenancy of Loki, or use basicAuth()`,
  );
}

/**
 * Replaces the controller in the options of a host with the controller's variant for TLS passthrough (`passingTls`).
 * Returns the options unchanged if nodes use no client certificates, or if the controller has no such variant.
 */
export const switchToTlsPassthroughForClientCertificates = (options: IngressOptions): IngressOptions => {
  const { authentication, controller } = options;
  return authentication.certificates && controller.passingTls
    ? { ...options, controller: controller.passingTls }
    : options;
};

/**
 * Returns a list with the path that the controller requests from the guard when a client certificate is invalid.
 * Returns an empty list if nodes use no client certificates, or if the controller has no such path.
 */
export function certificateErrorPagePaths({ authentication, controller }: IngressOptions): string[] {
  const { refusalPath } = controller.certificateReport ?? {};
  return refusalPath && authentication.certificates ? [refusalPath] : [];
}
