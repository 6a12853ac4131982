import type {
  CertificateGroups,
  ClientCertificate,
  IngressBackend,
  PublicEndpoint,
} from '../contracts/endpoint';
import { objectWithAtLeastFieldsRule } from '../core/structure-rules';

/**
 * Regular expression for the name of a node in the subject of its client certificate. The capture group `certified`
 * contains the name.
 */
export const NODE_NAME_PATTERN = '(?<certified>[a-z0-9.-]+)';

/** The node certificates that a host accepts from its clients. */
export interface NodeCertificates {
  /** CA certificates in PEM that verify the certificates of nodes. */
  readonly ca: string;
  /**
   * Regular expression (PCRE) for the whole subject, in the format of RFC 2253. Its capture group `certified`
   * is the name of the node.
   */
  readonly subject: string;
  /** Paths of the certificate and the private key on each node. */
  readonly files: ClientCertificate;
  /**
   * Node groups that push with certificates. Nodes of other groups use a password.
   * @default - all nodes push with certificates
   */
  readonly groups?: CertificateGroups;
}

/** Authentication of edge nodes at a host: `basicAuth()` or `nodeCertificate()`. */
export interface Authentication {
  /**
   * Whether nodes can authenticate with a password. If `true` and `certificates` is set, the host accepts a
   * certificate, a password or both. If a node sends both, and the certificate contains the node name, the password is
   * ignored.
   */
  readonly passwords: boolean;
  /** Node certificates that the host accepts. @default - the host accepts only passwords */
  readonly certificates?: NodeCertificates;
}

/**
 * Validation rule for an option of type `Authentication`. The rule also finds wrong types in settings that are written
 * in JavaScript.
 */
export const authenticationRule = objectWithAtLeastFieldsRule(
  'basicAuth() or nodeCertificate({ ca: "-----BEGIN CERTIFICATE-----..." })',
  'passwords',
);

type Pushed = Pick<IngressBackend, 'pushedByNodes'>;

/**
 * Returns whether edge nodes can push to a backend with client certificates. The backend can also accept passwords
 * (`acceptsPasswords`).
 */
export const acceptsClientCertificates = (
  { certificates }: Authentication,
  { pushedByNodes }: Pushed,
): boolean => certificates !== undefined && pushedByNodes === true;

/** Returns whether clients of a backend can use a password. */
export const acceptsPasswords = (authentication: Authentication, backend: Pushed): boolean =>
  !acceptsClientCertificates(authentication, backend) || authentication.passwords;

/**
 * Returns the fields `clientCertificate` and `certificateGroups` of a backend's endpoint. Returns an empty object
 * if clients of the backend use passwords only.
 */
export function clientCertificateFieldsOfEndpoint(
  authentication: Authentication,
  backend: Pushed,
): Pick<PublicEndpoint, 'clientCertificate' | 'certificateGroups'> {
  const { certificates } = authentication;
  if (!certificates || !acceptsClientCertificates(authentication, backend)) return {};
  const { files, groups } = certificates;
  return { clientCertificate: files, ...(groups && { certificateGroups: groups }) };
}
