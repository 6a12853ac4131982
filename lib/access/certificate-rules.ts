import type { Construct } from 'constructs';
import type { IngressBackend } from '../contracts/endpoint';
import { invalid } from '../core/validation';
import { type Authentication, requiresClientCertificate } from './authentication';
import type { BasicAuthIngressProps, IngressOptions } from './basic-auth-ingress-options';
import type { IngressController } from './ingress-controller';

/**
 * Throws if nodes use client certificates but the guard cannot see the certificate, or if there are users for
 * groups.
 * @throws InvalidOptionError with the remedy.
 */
export function validateCertificateOptions(
  scope: Construct,
  { authentication, groups }: Pick<BasicAuthIngressProps, 'authentication' | 'groups'>,
  { certificateReport, passesTls }: IngressController,
): void {
  if (!authentication?.certificates) return;
  if (!certificateReport && !passesTls) {
    throw invalid(
      scope,
      'authentication is nodeCertificate(...), but the controller does not pass client certificates to the guard; ' +
        'allowed: basicAuth(), or one of the controllers ingressNginx(), traefik(), envoyGateway(), or ' +
        'proxy({ tlsPassthrough: true, ... }) with the annotations that enable TLS passthrough in your controller',
    );
  }
  if (groups) {
    throw invalid(
      scope,
      'groups requires users with passwords, but authentication is nodeCertificate(...), which only identifies nodes: remove groups, or use basicAuth()',
    );
  }
}

/**
 * Throws if a backend needs user names, but nodes authenticate with certificates.
 * @throws InvalidOptionError with the remedy.
 */
export function refuseUserNamesWithCertificates(
  scope: Construct,
  authentication: Authentication,
  backend: IngressBackend,
): void {
  if (!backend.userHeader || !requiresClientCertificate(authentication, backend)) return;
  throw invalid(
    scope,
    `${backend.serviceName} needs a user name for each request, but authentication is nodeCertificate(...), which only identifies nodes: remove multiTenancy of Loki, or use basicAuth()`,
  );
}

/**
 * Returns the options with the variant of the controller that supports client certificates, if nodes use them.
 */
export const withTlsPassingController = (options: IngressOptions): IngressOptions => {
  const { authentication, controller } = options;
  return authentication.certificates && controller.passingTls
    ? { ...options, controller: controller.passingTls }
    : options;
};

/**
 * Returns a list with the path that the controller requests from the guard when a client certificate is invalid.
 * Returns an empty list if the controller does not send such requests.
 */
export function certificateRefusalPaths({ authentication, controller }: IngressOptions): string[] {
  const { refusalPath } = controller.certificateReport ?? {};
  return refusalPath && authentication.certificates ? [refusalPath] : [];
}
