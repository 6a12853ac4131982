import type {
  CertificateGroups,
  ClientCertificate,
  IngressBackend,
  PublicEndpoint,
} from '../contracts/endpoint';
import { objectWithFields } from '../core/structure-rules';

/** The name of a node in the expression of a subject. */
export const CERTIFIED = '(?<certified>[a-z0-9.-]+)';

/** Certificates of nodes, as a host asks for them. */
export interface NodeCertificates {
  /** CA certificates that verify the certificates of nodes, in PEM. */
  readonly ca: string;
  /** Regular expression (PCRE) of the whole subject by RFC 2253, in which the group `certified` is the name of the node. */
  readonly subject: string;
  /** Files of each node with its certificate and key. */
  readonly files: ClientCertificate;
  /** Node groups whose nodes push with certificates; nodes of other groups use a password. @default - all */
  readonly groups?: CertificateGroups;
}

/** Authentication of edge nodes at a host: `basicAuth()` or `nodeCertificate()`. */
export interface Authentication {
  /** Whether nodes may use a password. With `certificates`, clients send both, and a certificate that names a node takes precedence. */
  readonly passwords: boolean;
  /** Certificates of the nodes. @default - none */
  readonly certificates?: NodeCertificates;
}

/** Rule for an `Authentication` in settings that no compiler has checked. */
export const authenticationRule = objectWithFields(
  'basicAuth() or nodeCertificate({ ca: "-----BEGIN CERTIFICATE-----..." })',
  'passwords',
);

type Pushed = Pick<IngressBackend, 'pushedByNodes'>;

/** Whether clients of a backend show certificates. */
export const requiresClientCertificate = (
  { certificates }: Authentication,
  { pushedByNodes }: Pushed,
): boolean => certificates !== undefined && pushedByNodes === true;

/** Whether clients of a backend may have a password. */
export const acceptsPasswords = (authentication: Authentication, backend: Pushed): boolean =>
  !requiresClientCertificate(authentication, backend) || authentication.passwords;

/** Returns what clients of a backend know about the certificate that they show. */
export function clientCertificateFields(
  authentication: Authentication,
  backend: Pushed,
): Pick<PublicEndpoint, 'clientCertificate' | 'certificateGroups'> {
  const { certificates } = authentication;
  if (!certificates || !requiresClientCertificate(authentication, backend)) return {};
  const { files, groups } = certificates;
  return { clientCertificate: files, ...(groups && { certificateGroups: groups }) };
}
