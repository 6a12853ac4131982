import type { NodeAdmission } from '../contracts/node-admission';
import { namespaceOption } from '../core/cloud-rules';
import { groupNames } from '../core/groups';
import { hostName, interval, matches, objectName, quantity, shortDnsLabel } from '../core/option-rules';
import { type Options, type OptionTable, optionsRule } from '../core/option-table';
import { objectWithFields, oneVariantOf } from '../core/structure-rules';
import type { Duration, Quantity } from '../core/units';
import { type Authentication, authenticationRule } from './authentication';
import { basicAuth } from './basic-auth';
import { type RateLimit, rateLimit } from './guard-options';
import { type IngressController, ingressController, type Tls } from './ingress-controller';
import { ingressNginx } from './ingress-nginx';

/** Properties for `BasicAuthIngress`. */
export interface BasicAuthIngressProps {
  /**
   * Name of the objects, of up to 48 characters; the longest derived name has the suffix `-acme-challenge`.
   */
  readonly name: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /** Public DNS name. */
  readonly host: string;
  /**
   * Certificate of the host: an existing Secret, or one issued by cert-manager.
   * @default - the Secret `<name>-tls`, or the certificate of an existing Gateway
   */
  readonly tls?: Tls;
  /** Secret with the user names and password hashes. @default - `<name>-users` */
  readonly usersSecretName?: string;
  /**
   * Secret that clients mount in their namespaces, of type `kubernetes.io/basic-auth` with the keys
   * `username` and `password`.
   * @default - `<name>-credentials`
   */
  readonly credentialsSecretName?: string;
  /**
   * The ingress controller: one of the functions of this package, or your own.
   * @default - ingress-nginx as installed by its manifests
   */
  readonly controller?: IngressController;
  /**
   * Realm that browsers show when they ask for the password: letters, digits, spaces and `- . _ ~ / :`, which
   * every controller supports.
   * @default "Authentication required"
   */
  readonly realm?: string;
  /**
   * Maximum size of a request body, compressed as it is sent.
   * @default "8Mi" - the reference node pushes 68 kB of text, 10 kB compressed
   */
  readonly maxBodySize?: Quantity;
  /** Timeout of the backend. @default "60s" */
  readonly timeout?: Duration;
  /**
   * Rate limit per user. It counts users instead of addresses, since carrier NAT hides hundreds of edge nodes
   * behind one address.
   * @default - no limit
   */
  readonly rateLimit?: RateLimit;
  /**
   * Node groups that push as users of their own, so that access can be revoked for one group without the
   * others. The user of a group has its name, such as `north`, and after rotations `north-2`. Other users
   * cannot push, and backends get the group from the guard.
   * @default - all nodes are one group
   */
  readonly groups?: readonly string[];
  /**
   * Authentication of edge nodes: `basicAuth()` or `nodeCertificate()`. Other clients, such as business services, always use a
   * password.
   * @default basicAuth()
   */
  readonly authentication?: Authentication;
  /**
   * With `nodeCertificate()`: refuses nodes that were denied or deleted, and counts refused certificates by reason.
   * @default - every node with a valid certificate may push
   */
  readonly nodeAdmission?: NodeAdmission;
}

type Certificate<K extends string> = Extract<Tls, { readonly [Kind in K]: string }>;

const SECRET = { secretName: { rule: objectName } } satisfies OptionTable<Certificate<'secretName'>>;
const ISSUER = { issuer: { rule: objectName } } satisfies OptionTable<Certificate<'issuer'>>;
const CLUSTER_ISSUER = {
  clusterIssuer: { rule: objectName },
} satisfies OptionTable<Certificate<'clusterIssuer'>>;

const ISSUERS = {
  clusterIssuer: optionsRule<Certificate<'clusterIssuer'>>(CLUSTER_ISSUER),
  issuer: optionsRule<Certificate<'issuer'>>(ISSUER),
};

/** Rule for a certificate that cert-manager issues. */
export const issuedCertificate = oneVariantOf(
  '{ clusterIssuer: "name" } or { issuer: "name" } of cert-manager',
  ISSUERS,
);

const certificate = oneVariantOf(
  '{ secretName }, { issuer } or { clusterIssuer }, each with the name of an object',
  { ...ISSUERS, secretName: optionsRule<Certificate<'secretName'>>(SECRET) },
);

/**
 * The realms that ingress-nginx accepts, which is the strictest controller: for other characters it drops the
 * whole location (`CharsWithSpace` of its `internal/ingress/annotations/parser/validators.go`).
 */
const realm = matches(
  /^(?! )[-A-Za-z0-9._~/: ]+(?<! )$/,
  '1 to 253 letters, digits, spaces and "-", ".", "_", "~", "/", ":", without leading and trailing spaces, such as "Edge push"',
);

/** The options of `BasicAuthIngress`. */
export const INGRESS_OPTIONS = {
  name: { rule: shortDnsLabel(48, 'push') },
  namespace: namespaceOption('cloud'),
  host: { rule: hostName },
  tls: { rule: certificate, derive: ({ name }) => ({ secretName: `${name}-tls` }) },
  usersSecretName: { rule: objectName, derive: ({ name }) => `${name}-users` },
  credentialsSecretName: { rule: objectName, derive: ({ name }) => `${name}-credentials` },
  controller: { rule: ingressController, derive: () => ingressNginx() },
  realm: { rule: realm, default: 'Authentication required' },
  maxBodySize: { rule: quantity, default: '8Mi' },
  timeout: { rule: interval, default: '60s' },
  rateLimit: { rule: rateLimit, default: undefined },
  groups: { rule: groupNames, default: undefined },
  authentication: { rule: authenticationRule, derive: () => basicAuth() },
  nodeAdmission: {
    rule: objectWithFields('a NodeAdmission', 'admissionAddress', 'admissionServer'),
    default: undefined,
  },
} satisfies OptionTable<BasicAuthIngressProps>;

/** The options of a `BasicAuthIngress` with defaults. */
export type IngressOptions = Options<BasicAuthIngressProps, typeof INGRESS_OPTIONS>;
