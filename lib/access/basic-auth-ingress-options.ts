import { namespaceFor } from '../core/cloud-rules';
import { groupNames } from '../core/groups';
import { hostName, interval, matching, objectName, quantity, shortDnsLabel } from '../core/option-rules';
import { type Options, type OptionTable, optionsRule } from '../core/option-table';
import { variants } from '../core/structure-rules';
import type { Duration, Quantity } from '../core/units';
import { type RateLimit, rateLimit } from './guard-options';
import { type IngressController, ingressController, type Tls } from './ingress-controller';
import { ingressNginx } from './ingress-nginx';

/** Properties for `BasicAuthIngress`. */
export interface BasicAuthIngressProps {
  /** Name of the objects, of up to 48 characters: the longest of theirs is this one with `-acme-challenge`. */
  readonly name: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** Public DNS name. */
  readonly host: string;
  /**
   * Where its certificate comes from: a Secret that exists, or an issuer of cert-manager.
   * @default - a Secret with the name and `-tls`, or the certificate of a Gateway that exists
   */
  readonly tls?: Tls;
  /** The Secret that the controller checks users against. @default - the name with `-users` */
  readonly usersSecretName?: string;
  /**
   * The Secret that clients mount, in their namespaces: type `kubernetes.io/basic-auth`, keys
   * `username` and `password`.
   * @default - the name with `-credentials`
   */
  readonly credentialsSecretName?: string;
  /** What serves it: one of the functions of this package, or your own. @default - ingress-nginx as its manifests install it */
  readonly controller?: IngressController;
  /**
   * What a browser shows when it asks for the password: letters, digits, spaces and `- . _ ~ / :`, which every
   * controller takes.
   * @default "Authentication required"
   */
  readonly realm?: string;
  /**
   * Largest body that is let through, as it is sent (compressed).
   * @default "8Mi" - the reference node pushes 68 kB of text, 10 kB compressed
   */
  readonly maxBodySize?: Quantity;
  /** How long the backend may take for an answer. @default "60s" */
  readonly timeout?: Duration;
  /**
   * How often one user may push. It counts users and not addresses: carrier NAT puts hundreds of edges
   * behind one.
   * @default - no limit
   */
  readonly rateLimit?: RateLimit;
  /**
   * Groups of edge nodes that push as users of their own, so that one can be cut off without the others: the
   * user of a group has its name, such as `north`, and after rotations `north-2`. Who is of none may not push,
   * and backends learn the group from the guard.
   * @default - all nodes are one group
   */
  readonly groups?: readonly string[];
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

/** A certificate that cert-manager keeps up to date. */
export const issuedCertificate = variants(
  '{ clusterIssuer: "name" } or { issuer: "name" } of cert-manager',
  ISSUERS,
);

const certificate = variants(
  '{ secretName }, { issuer } or { clusterIssuer }, each with the name of an object',
  { ...ISSUERS, secretName: optionsRule<Certificate<'secretName'>>(SECRET) },
);

/**
 * What ingress-nginx takes for a realm, the strictest of all: it would leave out the whole location for another
 * character (`CharsWithSpace` of its `internal/ingress/annotations/parser/validators.go`).
 */
const realm = matching(
  /^(?! )[-A-Za-z0-9._~/: ]+(?<! )$/,
  '1 to 253 letters, digits, spaces and "-", ".", "_", "~", "/", ":", no space at either end, such as "Edge push"',
);

/** The options of `BasicAuthIngress`. */
export const INGRESS_OPTIONS = {
  name: { rule: shortDnsLabel(48, 'push') },
  namespace: namespaceFor('cloud'),
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
} satisfies OptionTable<BasicAuthIngressProps>;

/** The options of a BasicAuthIngress, with what counts of those that are left out. */
export type IngressOptions = Options<BasicAuthIngressProps, typeof INGRESS_OPTIONS>;
