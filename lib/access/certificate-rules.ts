import type { Construct } from 'constructs';
import type { IngressBackend } from '../contracts/endpoint';
import { invalid } from '../core/validation';
import { type Authentication, requiresClientCertificate } from './authentication';
import type { BasicAuthIngressProps, IngressOptions } from './basic-auth-ingress-options';
import type { IngressController } from './ingress-controller';

/**
 * Refuses certificates of nodes where the guard cannot see which node presented one.
 *
 * @throws InvalidOptionError that says what to do.
 */
export function checkCertificates(
  scope: Construct,
  { authentication, groups }: Pick<BasicAuthIngressProps, 'authentication' | 'groups'>,
  { certificateReport, passesTls }: IngressController,
): void {
  if (!authentication?.certificates) return;
  if (!certificateReport && !passesTls) {
    throw invalid(
      scope,
      'authentication is nodeCertificate(...), and the controller does not tell the guard which certificate a client shows; ' +
        'allowed: basicAuth(), or a controller that does: ingressNginx(), traefik(), envoyGateway(), or ' +
        'proxy({ tlsPassthrough: true, ... }) with the annotations by which your controller passes TLS on as it comes',
    );
  }
  if (groups) {
    throw invalid(
      scope,
      'groups are of users with passwords, and authentication is nodeCertificate(...), which names the node alone: leave one of both out',
    );
  }
}

/**
 * Refuses a backend that needs user names if nodes log in with certificates only.
 * @throws InvalidOptionError that says what to do.
 */
export function refuseUserHeader(
  scope: Construct,
  authentication: Authentication,
  backend: IngressBackend,
): void {
  if (!backend.userHeader || !requiresClientCertificate(authentication, backend)) return;
  throw invalid(
    scope,
    `${backend.serviceName} keeps apart what users send, and authentication is nodeCertificate(...), by which nodes are no users: leave one of both out (multiTenancy of Loki)`,
  );
}

/** Returns the options with the controller in the form that serves a host with certificates of nodes. */
export const applyCertificates = (options: IngressOptions): IngressOptions => {
  const { authentication, controller } = options;
  return authentication.certificates && controller.passingTls
    ? { ...options, controller: controller.passingTls }
    : options;
};

/** Returns the path at which the controller asks for the answer to an invalid certificate, if it asks for one. */
export function refusalPaths({ authentication, controller }: IngressOptions): string[] {
  const { refusalPath } = controller.certificateReport ?? {};
  return refusalPath && authentication.certificates ? [refusalPath] : [];
}
